"""Which pages are audited: one of each type that the sitemap names, so that a new type is audited by itself."""

import re
import urllib.request
from urllib.parse import urlparse

from django.urls import Resolver404, resolve


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  a loopback address made by the audit
        return str(answer.read().decode())


def sitemap_paths(base: str) -> list[str]:
    """Every path in the sitemap, also through a sitemap index."""
    found: list[str] = []
    todo = ["/sitemap.xml"]
    while todo:
        for location in re.findall(r"<loc>([^<]+)</loc>", fetch(base + todo.pop())):
            path = urlparse(location.replace("&amp;", "&"))
            target = path.path + (f"?{path.query}" if path.query else "")
            (todo if "sitemap" in path.path else found).append(target)
    return found


def receipt_path(base: str, page: str = "/") -> str:
    """The receipt of the first figure on a page; receipts stand in no sitemap."""
    found = re.search(r'<a class="figure" href="([^"]+)"', fetch(base + page))
    return found.group(1).replace("&amp;", "&") if found else ""


def one_of_each(base: str) -> dict[str, str]:
    """Type of page (the name of its URL pattern) -> path of its first example."""
    pages: dict[str, str] = {}
    for path in [*sitemap_paths(base), receipt_path(base), "/search/?q=queue", "/evidence/?kind=merge", "/api/"]:
        if not path:
            continue
        try:
            match = resolve(urlparse(path).path)
        except Resolver404:
            continue
        pages.setdefault(match.view_name, path)
    return pages
