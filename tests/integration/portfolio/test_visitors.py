"""What visitors do: search, write, play with the demos, subscribe, take the résumé along."""

import datetime as dt
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from analysis import queries as analysis
from portfolio import services
from portfolio.demos import health
from portfolio.models import ContactMessage, Demo, PageCount
from portfolio.pages.contact import PER_HOUR, SALT
from portfolio.pages.counting import CountViews
from tests.integration.portfolio.conftest import Site

NPM = Path(__file__).parents[2] / "npm" / "node_modules"
BROWSER = {"user-agent": "Mozilla/5.0 Firefox/140"}


def letter(seconds_ago: float = 30, **fields: Any) -> dict[str, Any]:
    stamp = signing.dumps(timezone.now().timestamp() - seconds_ago, salt=SALT)
    return {"name": "V", "reply_to": "v@example.org", "text": "Hello.", "website": "", "stamp": stamp, **fields}


@pytest.mark.django_db
def test_message_is_kept_and_thanked_for(client: Client) -> None:
    response = client.post("/contact/", letter(), follow=True)
    assert "Thank you." in response.content.decode()
    assert ContactMessage.objects.get().text == "Hello."


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [{"website": "http://spam.example"}, {"seconds_ago": 0.5}, {"stamp": "forged"}, {"seconds_ago": 100_000}],
)
def test_machine_is_thanked_and_nothing_is_kept(client: Client, fields: dict[str, Any]) -> None:
    seconds = fields.pop("seconds_ago", 30)
    if seconds > 90_000:
        old = signing.TimestampSigner(salt=SALT)
        fields["stamp"] = old.sign("x")
    client.post("/contact/", letter(seconds, **fields))
    assert not ContactMessage.objects.exists()


@pytest.mark.django_db
def test_flood_of_messages_ends_at_the_limit(client: Client) -> None:
    statuses = [client.post("/contact/", letter()).status_code for _ in range(PER_HOUR + 3)]
    assert statuses[-1] == 429
    assert ContactMessage.objects.count() == PER_HOUR


@pytest.mark.django_db
def test_incomplete_message_is_shown_again_with_the_reason(client: Client) -> None:
    response = client.post("/contact/", letter(reply_to="nobody", text=""))
    assert response.status_code == 422
    assert "valid email" in response.content.decode()


def test_search_finds_texts_and_changes_and_marks_the_words(client: Client, site: Site) -> None:
    html = client.get("/search/?q=importer").content.decode()
    assert "/work/one-pass/" in html
    assert "<mark>" in html
    assert "Read the index once" in client.get("/search/?q=index").content.decode()
    assert "/work/one-pass/" not in client.get("/search/?q=importer&kind=post").content.decode()
    assert "Nothing found" in client.get("/search/?q=zebra").content.decode()


def test_search_narrows_by_technology(client: Client, site: Site) -> None:
    assert "On reading twice" in client.get("/search/?q=importer&tag=importers").content.decode()
    assert "Nothing found" in client.get("/search/?q=importer&tag=sewing").content.decode()
    assert '<option value="importers"' in client.get("/search/").content.decode()


def test_search_answers_scripts_with_the_results_alone(client: Client, site: Site) -> None:
    html = client.get("/search/?q=importer", headers={"HX-Request": "true", "HX-Target": "results"}).content.decode()
    assert "<html" not in html
    assert 'id="results"' in html


def test_demos_run_on_what_the_visitor_gives(client: Client, site: Site) -> None:
    claims = client.post("/demos/claims/", {"text": "It takes 2 s instead of 9 s. Fixes #12."}).content.decode()
    assert "<mark>" in claims
    assert "number of an issue" in claims
    assert "Predicted type" in client.post("/demos/types/", {"title": "Fix crash on empty input"}).content.decode()
    assert "network-3" in client.post("/demos/compare/", {"title": "Fix crash"}).content.decode()
    played = client.post("/demos/estimate/", {"volume_low": "10", "volume_high": "20"}).content.decode()
    assert 'data-kind="estimated"' in played
    assert "The gate refuses" in played
    derived = next(iter(analysis.figures_of(analysis.change_ref(site.changes[0]))))
    again = client.post("/demos/receipt/", {"receipt": derived.id, "subject": derived.subject}).content.decode()
    assert "The bytes agree." in again


def test_router_demo_falls_back_when_targets_are_off(client: Client, site: Site) -> None:
    form = {"text": "The importer reads once. It read twice.", "switch-demo-large": "off", "switch-demo-small": "off"}
    html = client.post("/demos/router/", form).content.decode()
    assert "local-extractive" in html
    assert client.post("/demos/router/", {"text": ""}).status_code == 422


@pytest.mark.parametrize("slug", ["claims", "types", "receipt"])
def test_demo_says_politely_what_it_cannot_use(client: Client, db: None, slug: str) -> None:
    assert client.post(f"/demos/{slug}/", {}).status_code == 422
    assert client.get("/demos/none/").status_code == 404


def test_health_of_the_demos_is_checked_on_the_real_path(client: Client, site: Site) -> None:
    found = health.check_all()
    assert set(found.values()) == {"ok"}, list(Demo.objects.values_list("slug", "reason"))
    assert client.get("/status/").content.decode().count("working") == len(found)


def test_feeds_carry_the_posts_whole_and_by_tag(client: Client, site: Site) -> None:
    for url in ("/writing/atom.xml", "/writing/tags/importers/atom.xml"):
        feed = ET.fromstring(client.get(url).content)
        assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 1
    found = client.get("/writing/feed.json").json()
    assert found["version"].endswith("1.1")
    assert found["items"][0]["tags"] == ["importers"]
    assert client.get("/writing/tags/none/atom.xml").status_code == 404


def test_sitemap_names_what_is_public_and_robots_the_sitemap(client: Client, site: Site) -> None:
    listed = client.get("/sitemap.xml").content.decode()
    assert "/work/one-pass/" in listed
    assert site.change_url in listed
    assert "/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_resume_comes_as_page_pdf_and_json_from_the_same_records(client: Client, site: Site) -> None:
    assert "Made-up Works" in client.get("/resume/").content.decode()
    pdf = client.get("/resume/resume.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert pdf.content.count(b"/Type /Page\n") + pdf.content.count(b"/Type/Page/") <= 2
    found = client.get("/resume/resume.json").json()
    assert found["basics"]["name"] == "Ada Example"
    assert found["work"][0]["startDate"] == "2019-03-01"


def test_json_resume_keeps_the_published_schema(client: Client, site: Site) -> None:
    schema = json.loads((NPM / "@jsonresume/schema/schema.json").read_text(encoding="utf-8"))
    checker = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    found = client.get("/resume/resume.json").json()
    assert [error.message for error in checker.iter_errors(found)] == []
    found["work"][0]["startDate"] = "in spring"
    assert [error.json_path for error in checker.iter_errors(found)] == ["$.work[0].startDate"], "the check can fail"


@pytest.mark.django_db
def test_resume_of_nobody_is_not_made_up(client: Client) -> None:
    assert "has not approved" in client.get("/resume/").content.decode()
    assert client.get("/resume/resume.pdf").status_code == 404
    assert client.get("/resume/resume.json").status_code == 404


def test_structured_data_and_cards_speak_of_the_page(client: Client, site: Site) -> None:
    home, post = (client.get(url).content.decode() for url in ("/", "/writing/reading-twice/"))

    def data(html: str) -> dict[str, Any]:
        return json.loads(html.split('<script type="application/ld+json">')[1].split("</script>")[0])

    assert data(home)["@type"] == "ProfilePage"
    assert data(post)["@type"] == "BlogPosting"
    card = (
        post.split('property="og:image" content="')[1]
        .split('"')[0]
        .replace("&amp;", "&")
        .replace("http://testserver", "")
    )
    image = client.get(card)
    assert image.content.startswith(b"\x89PNG")
    assert client.get(card.replace("title=", "title=Other")).status_code == 404


def test_views_are_counted_without_knowing_the_visitor(client: Client, site: Site) -> None:
    services.count_views(views={(dt.date(2031, 1, 1), "/", "news.example"): 2, (dt.date(2031, 1, 1), "/", ""): 1})
    services.count_views(views={(dt.date(2031, 1, 1), "/", ""): 4})
    assert dict(PageCount.objects.values_list("referrer_host", "views")) == {"news.example": 2, "": 5}
    assert {field.name for field in PageCount._meta.fields} == {"id", "day", "path", "referrer_host", "views"}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (BROWSER, 1),
        ({**BROWSER, "dnt": "1"}, 0),
        ({**BROWSER, "sec-gpc": "1"}, 0),
        ({"user-agent": "ExampleBot/1"}, 0),
        ({**BROWSER, "hx-request": "true"}, 0),
        ({}, 0),
    ],
)
def test_who_is_counted(rf: Any, headers: dict[str, str], expected: int) -> None:
    from django.http import HttpResponse

    counter = CountViews(lambda request: HttpResponse("x", content_type="text/html"))
    counter(rf.get("/", headers=headers))
    assert counter.waiting.total() == expected


def test_reports_are_shown_once_public_and_as_files(client: Client, site: Site) -> None:
    from analysis import services as analysis_services

    moment = site.changes[0].merged_at
    assert moment is not None
    report = analysis_services.make_report(
        reader="manager", period="year", day=moment.date(), repository=site.repository, actor=site.owner
    )
    assert client.get(f"/reports/{report.pk}/").status_code == 404
    analysis_services.set_report_public(report=report, public=True, actor=site.owner)
    assert "What is not proven" in client.get(f"/reports/{report.pk}/").content.decode()
    assert client.get(f"/reports/{report.pk}/report.json").status_code == 200
    assert client.get(f"/reports/{report.pk}/report.exe").status_code == 404
