"""A static copy: served under a path by a plain file server it has no broken and no absolute link."""

import datetime as dt
import functools
import http.server
import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from evidence.models import AuditEntry
from portfolio import services
from portfolio.models import CaseStudy
from portfolio.publishing.copy import export as copying
from portfolio.publishing.copy.folder import FolderRefused
from tests.factories.portfolio import CaseStudyFactory, OwnerFactory, PostFactory
from tests.faults.disks import small_disk
from tests.integration.portfolio.conftest import Site

NOW = dt.datetime(2031, 3, 4, 12, tzinfo=dt.UTC)


class Links(HTMLParser):
    """Every address that a page refers to, and every id on it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.ids: set[str] = set()
        self.forms: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "cite", "action") and value:
                self.found.append((tag, name, value))
            elif name == "id" and value:
                self.ids.add(value)
            assert not name.startswith("hx-"), "a copy has nobody who answers htmx"
        if tag == "form":
            self.forms.append(dict(attrs).get("id") or "")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder for the copy below the root of a plain file server, and its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield tmp_path / "some" / "where", f"http://127.0.0.1:{server.server_port}/some/where/"
    server.shutdown()
    server.server_close()
    thread.join()


def crawl(start: str) -> tuple[dict[str, Links], list[str]]:
    """Every page that links reach, and what is wrong with them."""
    waiting, pages, wrong, checked = [start], {}, [], {start}
    while waiting:
        url = waiting.pop()
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  the server of this test
                media, body = answer.headers.get_content_type(), answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            wrong.append(f"{url}: {error.code}")
            continue
        if media != "text/html":
            continue
        page = pages[url] = Links()
        page.feed(body)
        for tag, name, value in page.found:
            target = urlsplit(value)
            if target.scheme or target.netloc:
                if "copy.invalid" in value:
                    wrong.append(f"{url}: {name}={value} is the site's own address")
                continue
            if value.startswith("/"):
                wrong.append(f"{url}: <{tag} {name}={value}> is absolute")
            whole = urljoin(url, value).partition("#")[0]
            if whole not in checked:
                checked.add(whole)
                waiting.append(whole)
    for url, page in pages.items():
        for _tag, _name, value in page.found:
            target, _, fragment = urljoin(url, value).partition("#")
            if fragment and target in pages and fragment not in pages[target].ids:
                wrong.append(f"{url}: #{fragment} is not on {target}")
    return pages, wrong


@pytest.fixture
def texts(db: None) -> Any:
    """A site of texts alone: quick to copy."""
    owner = OwnerFactory()
    for document in (CaseStudyFactory(slug="one-pass"), PostFactory(slug="reading-twice")):
        services.publish(document=document, actor=owner)
    return owner


def test_no_link_of_a_copy_is_broken_or_absolute(site: Site, served: tuple[Path, str]) -> None:
    folder, address = served
    counts = services.export_site(folder=folder, actor=site.owner)
    pages, wrong = crawl(address + "index.html")
    assert wrong == []
    names = {urlsplit(url).path.removeprefix("/some/where/") for url in pages}
    for expected in ("work/one-pass/index.html", "writing/reading-twice/index.html", site.change_url[1:] + "index.html",
                     "method/index.html", "resume/index.html", "docs/index.html", "search/index.html"):  # fmt: skip
        assert expected in names
    assert any(name.startswith("receipts/") and len(name) > 80 for name in names), "receipts are part of it"
    on_disk = {str(path.relative_to(folder)) for path in folder.rglob("*.html")}
    assert on_disk == names - {""} and counts.pages == len(on_disk) > 60
    left = [path for path in folder.rglob("*") if path.is_file() and b"copy.invalid" in path.read_bytes()]
    assert left == [], "the place-holder of an unknown address is left"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert AuditEntry.objects.filter(action="portfolio.export_site").count() == 1


def test_what_needs_the_running_site_says_so_and_feeds_lead_into_the_copy(texts: Any, tmp_path: Path) -> None:
    services.export_site(folder=tmp_path, actor=texts)
    contact = (tmp_path / "contact/index.html").read_text()
    assert "<form" not in contact and "needs the running site" in contact and "This is a copy" in contact
    assert "django_htmx" not in contact and 'name="htmx' not in contact and "/status/" not in contact
    assert not (tmp_path / "admin").exists()
    atom = tmp_path / "writing/atom.xml"
    feed = ElementTree.parse(atom)
    space = "{http://www.w3.org/2005/Atom}"
    assert all(found.text.startswith("urn:uuid:") for found in feed.iter(f"{space}id") if found.text)
    for link in feed.iter(f"{space}link"):
        assert (atom.parent / link.attrib["href"]).resolve().is_file()
    item = json.loads((tmp_path / "writing/feed.json").read_text())["items"][0]
    assert (atom.parent / item["url"]).resolve() == (tmp_path / "writing/reading-twice/index.html").resolve()
    assert not (tmp_path / "sitemap.xml").exists()
    assert "Sitemap" not in (tmp_path / "robots.txt").read_text()


def test_with_a_known_address_feeds_and_sitemap_name_it(texts: Any, tmp_path: Path) -> None:
    services.export_site(folder=tmp_path, actor=texts, origin="https://ada.example/folio/")
    locations = re.findall("<loc>(.*?)</loc>", (tmp_path / "sitemap.xml").read_text())
    assert "https://ada.example/folio/work/one-pass/" in locations
    assert "https://ada.example/folio/sitemap.xml" in (tmp_path / "robots.txt").read_text()
    page = (tmp_path / "work/one-pass/index.html").read_text()
    assert '<link rel="canonical" href="https://ada.example/folio/work/one-pass/">' in page
    assert "<style>" in page
    assert "https://ada.example/folio/writing/reading-twice/" in (tmp_path / "writing/atom.xml").read_text()


def test_a_second_copy_takes_the_place_of_the_first(texts: Any, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    copying.export(target, now=NOW)
    first = {path.relative_to(target): path.read_bytes() for path in target.rglob("*") if path.is_file()}
    (target / "stale.html").write_text("gone")
    copying.export(target, now=NOW)
    assert {path.relative_to(target): path.read_bytes() for path in target.rglob("*") if path.is_file()} == first


def test_a_folder_with_something_else_is_refused_and_left_alone(texts: Any, tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(FolderRefused, match="holds something else"):
        copying.export(tmp_path, now=NOW)
    with pytest.raises(CommandError, match="is no folder"):
        call_command("export_site", str(tmp_path / "letters.txt"), stderr=StringIO())
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_a_full_disk_leaves_nothing_half_and_the_earlier_copy_whole(texts: Any, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "300k") as disk:
        target = disk.path / "copy"
        target.mkdir()
        (target / "export.json").write_text("{}")
        with pytest.raises(CommandError, match=r"No space left.*Nothing was written.*Free some space"):
            call_command("export_site", str(target), stderr=StringIO())
        assert sorted(path.name for path in disk.path.rglob("*")) == ["copy", "export.json"]


def test_a_page_that_fails_ends_the_export_and_is_named(
    texts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, path: str, query: str = "") -> copying.Answer:
        answer = original(self, path, query)  # type: ignore[arg-type]
        return copying.Answer(500, "text/html", b"") if path == "/work/one-pass/" else answer

    original = copying.Site.ask
    monkeypatch.setattr(copying.Site, "ask", broken)
    with pytest.raises(copying.ExportFailed, match="500 to /work/one-pass/"):
        copying.export(tmp_path / "copy", now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_what_vanishes_while_it_runs_is_left_out_without_a_broken_link(
    texts: Any, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanishing(self: object, path: str, query: str = "") -> copying.Answer:
        if path == "/work/":
            services.withdraw(document=CaseStudy.objects.get(), actor=texts)
        return original(self, path, query)  # type: ignore[arg-type]

    original = copying.Site.ask
    monkeypatch.setattr(copying.Site, "ask", vanishing)
    folder, address = served
    copying.export(folder, now=NOW)
    _pages, wrong = crawl(address + "index.html")
    assert wrong == []
    assert not (folder / "work/one-pass").exists()


def test_command_shows_its_progress_and_refuses_a_wrong_origin(texts: Any, tmp_path: Path) -> None:
    out, err = StringIO(), StringIO()
    call_command("export_site", str(tmp_path / "copy"), stdout=out, stderr=err)
    assert re.match(r"\d+ pages and \d+ files, [\d.]+ MB, in ", out.getvalue())
    assert re.search(r"writing pages (\d+) of \1", err.getvalue())
    with pytest.raises(CommandError, match="https://host"):
        call_command("export_site", str(tmp_path / "other"), "--origin", "ada.example")
