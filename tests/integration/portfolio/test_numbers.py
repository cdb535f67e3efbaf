"""No number without a receipt: a walk over every public page that finds each digit outside figures and exemptions."""

import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.test import Client

from tests.integration.portfolio.conftest import Site

# What may carry digits without a receipt, each with its reason. Documentation and API reference are out of scope.
EXEMPT = {
    "time": "a date",
    "code": "a name, version, hash or place in code, and what a receipt itself prints",
    "blockquote[cite]": "a quotation with its source",
    "q[cite]": "a quotation within a line, with its source",
    "[data-count]": "the page's own counting",
    "a.figure": "a figure: its link is its receipt",
    "form field": "what a visitor may type or choose",
}
OUT_OF_SCOPE = ("/docs/", "/api/", "/admin/", "/static/", "/card/", "/preview/")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
FIELDS = {"textarea", "select", "option", "output"}
SKIPPED = {"head", "script", "style", "title"}


class Digits(HTMLParser):
    """Collects the words with digits that no exemption covers, and counts what each exemption covered."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, str]] = []
        self.bare: list[str] = []
        self.used: Counter[str] = Counter()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.links.add(str(given["href"]))
        if tag not in VOID:
            self.stack.append((tag, self.exemption(tag, given)))

    def exemption(self, tag: str, given: dict[str, str | None]) -> str:
        if tag in {"time", "code"}:
            return tag
        if tag in {"blockquote", "q"} and "cite" in given:
            return f"{tag}[cite]"
        if "data-count" in given:
            return "[data-count]"
        if tag == "a" and "figure" in (given.get("class") or "").split():
            return "a.figure"
        return "form field" if tag in FIELDS else "skip" if tag in SKIPPED else ""

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        words = re.findall(r"\S*\d\S*", data)
        if not words:
            return
        covers = [cover for _tag, cover in self.stack if cover]
        if not covers:
            self.bare += words
        elif covers[0] != "skip":
            self.used[covers[-1]] += len(words)


def walk(client: Client, start: str = "/", of_a_kind: int = 15) -> tuple[dict[str, list[str]], Counter[str], int]:
    """Every page that links reach from the start: bare numbers by page, exemptions used, pages seen."""
    waiting, seen, bare, used = [start], {start}, {}, Counter[str]()
    kinds: Counter[str] = Counter()  # receipts and filtered lists are alike: a few of each kind are enough
    while waiting:
        url = waiting.pop(0)
        response = client.get(url)
        if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
            continue
        page = Digits()
        page.feed(response.content.decode())
        used += page.used
        if page.bare:
            bare[url] = page.bare
        for link in sorted(page.links):
            target = urlsplit(urljoin(url, link))
            address = target.path + (f"?{target.query}" if target.query else "")
            is_ours = target.netloc == "" and not target.path.startswith(OUT_OF_SCOPE)
            kind = target.path.split("/")[1] + ("?" if target.query else "")
            if is_ours and address not in seen and kinds[kind] < of_a_kind:
                kinds[kind] += 1
                seen.add(address)
                waiting.append(address)
    return bare, used, len(seen)


def test_no_number_without_a_receipt(client: Client, site: Site) -> None:
    bare, used, pages = walk(client)
    assert bare == {}
    assert set(used) <= set(EXEMPT), "an exemption is used that nobody listed"
    assert used["a.figure"] > 0
    assert pages > 40
    print(f"{pages} pages; digits covered by: {dict(used)}")
