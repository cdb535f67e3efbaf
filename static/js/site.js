// What the pages gain where scripts run: the theme toggle, receipts that unfold and fold, a tidy back button.
(function () {
  "use strict";
  var root = document.documentElement;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");

  function shownTheme() {
    return root.dataset.theme || (dark.matches ? "dark" : "light");
  }

  function label(button) {
    button.textContent = shownTheme() === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", "Switch to the " + button.textContent.toLowerCase() + " theme");
  }

  var toggle = document.querySelector("[data-theme-toggle]");
  if (toggle) {
    toggle.hidden = false;
    label(toggle);
    toggle.addEventListener("click", function () {
      var next = shownTheme() === "dark" ? "light" : "dark";
      var system = dark.matches ? "dark" : "light";
      if (next === system) delete root.dataset.theme;
      else root.dataset.theme = next;
      try {
        if (next === system) localStorage.removeItem("theme");
        else localStorage.setItem("theme", next);
      } catch (error) {
        // The choice then lasts for this page only.
      }
      label(toggle);
    });
    dark.addEventListener("change", function () {
      label(toggle);
    });
  }

  // htmx saves a reload where a page has forms or parts that it may fetch; everything works without it. It comes once
  // the page stands, so that it holds nothing up, and then hears what was typed before. Resolves when it is there, or
  // cannot be.
  var source = document.currentScript.dataset.htmx;
  var coming = null;
  function quicken() {
    coming = coming || new Promise(function (resolve) {
      if (!source) return resolve();
      var script = document.createElement("script");
      script.src = source;
      script.addEventListener("error", resolve);
      script.addEventListener("load", function () {
        document.querySelectorAll("[hx-get] input[type=search]").forEach(function (input) {
          if (input.value !== input.defaultValue) input.dispatchEvent(new Event("input", { bubbles: true }));
        });
        resolve();
      });
      // It looks for its work once, when it comes after the page is complete.
      if (document.readyState === "complete") document.head.append(script);
      else window.addEventListener("load", document.head.append.bind(document.head, script));
    });
    return coming;
  }
  window.addEventListener("load", function () {
    if (!document.querySelector("[hx-get], [hx-post]")) return;
    requestAnimationFrame(function () {
      setTimeout(quicken);
    });
  });

  function fold(figure) {
    var slip = document.getElementById(figure.getAttribute("aria-controls"));
    if (slip) slip.remove();
    figure.removeAttribute("aria-expanded");
    figure.removeAttribute("aria-controls");
  }

  // A slip that is no part of a sentence gets a line of its own under the row of a ledger or a table.
  function line(tag, className, slip) {
    var holder = document.createElement(tag);
    holder.className = className;
    holder.append(slip);
    return holder;
  }

  // A figure's link leads to its receipt's page; here its slip is fetched and laid at the end of its own block.
  function place(figure, html) {
    var row = figure.closest(".ledger > div");
    var cells = row ? null : figure.closest("tr");
    var block = row || figure.closest("td, dd, li, p, figcaption, .slip-place") || figure.parentElement;
    var holder = document.createElement("template");
    holder.innerHTML = html;
    var slip = holder.content.querySelector(".slip");
    if (!slip) {
      window.location.assign(figure.href);
      return;
    }
    if (row) {
      slip = line("dd", "slip-row", slip);
    } else if (cells) {
      var cell = line("td", "", slip);
      cell.colSpan = cells.cells.length;
      slip = line("tr", "slip-line", cell);
    }
    slip.id = "slip-" + Math.random().toString(36).slice(2);
    if (cells) cells.after(slip);
    else block.append(slip);
    figure.setAttribute("aria-expanded", "true");
    figure.setAttribute("aria-controls", slip.id);
    if (window.htmx) window.htmx.process(slip);
  }

  document.addEventListener("click", function (event) {
    var figure = event.target.closest("a.figure");
    if (!figure || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (figure.getAttribute("aria-expanded")) {
      fold(figure);
      return;
    }
    var slip = fetch(figure.href, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).then(
      function (response) {
        if (!response.ok) throw new Error(response.status);
        return response.text();
      }
    );
    Promise.all([slip, quicken()])
      .then(function (found) {
        place(figure, found[0]);
      })
      .catch(function () {
        window.location.assign(figure.href);
      });
  });

  // A form that htmx sends and that gets no answer says so where the answer would stand.
  ["htmx:responseError", "htmx:sendError"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (!event.detail.elt.matches("form") || !event.detail.target) return;
      var notice = document.createElement("p");
      notice.className = "notice";
      notice.textContent = "The server did not answer this. Please try again in a moment.";
      event.detail.target.replaceChildren(notice);
    });
  });

  // A slider says where it stands.
  document.addEventListener("input", function (event) {
    var output = event.target.type === "range" && event.target.parentElement.querySelector("output");
    if (output) output.textContent = event.target.value;
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var open = document.querySelectorAll("a.figure[aria-expanded]");
    if (!open.length) return;
    var last = open[open.length - 1];
    fold(last);
    last.focus();
  });
})();
