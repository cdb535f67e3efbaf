// One key, one button: a button or link with data-key is pressed by its key, except while somebody types; Escape leaves
// the field.
(function () {
  "use strict";
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    var target = event.target;
    if (event.key === "Escape" && target.blur) {
      target.blur();
      return;
    }
    if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
    var found = document.querySelector('[data-key="' + CSS.escape(event.key.toLowerCase()) + '"]');
    if (!found) return;
    event.preventDefault();
    found.click();
  });
})();
