// Runs in the head, before the first paint, so that a chosen theme never flashes. Without a choice the system decides.
(function () {
  "use strict";
  try {
    var chosen = localStorage.getItem("theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch (error) {
    // Storage may be forbidden: the system's theme stands.
  }
})();
