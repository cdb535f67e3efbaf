"""Which pages are audited: one of each type that can be reached, so that a new type is audited by itself."""

import re
import urllib.request
from urllib.parse import urlparse

from django.urls import Resolver404, resolve

# Answers for programs, and what a visitor meets only on the way to a page.
NO_PAGES = {"api-schema", "portfolio:progress"}
_FILE = re.compile(r"^/(admin|static|api/v1)/|\.[a-z]+$")


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
    """Type of page (the name of its URL pattern) -> path of its first example, in the sitemap or linked from one."""
    pages: dict[str, str] = {}
    todo = [*sitemap_paths(base), receipt_path(base), "/search/?q=queue", "/evidence/?kind=merge", "/api/"]
    while todo:
        fresh = [path for path in todo if _is_new(path, pages)]
        todo = [link for path in fresh for link in links_of(base, path)]
    return pages


def _is_new(path: str, pages: dict[str, str]) -> bool:
    """Whether a page is the first of its type; it is then remembered under it."""
    try:
        name = resolve(urlparse(path).path).view_name
    except Resolver404:
        return False
    if not path or name in pages or name in NO_PAGES or name.startswith("admin:"):
        return False
    pages[name] = path
    return True


def links_of(base: str, path: str) -> list[str]:
    """The site's own addresses that a page links, files and programs' addresses left out."""
    found = re.findall(r'<a [^>]*href="(/[^"#]*)', fetch(base + path))
    addresses = [address.replace("&amp;", "&") for address in dict.fromkeys(found)]
    return [address for address in addresses if not _FILE.search(urlparse(address).path)]
