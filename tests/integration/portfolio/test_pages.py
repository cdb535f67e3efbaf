"""Every public page: it answers empty and full, within its queries and weight, without anything inline or foreign."""

import html
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analysis.claims.queries import claim_phrases, public_claims
from portfolio.demos.catalogue import CATALOGUE
from portfolio.models import Profile
from portfolio.pages.style import inline as own_head
from tests.integration.portfolio.conftest import Site, make_changes

STANDING = [
    "/", "/work/", "/evidence/", "/repositories/", "/receipts/", "/method/", "/writing/", "/models/", "/models/alerts/",
    "/models/history/", "/router/",
    "/demos/", "/reports/", "/resume/", "/status/", "/docs/", "/about/", "/privacy/", "/colophon/", "/contact/",
    "/search/", "/search/?q=index", "/evidence/?q=index", "/evidence/overview/",
    *[f"/demos/{slug}/" for slug in CATALOGUE],
]  # fmt: skip
FILES = ["/sitemap.xml", "/robots.txt", "/writing/atom.xml", "/writing/feed.json"]
QUERIES, BYTES = 12, 50_000


@pytest.mark.django_db
def test_every_page_of_an_empty_site_answers(client: Client) -> None:
    assert {url: client.get(url).status_code for url in (*STANDING, *FILES)} == dict.fromkeys((*STANDING, *FILES), 200)


def test_every_page_keeps_to_its_queries_and_weight(client: Client, site: Site) -> None:
    over = {}
    own = own_head()
    inside = sum(len(text) for text in (own.style, own.theme, own.script))  # what stands in every page
    for url in (*STANDING, "/work/one-pass/", "/writing/reading-twice/", site.change_url, f"{site.change_url}value/"):
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            response = client.get(url)
        assert response.status_code == 200
        if len(captured) > QUERIES or len(response.content) - inside > BYTES:
            over[url] = (len(captured), len(response.content))
    assert over == {}


def test_list_takes_the_same_queries_for_any_amount(client: Client, site: Site) -> None:
    def queries() -> int:
        client.get("/evidence/")
        with CaptureQueriesContext(connection) as captured:
            client.get("/evidence/")
        return len(captured)

    few = queries()
    make_changes(site.repository, 60)
    assert queries() == few


def test_no_page_has_anything_inline_or_foreign(client: Client, site: Site) -> None:
    for url in (*STANDING, site.change_url, "/work/one-pass/", "/writing/reading-twice/"):
        html = client.get(url).content.decode()
        assert not re.search(r"<[^>]+\sstyle=", html), url
        assert not re.search(r"<[^>]+\son[a-z]+=", html), url
        own = own_head()
        assert html.count(f"<style>{own.style}</style>") == html.count(f"<script>{own.theme}</script>") == 1, url
        html = html.replace(f"<script>{own.theme}</script>", "").replace(f"<style>{own.style}</style>", "")
        html, once = re.subn(rf'<script data-htmx="/static/[^"]+">{re.escape(own.script)}</script>', "", html)
        assert once == 1, url
        assert "<style" not in html, url
        inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", html)
        assert [kind for kind in inline if "ld+json" not in kind] == [], url
        loaded = re.findall(r'<(?:script|img|link rel="(?:stylesheet|icon)")[^>]*(?:src|href)="([^"]+)"', html)
        assert all(address.startswith("/") for address in loaded), url


def test_list_is_complete_without_scripts(client: Client, site: Site) -> None:
    make_changes(site.repository, 50)
    seen: list[str] = []
    url = "/evidence/"
    while url:
        html = client.get(url).content.decode()
        seen += re.findall(r'<p class="title"><a href="([^"]+)"', html)
        found = re.search(r'<a rel="next nofollow" href="([^"]+)"', html)
        url = found.group(1).replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 54


def test_facets_narrow_the_list(client: Client, site: Site) -> None:
    html = client.get("/evidence/?language=Python&kind=merge").content.decode()
    assert "Show all" in html
    assert "Nothing found" in client.get("/evidence/?language=COBOL").content.decode()


def test_list_survives_nonsense(client: Client, site: Site) -> None:
    nonsense = (
        "after=x",
        "after=1.2.3",
        "after=99999999999999999.1",
        "year=abc",
        "q=%00",
        "q=" + "x" * 5000,
        "kind=no",
    )
    assert {query: client.get(f"/evidence/?{query}").status_code for query in nonsense} == dict.fromkeys(nonsense, 200)


def test_hidden_change_is_not_found(client: Client, site: Site) -> None:
    change = site.changes[0]
    change.is_hidden = True
    change.save(update_fields=["is_hidden"])
    assert client.get(site.change_url).status_code == 404
    assert change.title not in client.get("/evidence/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/nothing/", "/evidence/x/y/pull/1/", "/work/none/", "/writing/none/", "/docs/../x/"])
def test_missing_page_helps(client: Client, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 404
    assert "What you can do" in response.content.decode()


def test_owner_sees_what_is_left_and_visitors_do_not(client: Client, site: Site) -> None:
    client.force_login(site.owner)
    assert "For you, the owner" not in client.get("/").content.decode(), "nothing is left to do"
    Profile.objects.update(published_at=None, published_by=None)
    page = client.get("/").content.decode()
    assert "For you, the owner" in page and "Write who you are, and publish it" in page
    client.logout()
    assert "For you, the owner" not in client.get("/").content.decode()


def test_gallery_is_for_staff(client: Client, site: Site) -> None:
    assert client.get("/colophon/components/").status_code == 302
    client.force_login(site.owner)
    assert client.get("/colophon/components/").status_code == 200


def test_running_collection_shows_its_progress(client: Client, site: Site) -> None:
    from tests.factories.collection import CollectionFactory

    CollectionFactory(
        repository=site.repository, state="running", finished_at=None, held={"changes": 9}, stored={"changes": 4}
    )
    html = client.get("/progress/").content.decode()
    assert '<progress class="progress" value="4" max="9"' in html
    assert 'hx-trigger="every 2s"' in client.get("/").content.decode()


def test_home_without_words_of_its_owner_quotes_what_the_changes_say_with_what_it_is_about(
    client: Client, site: Site
) -> None:
    Profile.objects.update(published_at=None, published_by=None)
    cache.clear()
    [claim, *_] = public_claims().filter(direction="better")
    page = client.get("/").content.decode()
    words = re.sub(r"<[^>]+>", "", page.partition("Stated outcomes")[2].partition("A quotation shows")[0])
    phrase = claim_phrases([claim])[claim.pk]
    assert f"“{phrase}”" in html.unescape(words) and len(phrase) > len(claim.quote)
