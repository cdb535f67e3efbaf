"""Which address of the site lies at which file of a copy (no database).

A directory's page is written as its ``index.html`` and linked as such, so that a copy opens from a disk as well as
from a server. A list with a query gets a file of its own; where a query only helps to find what the path names
already (a receipt's subject, a card's title), it is left out.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from posixpath import relpath
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

# What needs the running site; links to it lose their target.
LIVE = ("/admin/", "/api/", "/preview/", "/progress/", "/status/", "/healthz", "/readyz", "/metrics", "/card/")
LISTS = "/evidence/"
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the site: its path and, for a list, its query in one fixed order."""

    path: str
    query: str = ""

    @property
    def url(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


def is_live(path: str) -> bool:
    return path.startswith(LIVE) or path.endswith("/compute/")


def address_of(href: str, page: Address, own: frozenset[str]) -> tuple[Address, str] | None:
    """(address, query to ask with) of a link on a page; None for what is not on this site.

    ``own`` are the site's own origins, each with the path that the site stands under.

    In a list one filter is enough: the link of a second one leads to the list with that one alone, since a copy cannot
    hold every combination.
    """
    for prefix in own:
        if href == prefix or href.startswith(f"{prefix}/"):
            href = href[len(prefix) :] or "/"
    target = urlsplit(urljoin(page.url, href))
    if target.scheme or target.netloc:
        return None
    path = unquote(target.path) or "/"
    if path != LISTS:
        return Address(path), target.query
    asked, here = dict(parse_qsl(target.query)), dict(parse_qsl(page.query))
    query = _one_filter(asked, here)
    return Address(path, query), query


def _one_filter(asked: Mapping[str, str], here: Mapping[str, str]) -> str:
    filters = {name: value for name, value in asked.items() if name not in ("after", "q")}
    if len(filters) > 1:
        filters = {name: value for name, value in filters.items() if here.get(name) != value}
        return urlencode(sorted(filters.items())[:1])
    return urlencode(sorted({name: value for name, value in asked.items() if name != "q"}.items()))


def place_of(address: Address) -> str:
    """The file of an address, relative to the copy's folder."""
    path = address.path
    if address.query:
        digest = hashlib.sha256(address.query.encode()).hexdigest()[:16]
        path = f"{path}_lists/{digest}/"
    if path.endswith("/"):
        path += "index.html"
    parts = [_safe(part) for part in path.split("/") if part not in ("", ".", "..")]
    return "/".join(parts)


def _safe(part: str) -> str:
    """A name that a file system takes and a server serves: no control characters, not too long."""
    kept = "".join(c if c.isprintable() and c not in '\\:*?"<>|%#' else "_" for c in part)
    if kept != part or len(kept.encode()) > LONGEST_NAME:
        kept = f"{kept[:80]}-{hashlib.sha256(part.encode()).hexdigest()[:12]}"
    return kept


def relative(place: str, to: str) -> str:
    """The link from one file of the copy to another."""
    folder = place.rpartition("/")[0] or "."
    return quote(relpath(to, folder))
