"""The copy's own search: a small index as a script, read by static/js/find.js, and a plain list without scripts."""

import json
import re
from dataclasses import dataclass
from html import escape, unescape

_MAIN = re.compile(r"<main\b.*?</main>", re.S)
_HEADING = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.S)
_DROPPED = re.compile(r"<(script|style|form|nav)\b.*?</\1>", re.S)
_MARKUP = re.compile(r"<[^>]+>")
_FORM = re.compile(r'<form\b[^>]*role="search".*?</form>', re.S)
_RESULTS = re.compile(r'<div id="results".*?</div>\n', re.S)
KINDS = {
    "work": "case study", "writing": "post", "evidence": "change", "reports": "report", "docs": "documentation",
    "models": "model", "achievements": "achievement",
}  # fmt: skip
LONGEST, LONGEST_CHANGE = 6000, 400
LISTED = ("case study", "post", "achievement", "report", "page")


@dataclass(frozen=True, slots=True)
class Entry:
    """One page that can be found."""

    place: str
    title: str
    kind: str
    text: str


def plain(markup: str) -> str:
    return " ".join(unescape(_MARKUP.sub(" ", _DROPPED.sub(" ", markup))).split())


def entry_of(place: str, html: str) -> Entry:
    """Title and words of a page, as its reader sees them."""
    main = _MAIN.search(html)
    body = main[0] if main else html
    heading = _HEADING.search(body)
    section = place.partition("/")[0]
    kind = KINDS.get(section, "page") if place != f"{section}/index.html" else "page"
    title = plain(heading[1]) if heading else place
    text = plain(body.replace(heading[0], "", 1) if heading else body)
    return Entry(place, title, kind, text[: LONGEST_CHANGE if kind == "change" else LONGEST])


def script(entries: list[Entry]) -> bytes:
    """The index as a script that sets one variable: it works where nothing may be fetched."""
    rows = [[entry.place, entry.title, entry.kind, entry.text] for entry in entries]
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"window.attestIndex = {text};\n".encode()


def page(html: str, entries: list[Entry], link: str, find: str) -> str:
    """The search page with the copy's own form in place of the site's. ``link`` leads to the copy's root."""
    form = (
        '<form class="search wide" role="search" id="find" data-root="' + escape(link) + '"><div class="search-line">'
        '<div class="grow"><label class="visually-hidden" for="q">Words</label>'
        '<input id="q" type="search" name="q" maxlength="200" placeholder="Words" autocomplete="off"></div>'
        '<button class="button">Search</button></div></form>'
    )
    scripts = f'<script src="index.js" defer></script>\n<script src="{escape(find)}" defer></script>\n</head>'
    html = _RESULTS.sub(lambda _: _listing(entries, link) + "\n", html, count=1)
    return html.replace("</head>", scripts, 1).replace("</h1>", "</h1>" + form, 1)


def _listing(entries: list[Entry], link: str) -> str:
    """Every text by its kind: what one reads without scripts, and before anything is typed."""
    parts = ['<div id="results" aria-live="polite">']
    for kind in LISTED:
        rows = sorted((entry for entry in entries if entry.kind == kind), key=lambda entry: entry.title.lower())
        if rows:
            items = "".join(
                f'<li><p class="title"><a href="{escape(link + row.place)}"><q cite="{escape(link + row.place)}">'
                f"{escape(row.title)}</q></a></p></li>"
                for row in rows
            )
            parts.append(f'<section class="section"><h2>{kind.capitalize()}s</h2><div class="body">')
            parts.append(f'<ul class="entries">{items}</ul></div></section>')
    return "".join([*parts, "</div>"]).replace("Case studys", "Case studies")


def without_form(html: str) -> str:
    """The site's search page before the copy's form is put in."""
    return _FORM.sub("", html)
