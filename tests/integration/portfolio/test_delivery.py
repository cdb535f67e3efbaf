"""How pages are delivered: style and theme in the page itself, compression, and pages kept for a few seconds."""

import base64
import gzip
import hashlib
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portfolio.models import Profile
from tests.integration.portfolio.conftest import Site


@pytest.fixture
def kept(settings: Any) -> None:
    settings.ATTEST_PAGE_SECONDS = 60


def queries(client: Client, url: str, **headers: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url, headers=headers).status_code == 200
    return len(captured)


def test_page_is_made_once_for_all_visitors(client: Client, site: Site, kept: None) -> None:
    assert queries(client, "/evidence/overview/") > 0
    assert queries(Client(), "/evidence/overview/") == 0
    first, second = client.get("/"), client.get("/")
    assert first.content == second.content
    assert second["Content-Security-Policy"] == first["Content-Security-Policy"]
    assert second["X-Frame-Options"] == "DENY"
    assert client.head("/").content == b""


def test_kept_page_is_kept_compressed_too(client: Client, site: Site, kept: None) -> None:
    plain = client.get("/")
    packed = [Client().get("/", headers={"Accept-Encoding": "gzip"}) for _ in range(2)]
    assert packed[0].content == packed[1].content, "compressed once"
    assert gzip.decompress(packed[1].content) == plain.content
    assert packed[1]["Content-Encoding"] == "gzip"
    assert int(packed[1]["Content-Length"]) == len(packed[1].content)
    assert "Accept-Encoding" in packed[1]["Vary"]
    assert "Content-Encoding" not in client.get("/")


def test_what_differs_is_kept_apart(client: Client, site: Site, kept: None) -> None:
    client.get("/evidence/")
    assert queries(client, "/evidence/", **{"HX-Request": "true", "HX-Target": "results"}) > 0
    assert b"<html" not in client.get("/evidence/", headers={"HX-Request": "true", "HX-Target": "results"}).content
    assert b"<html" in client.get("/evidence/").content
    assert queries(client, "/evidence/?q=index") > 0
    assert queries(client, "/evidence/?q=index") > 0, "what a visitor asked for is made anew"


def test_owner_and_forms_are_never_kept(client: Client, site: Site, kept: None) -> None:
    Profile.objects.update(published_at=None, published_by=None)  # so that the owner has something left to do
    client.get("/")
    owner = Client()
    owner.force_login(site.owner)
    assert "For you, the owner" in owner.get("/").content.decode()
    assert "For you, the owner" not in Client().get("/").content.decode()
    stamps = {re.search(r'name="stamp" value="([^"]+)"', Client().get("/contact/").content.decode()) for _ in range(2)}
    tokens = {
        re.search(r'csrfmiddlewaretoken" value="([^"]+)"', Client().get("/contact/").content.decode()).group(1)  # type: ignore[union-attr]
        for _ in range(2)
    }
    assert None not in stamps
    assert len(tokens) == 2


def test_missing_page_is_not_kept(client: Client, site: Site, kept: None) -> None:
    assert client.get("/work/later/").status_code == 404
    from portfolio import services
    from tests.factories.portfolio import CaseStudyFactory

    services.publish(document=CaseStudyFactory(slug="later"), actor=site.owner)
    assert client.get("/work/later/").status_code == 200


def test_pages_are_compressed_and_the_api_keeps_its_tags(client: Client, site: Site) -> None:
    page = client.get("/evidence/", headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    assert b"<html" in gzip.decompress(page.content)
    answer = client.get("/api/v1/changes/", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    again = {"Accept-Encoding": "gzip", "If-None-Match": answer["ETag"]}
    assert client.get("/api/v1/changes/", headers=again).status_code == 304


def hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize("url", ["/", "/evidence/", "/nowhere/"])
def test_first_paint_waits_for_no_other_file_and_the_policy_names_what_stands_inside(
    client: Client, site: Site, url: str
) -> None:
    answer = client.get(url)
    html, policy = answer.content.decode(), answer["Content-Security-Policy"]
    [style] = re.findall(r"<style>(.*?)</style>", html, re.S)
    [script] = re.findall(r"<script>(.*?)</script>", html, re.S)
    assert f"style-src 'self' {hash_of(style)}" in policy
    assert f"script-src 'self' {hash_of(script)}" in policy
    assert "@media print" in style
    assert "/*" not in style
    assert style.count("{") == style.count("}")
    assert "localStorage" in script
    assert "//" not in script, "a comment would hide what follows it"
    assert 'rel="stylesheet"' not in html
    assert not [tag for tag in re.findall(r"<script[^>]*src=[^>]*>", html) if "defer" not in tag]


def test_policy_of_the_api_names_no_inline_code(client: Client, site: Site) -> None:
    assert "sha256" not in client.get("/api/v1/changes/")["Content-Security-Policy"]
