"""What a page elsewhere says: its links, its title, and where it takes notices (no Django here)."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from evidence import outside
from evidence.redaction import redact

MOST_REDIRECTS = 5
TOTAL_SECONDS, MAX_BYTES = 15.0, 1_000_000
LONGEST_TITLE = 200
_LINKING = {"href", "src", "cite", "data"}
_LINK = re.compile(r"\s*<([^<>]*)>([^<]*)")
_REL = re.compile(r"""(?:^|;)\s*rel\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;,]+))""", re.I)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ue000-\uf8ff]+")


class Unreadable(Exception):
    """The page cannot be read; the message says why."""


class Gone(Unreadable):
    """The page says that it exists no more (404 or 410)."""


@dataclass
class Page:
    """An HTML page as far as mentions need it. `url` is where it was in the end found; addresses are absolute."""

    url: str
    title: str = ""
    addresses: set[str] = field(default_factory=set)
    endpoint: str = ""


def client(policy: outside.Policy, agent: str) -> httpx.Client:
    """A client that names this site, as the recommendation asks of whoever fetches."""
    return outside.client(policy, headers={"User-Agent": f"Attest Webmention ({agent})", "Accept": "text/html"})


def fetch(asked: httpx.Client, url: str) -> Page:
    """The page at an address, after at most five redirects, each judged like the first.

    Raises Gone, Unreadable for what is no HTML page, and httpx.HTTPError for what may be tried again later.
    """
    deadline = time.monotonic() + TOTAL_SECONDS
    for _ in range(MOST_REDIRECTS + 1):
        try:
            answer = asked.get(url, extensions={"deadline": deadline})
        except (outside.Refused, outside.TooLarge, httpx.InvalidURL) as error:
            raise Unreadable(str(error)) from error
        if not answer.has_redirect_location:
            return _page(answer)
        url = urljoin(url, answer.headers["location"])
    raise Unreadable(f"it redirects more than {MOST_REDIRECTS} times")


def _page(answer: httpx.Response) -> Page:
    if answer.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
        raise Gone(f"it answers {answer.status_code}")
    if answer.is_server_error:
        answer.raise_for_status()
    if not answer.is_success:
        raise Unreadable(f"it answers {answer.status_code}")
    url, kind = str(answer.url), answer.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
    if kind not in ("text/html", "application/xhtml+xml"):
        raise Unreadable(f"it is no HTML page but {kind[:60]}")
    page = read(url, answer.text)
    page.endpoint = _endpoint_of_headers(url, answer.headers.get_list("link")) or page.endpoint
    return page


def read(url: str, html: str) -> Page:
    """A page from its HTML: every address that an element links to, the title, the first endpoint that is named."""
    reader = _Reader(url)
    reader.feed(html)
    reader.close()
    reader.page.title = redact(" ".join(_UNSEEN.sub(" ", "".join(reader.words)).split())).text[:LONGEST_TITLE]
    return reader.page


class _Reader(HTMLParser):
    """Comments and scripts are no elements, so that a link in one is no link."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page(url)
        self.words: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "title" and not self.words:
            self._in_title = True
        for name in _LINKING & given.keys():
            self.page.addresses.add(_joined(self.page.url, given[name] or ""))
        rels = (given.get("rel") or "").lower().split()
        if tag in ("link", "a") and "webmention" in rels and given.get("href") is not None and not self.page.endpoint:
            self.page.endpoint = _joined(self.page.url, given["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.words.append(data)


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address.strip())
    except ValueError:  # such as an unclosed bracket where a host should be
        return ""


def _endpoint_of_headers(url: str, headers: list[str]) -> str:
    for address, parameters in (found for header in headers for found in _LINK.findall(header)):
        rel = _REL.search(parameters)
        if rel and "webmention" in (rel[1] or rel[2] or rel[3] or "").lower().split():
            return _joined(url, address)
    return ""
