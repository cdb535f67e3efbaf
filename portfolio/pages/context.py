"""What every page knows: the name of the site, its origin and where one can go."""

from functools import cache

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from portfolio.queries import shown_profile

MAIN = (
    ("Work", "portfolio:work"),
    ("Evidence", "portfolio:evidence"),
    ("Method", "portfolio:method"),
    ("Writing", "portfolio:writing"),
    ("Models", "portfolio:models"),
    ("Demos", "portfolio:demos"),
    ("Résumé", "portfolio:resume"),
    ("Search", "portfolio:search"),
)
FOOT = (
    (
        "Proof",
        (
            ("Evidence", "portfolio:evidence"),
            ("What landed", "portfolio:overview"),
            ("Repositories", "portfolio:repositories"),
            ("Receipts", "portfolio:receipts"),
            ("Reports", "portfolio:reports"),
        ),
    ),
    (
        "Machine room",
        (
            ("Models", "portfolio:models"),
            ("Router", "portfolio:router"),
            ("Status", "portfolio:status"),
            ("Documentation", "portfolio:docs"),
            ("API", "api-reference"),
        ),
    ),
    (
        "This site",
        (
            ("About", "portfolio:about"),
            ("Contact", "portfolio:contact"),
            ("Privacy", "portfolio:privacy"),
            ("Colophon", "portfolio:colophon"),
        ),
    ),
    ("Follow", (("Atom", "portfolio:atom"), ("JSON Feed", "portfolio:json-feed"))),
)

FEEDS = (
    {"type": "application/atom+xml", "label": "Writing, Atom", "url": "/writing/atom.xml"},
    {"type": "application/feed+json", "label": "Writing, JSON Feed", "url": "/writing/feed.json"},
)


@cache
def _links(which: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    found = []
    for label, name in which:
        try:
            found.append((label, reverse(name)))
        except NoReverseMatch:
            continue  # a page of a later part that this build does not have
    return tuple(found)


def _current(url: str, path: str) -> str:
    if path == url:
        return "page"
    return "true" if url != "/" and path.startswith(url) else ""


def origin(request: HttpRequest) -> str:
    """Scheme and host for absolute addresses: a copy's own, the configured one, else the one that was asked."""
    known: str = getattr(request, "copy_origin", "") or getattr(settings, "ATTEST_ORIGIN", "")
    try:
        return known or request.build_absolute_uri("/").rstrip("/")
    except DisallowedHost:  # the page that says so must not fail in its turn
        return ""


def site(request: HttpRequest) -> dict[str, object]:
    """Template context `site`; one query, for the profile."""
    person = shown_profile()
    name = person.name or "Attest"

    def menu(which: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
        return [{"label": label, "url": url, "current": _current(url, request.path)} for label, url in _links(which)]

    main, foot = menu(MAIN), [(title, menu(links)) for title, links in FOOT]
    everywhere = [*main, *(item for _title, items in foot for item in items)]
    return {
        "site": {
            "name": name,
            "here": next((item["label"] for item in everywhere if item["current"] == "page"), ""),
            "person": person,
            "description": (
                f"{person.name}, {person.role}."
                if person.name and person.role
                else "A portfolio that can prove itself."
            ),
            "origin": origin(request),
            "main_nav": main,
            "foot_nav": foot,
            "feeds": FEEDS,
            "copied_at": getattr(request, "copied_at", None),
        }
    }
