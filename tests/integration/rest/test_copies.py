"""Working copies through the API: written with If-Match, published as revisions, refused with every reason."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from evidence.models import AuditEntry
from portfolio.access.models import Scope
from portfolio.models import CaseStudy, Post, Revision

pytestmark = pytest.mark.django_db
COPIES = "/api/v1/working-copies/"
STUDY = {
    "slug": "one-pass", "title": "One pass", "summary": "Read once.", "technologies": ["Python", "Python", "git"],
    "context": "It read twice.", "decision": "Read once.", "result": "It reads once.", "my_part": "All of it.",
    "not_proven": "That it pays.",
}  # fmt: skip


@pytest.fixture
def api(client_with: Callable[..., APIClient]) -> APIClient:
    return client_with(Scope.READ_PRIVATE, Scope.CURATE)


def begin(api: APIClient, kind: str = "case-studies", **fields: Any) -> tuple[str, str]:
    """A new working copy: its address and the ETag of reading it."""
    made = api.post(f"{COPIES}{kind}/", {**STUDY, **fields}, format="json")
    assert made.status_code == 201, made.json()
    address = f"{COPIES}{kind}/{made.json()['id']}/"
    return address, api.get(address)["ETag"]


def test_a_study_is_written_published_and_withdrawn(api: APIClient, anyone: APIClient) -> None:
    address, tag = begin(api)
    found = api.get(address, {"include": "missing"}).json()
    assert (found["state"], found["live"], found["missing"]) == ("draft", None, [])
    assert found["technologies"] == ["Python", "git"]
    assert anyone.get("/api/v1/case-studies/").json()["results"] == []
    told = api.post(f"{address}publish/", {"note": "First."}, format="json", headers={"If-Match": tag})
    assert (told.status_code, told.json()["live"], told.json()["state"]) == (200, 1, "published")
    [shown] = anyone.get("/api/v1/case-studies/").json()["results"]
    assert (shown["title"], shown["live"]["note"]) == ("One pass", "First.")
    tag = api.get(address)["ETag"]
    assert api.post(f"{address}withdraw/", {}, format="json", headers={"If-Match": tag}).json()["state"] == "draft"
    assert anyone.get("/api/v1/case-studies/").json()["results"] == []
    assert Revision.objects.count() == 1, "the history stays"
    acts = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert [act for act in acts if act.startswith("portfolio.")] == [
        "portfolio.write", "portfolio.publish", "portfolio.withdraw",
    ]  # fmt: skip


def test_an_edit_shows_nothing_until_it_is_published(api: APIClient, anyone: APIClient) -> None:
    address, tag = begin(api)
    api.post(f"{address}publish/", {}, format="json", headers={"If-Match": tag})
    tag = api.get(address)["ETag"]
    edited = api.patch(address, {"title": "Two passes"}, format="json", headers={"If-Match": tag})
    assert (edited.status_code, edited.json()["title"]) == (200, "Two passes")
    assert anyone.get("/api/v1/case-studies/").json()["results"][0]["title"] == "One pass"
    late = api.patch(address, {"title": "Three passes"}, format="json", headers={"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    assert api.patch(address, {"title": "No"}, format="json").status_code == 428


def test_a_number_without_a_receipt_is_refused_by_field(api: APIClient) -> None:
    refused = api.post(f"{COPIES}case-studies/", {**STUDY, "result": "It is 40% faster."}, format="json")
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == ["/result"]
    assert "without a receipt" in refused.json()["detail"]
    assert not CaseStudy.objects.exists()


def test_what_is_not_ready_says_every_reason_and_publishes_nothing(api: APIClient) -> None:
    address, tag = begin(api, decision="", my_part="")
    told = api.post(f"{address}publish/", {}, format="json", headers={"If-Match": tag})
    assert (told.status_code, told.json()["code"]) == (409, "not_ready")
    assert len(told.json()["reasons"]) == 2
    assert api.get(address, {"include": "missing"}).json()["missing"] == told.json()["reasons"]
    assert not Revision.objects.exists()


def test_a_taken_slug_is_told_and_one_key_makes_one_post(api: APIClient) -> None:
    post = {"slug": "why", "title": "Why", "body": "Because.", "tags": ["doubt"]}
    for _ in range(2):
        made = api.post(f"{COPIES}posts/", post, format="json", headers={"Idempotency-Key": "once"})
        assert made.status_code == 201
    assert Post.objects.count() == 1
    taken = api.post(f"{COPIES}posts/", post, format="json")
    assert (taken.status_code, taken.json()["errors"][0]["field"]) == (400, "/slug")


def test_another_slug_moves_what_the_search_finds(api: APIClient, anyone: APIClient) -> None:
    address, tag = begin(api)
    api.post(f"{address}publish/", {}, format="json", headers={"If-Match": tag})
    tag = api.get(address)["ETag"]
    api.patch(address, {"slug": "a-single-pass"}, format="json", headers={"If-Match": tag})
    assert AuditEntry.objects.filter(action="portfolio.readdress").count() == 1
    assert anyone.get("/work/a-single-pass/").status_code == 200
    assert anyone.get("/work/one-pass/").headers["Location"] == "/work/a-single-pass/"
    again = api.post(f"{COPIES}case-studies/", {**STUDY, "slug": "one-pass"}, format="json")
    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "/slug")
