"""Make a copy: follow the site's own links from its first page, then write every page with its links made relative.

Two passes, so that a link knows whether its target is there: the first asks the site and keeps what it says as it is,
the second rewrites. Memory holds addresses and the words of the index, never the pages.
"""

import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from portfolio.publishing.copy import folder, rewrite, words
from portfolio.publishing.copy.places import Address, address_of, is_live, place_of, relative
from portfolio.publishing.copy.visit import NOWHERE, Answer, Site
from portfolio.publishing.derived import keeping

Progress = Callable[[int, int | None, str], None]
SEARCH, FIND = Address("/search/"), "js/find.js"
ROOTS = ("/", "/search/", "/robots.txt")
_LOCATION = re.compile(r"<loc>([^<]*)</loc>")


class ExportFailed(RuntimeError):
    """A page could not be made, so there is no copy; the message names it."""


@dataclass(slots=True)
class Counts:
    """What a copy holds."""

    pages: int = 0
    files: int = 0
    size: int = 0
    without_target: int = 0


@dataclass(slots=True)
class _Copy:
    """The work on one copy: what is known of each address, and what still waits."""

    site: Site
    root: Path
    origin: str
    own: frozenset[str]
    progress: Progress
    places: dict[Address, str] = field(default_factory=dict)
    media: dict[str, tuple[Address, str]] = field(default_factory=dict)
    waiting: deque[tuple[Address, str]] = field(default_factory=deque)
    seen: set[Address] = field(default_factory=set)
    statics: dict[str, bool] = field(default_factory=dict)
    entries: list[words.Entry] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


def export(target: Path, *, now: datetime, origin: str = "", progress: Progress = lambda *_: None) -> Counts:
    """Write a copy of the published site to ``target``.

    ``origin`` is the address at which the copy will stand, if it is known: feeds, sitemap and canonical links name it;
    without it every link is relative and there is no sitemap. Raises FolderRefused, ExportFailed and OSError; then
    nothing is written.
    """
    configured = getattr(settings, "ATTEST_ORIGIN", "")
    own = frozenset(url for url in (NOWHERE, origin, configured) if url)
    with folder.whole(target) as root, keeping():
        copy = _Copy(Site(origin, now), root, origin, own, progress)
        _read(copy)
        _static(copy, FIND)
        _rewrite(copy)
        about: dict[str, object] = {"made_at": now.isoformat(), "pages": copy.counts.pages, "origin": origin}
        folder.write_manifest(root, about)
    return copy.counts


def _read(copy: _Copy) -> None:
    """Pass one: ask for everything that can be reached, breadth first."""
    sitemap = copy.site.ask("/sitemap.xml").body.decode()
    listed = [unescape(found) for found in _LOCATION.findall(sitemap)]
    for href in (*ROOTS, *listed, *(["/sitemap.xml"] if copy.origin else [])):
        found = address_of(href, Address("/"), copy.own)
        if found:
            _want(copy, *found)
    while copy.waiting:
        address, query = copy.waiting.popleft()
        answer = copy.site.ask(address.path, query)
        if answer.status in (301, 302, 307, 308):
            _follow(copy, address, answer)
        elif answer.status in (200, 410):
            _keep(copy, address, answer)
        elif answer.status >= 500:
            raise ExportFailed(f"The site answers {answer.status} to {address.url}; mend that page and export again.")
        copy.progress(len(copy.media), len(copy.seen), "reading pages")


def _want(copy: _Copy, address: Address, query: str) -> None:
    if address not in copy.seen and not is_live(address.path):
        copy.seen.add(address)
        copy.waiting.append((address, query))


def _follow(copy: _Copy, address: Address, answer: Answer) -> None:
    """A redirection is another name of its target."""
    found = address_of(answer.location, address, copy.own)
    if found and not is_live(found[0].path):
        copy.places[address] = place_of(found[0])
        _want(copy, *found)


def _keep(copy: _Copy, address: Address, answer: Answer) -> None:
    place = place_of(address)
    copy.places[address] = place
    copy.media[place] = (address, answer.media.partition(";")[0])
    folder.write(copy.root, place, answer.body)
    if copy.media[place][1] != "text/html":
        return

    def note(href: str) -> str:
        found = address_of(href, address, copy.own)
        if found and found[0].path.startswith(settings.STATIC_URL):
            _static(copy, found[0].path.removeprefix(settings.STATIC_URL))
        elif found:
            _want(copy, *found)
        return href

    rewrite.page(answer.body.decode(), note, keep_origin=True, search="")


def _static(copy: _Copy, name: str) -> None:
    if name not in copy.statics:
        content = copy.site.static(name)
        copy.statics[name] = content is not None
        if content is not None:
            folder.write(copy.root, f"static/{name}", content)


def _rewrite(copy: _Copy) -> None:
    """Pass two: every page and feed with its links; the search page last, since it lists the others."""
    for done, (place, (address, media)) in enumerate(copy.media.items(), start=1):
        if address != SEARCH:
            _write(copy, place, address, media)
        copy.progress(done, len(copy.media), "writing pages")
    place = place_of(SEARCH)
    html = words.without_form((copy.root / place).read_text(encoding="utf-8"))
    html = rewrite.page(html, _resolver(copy, SEARCH, place), keep_origin=bool(copy.origin), search="")
    html = words.page(html, copy.entries, "../", relative(place, f"static/{FIND}"))
    folder.write(copy.root, place, html.replace(NOWHERE, "").encode())
    folder.write(copy.root, "search/index.js", words.script(copy.entries).replace(NOWHERE.encode(), b""))
    copy.counts.pages += 1
    copy.counts.files += 2


def _write(copy: _Copy, place: str, address: Address, media: str) -> None:
    path, resolve, known = copy.root / place, _resolver(copy, address, place), bool(copy.origin)
    if media == "text/html":
        html = path.read_text(encoding="utf-8")
        if not address.query and not address.path.startswith("/receipts/"):
            copy.entries.append(words.entry_of(place, html))
        html = rewrite.page(html, resolve, keep_origin=known, search=relative(place, place_of(SEARCH)))
        path.write_text(html.replace(NOWHERE, ""), encoding="utf-8")  # an address in a text keeps its path
        copy.counts.pages += 1
    elif media == "application/atom+xml":
        path.write_text(rewrite.atom(path.read_text("utf-8"), resolve, keep_origin=known), encoding="utf-8")
    elif media in ("application/json", "application/feed+json") and copy.site.origin.encode() in path.read_bytes():
        value = rewrite.data(json.loads(path.read_text("utf-8")), resolve, "" if known else NOWHERE)
        path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    elif address.path == "/robots.txt" and not known:
        lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("Sitemap:")]
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    copy.counts.files += 1
    copy.counts.size += path.stat().st_size


def _resolver(copy: _Copy, page: Address, place: str) -> rewrite.Resolve:
    """How a link on this page is written in the copy."""

    def resolve(href: str) -> str | None:
        if href.startswith("#"):
            return href
        found = address_of(href, page, copy.own)
        if found is None:
            return href
        path = found[0].path
        name = path.removeprefix(settings.STATIC_URL) if path.startswith(settings.STATIC_URL) else ""
        target = f"static/{name}" if name and copy.statics.get(name) else copy.places.get(found[0])
        if target is None or (not name and target not in copy.media):
            copy.counts.without_target += 1
            return None
        fragment = urlsplit(href).fragment
        return relative(place, target) + (f"#{fragment}" if fragment else "")

    return resolve
