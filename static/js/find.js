// Search in a copy of the site: every word must stand in a page's title or text; titles count more. No request is made.
(function () {
  "use strict";
  var form = document.getElementById("find");
  var field = document.getElementById("q");
  var results = document.getElementById("results");
  var pages = window.attestIndex;
  if (!form || !field || !results || !pages) return;
  var list = results.innerHTML;
  var lowered = pages.map(function (page) {
    return [page[1].toLowerCase(), page[3].toLowerCase()];
  });

  function score(at, words) {
    var total = 0;
    for (var i = 0; i < words.length; i++) {
      var inTitle = lowered[at][0].indexOf(words[i]) >= 0;
      if (!inTitle && lowered[at][1].indexOf(words[i]) < 0) return 0;
      total += inTitle ? 5 : 1;
    }
    return total + (pages[at][2] === "change" ? 0 : 1);
  }

  function element(name, text, kind) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  // A piece of the text around the first word, with that word marked.
  function excerpt(at, word) {
    var text = pages[at][3];
    var place = lowered[at][1].indexOf(word);
    var line = element("p", "", "excerpt");
    if (place < 0) {
      line.textContent = text.slice(0, 160);
      return line;
    }
    var start = Math.max(0, place - 60);
    line.append((start ? "…" : "") + text.slice(start, place));
    line.append(element("mark", text.slice(place, place + word.length)));
    line.append(text.slice(place + word.length, place + 110) + "…");
    return line;
  }

  function row(at, word) {
    var item = element("li");
    var title = element("p", "", "title");
    var link = element("a", pages[at][1]);
    link.href = form.dataset.root + pages[at][0].split("/").map(encodeURIComponent).join("/");
    title.append(link);
    var meta = element("p", "", "meta");
    meta.append(element("span", pages[at][2]));
    item.append(title, excerpt(at, word), meta);
    return item;
  }

  function show() {
    var words = field.value.toLowerCase().split(/[^\p{L}\p{N}#_.-]+/u).filter(Boolean).slice(0, 12);
    if (!words.length) {
      results.innerHTML = list;
      return;
    }
    var found = [];
    for (var at = 0; at < pages.length; at++) {
      var worth = score(at, words);
      if (worth) found.push([worth, at]);
    }
    found.sort(function (one, two) {
      return two[0] - one[0] || one[1] - two[1];
    });
    results.textContent = "";
    var section = element("section", "", "section");
    section.append(element("h2", found.length ? "Pages" : "Nothing found"));
    var body = element("div", "", "body");
    var entries = element("ul", "", "entries");
    found.slice(0, 30).forEach(function (one) {
      entries.append(row(one[1], words[0]));
    });
    body.append(found.length ? entries : element("p", "No page of this copy has all of these words."));
    section.append(body);
    results.append(section);
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    show();
  });
  field.addEventListener("input", show);
  field.value = new URLSearchParams(window.location.search).get("q") || "";
  show();
})();
