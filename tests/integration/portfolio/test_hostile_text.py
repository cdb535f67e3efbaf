"""Text from outside is data: a corpus of attacks through every field that reaches a page."""

import re
import time
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.test import Client

from analysis import services as analysis
from portfolio import services
from portfolio.models import Post
from portfolio.pages.style import inline
from portfolio.publishing import markdown
from tests.factories.collection import (
    ChangeContributorFactory,
    ChangedFileFactory,
    ChangeFactory,
    ChangeTextFactory,
    ContributorFactory,
    RepositoryFactory,
)
from tests.factories.portfolio import CaseStudyFactory, OwnerFactory, PositionFactory, PostFactory, ProfileFactory

CORPUS = [
    "<script>alert(document.domain)</script>",
    "<img src=x onerror=alert(document.domain)>",
    "<svg/onload=alert(document.domain)>",
    "<svg><animate onbegin=alert(document.domain) attributeName=x dur=a></svg>",
    "\"><script>alert(document.domain)</script>",
    "' autofocus onfocus=alert(document.domain) x='",
    "</title><script>alert(document.domain)</script>",
    "</script><script>alert(document.domain)</script>",
    "<a href=\"javascript:alert(document.domain)\">x</a>",
    "[x](javascript:alert(document.domain))",
    "[x](JaVaScRiPt:alert(document.domain))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(document.domain))",
    "[x](vbscript:msgbox)",
    "<javascript:alert(document.domain)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(document.domain)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(document.domain)>\">",
    "<iframe srcdoc='<script>alert(document.domain)</script>'></iframe>",
    "<form><button formaction=javascript:alert(document.domain)>x",
    "<details open ontoggle=alert(document.domain)>",
    "<style>@import '//evil.example/x.css';</style>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "{{ request.META }} {% debug %}",
    "[[figure <script> <script>]]",
    "\u202egnp.exe\u202c \u200b\u2066",
    "```html\n<script>alert(document.domain)</script>\n```",
    "[x]: javascript:alert(document.domain)\n\n[x]",
]  # fmt: skip


class Dangers(HTMLParser):
    """Finds what would run or load: elements, handlers and addresses that the templates never write."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {
            "iframe",
            "object",
            "embed",
            "base",
            "style",
            "math",
            "animate",
            "form" if "formaction" in given else "",
        }:
            self.found.append(tag)
        if (
            tag == "script"
            and given.get("type") != "application/ld+json"
            and not (given.get("src") or "").startswith("/")
        ):
            self.found.append(f"script {given}")
        if tag == "meta" and "http-equiv" in given:
            self.found.append("meta refresh")
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "srcdoc", "formaction"}:
                self.found.append(f"{tag} {name}")
            scheme = (value or "").strip().lower().replace("\t", "").replace("\n", "")
            if name in {"href", "src", "action", "cite"} and scheme.startswith(("javascript:", "vbscript:", "data:")):
                self.found.append(f"{tag} {name}={value}")


def dangers(html: str) -> list[str]:
    parser = Dangers()
    own = inline()
    for text in (own.theme, own.script, own.style):
        element = rf'<(script|style)(?: data-htmx="/static/[^"]+")?>{re.escape(text)}</\1>'
        html = re.sub(element, "", html, count=1)
    parser.feed(html)
    return parser.found


@pytest.fixture
def hostile(db: None) -> list[str]:
    """The corpus in every field; the pages where it comes out."""
    owner, everything = OwnerFactory(), "\n\n".join(CORPUS)
    repository = RepositoryFactory(key="example.org/h/r", name="<b onclick=x>h</b>/r", licence="<i>")
    change = ChangeFactory(repository=repository, title=" ".join(CORPUS), body=everything, language="<svg/onload=x>")
    ChangeTextFactory(change=change, kind="title", text=change.title)
    ChangeTextFactory(
        change=change, kind="body", text=everything + "\nNow 80 ms instead of 420 ms <img src=x onerror=y>."
    )
    ChangedFileFactory(change=change, path="<img src=x onerror=alert(1)>.py")
    person = ContributorFactory(display_name="<script>alert(1)</script>")
    ChangeContributorFactory(change=change, contributor=person, role="author")
    analysis.compute_facts(repository_id=repository.pk)
    analysis.extract_claims(repository_id=repository.pk)
    body = "\n\n".join(text for text in CORPUS if not markdown.bare_numbers(text) and "[[" not in text)
    post = PostFactory(slug="h", title="<script>x</script>", summary='"><svg/onload=x>', body=body, tags=["a"])
    services.publish(document=post, actor=owner)
    services.publish(document=CaseStudyFactory(slug="h", context=body, technologies=["<b onclick=x>"]), actor=owner)
    services.publish_profile(profile=ProfileFactory(name="</title><script>x</script>", statement=body), actor=owner)
    PositionFactory(title="<script>x</script>", summary=body)
    cache.clear()
    return [
        "/", "/evidence/", f"/evidence/{repository.key}/pull/{change.number}/", "/repositories/", "/writing/",
        "/writing/h/", "/work/", "/work/h/", "/resume/", "/about/", "/search/?q=alert", "/writing/tags/a/",
        f"/evidence/{repository.key}/pull/{change.number}/value/",
    ]  # fmt: skip


def test_nothing_from_outside_runs_on_any_page(client: Client, hostile: list[str]) -> None:
    found = {}
    for url in hostile:
        response = client.get(url)
        assert response.status_code == 200, url
        if dangers(response.content.decode()):
            found[url] = dangers(response.content.decode())
    assert found == {}


def test_nothing_from_an_address_runs(client: Client, hostile: list[str]) -> None:
    for text in CORPUS:
        for url, field in (("/search/", "q"), ("/evidence/", "q"), ("/evidence/", "author"), ("/evidence/", "after")):
            response = client.get(url, {field: text})
            assert response.status_code == 200
            assert dangers(response.content.decode()) == []


def test_nothing_typed_into_a_demo_runs(client: Client, db: None) -> None:
    everything = "\n".join(CORPUS)
    for slug, fields in (
        ("claims", ["text"]),
        ("types", ["title", "paths"]),
        ("compare", ["title"]),
        ("receipt", ["receipt"]),
    ):
        response = client.post(f"/demos/{slug}/", dict.fromkeys(fields, everything))
        assert response.status_code in {200, 422}
        assert dangers(response.content.decode()) == []


def test_feeds_stay_well_formed(client: Client, hostile: list[str]) -> None:
    import xml.etree.ElementTree as ET

    ET.fromstring(client.get("/writing/atom.xml").content)
    ET.fromstring(client.get("/sitemap.xml").content)
    assert client.get("/writing/feed.json").json()["items"][0]["title"] == "<script>x</script>"


def test_search_takes_operators_quotes_and_length_as_words(client: Client, hostile: list[str]) -> None:
    for text in ('"', '""', "a OR b NEAR(", "*", "' OR 1=1 --", "title:x", "\x00", "x" * 10_000, "^a - b", '"a b'):
        answer = client.get("/search/", {"q": text})
        assert answer.status_code == 200
        assert (b"<h2>Too long</h2>" in answer.content) is (len(text) > 200), text[:20]


def test_a_megabyte_renders_in_time_and_stays_inert(db: None) -> None:
    started = time.process_time()
    html = markdown.render("<img src=x onerror=y> " * 45_000 + "[" * 3000 + "*" * 3000).html
    assert time.process_time() - started < 20
    assert dangers(str(html)) == []


def test_bidirectional_and_invisible_characters_are_taken_out() -> None:
    html = str(markdown.render("a\u202eb\u200bc\u2066d").html)
    assert "abcd" in html


def test_slugs_that_collide_are_refused(db: None) -> None:
    from django.db import IntegrityError, transaction

    PostFactory(slug="same")
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(slug="same", title="Other")
