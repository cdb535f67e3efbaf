"""From a draft to what visitors see: checks at save, revisions that never change, schedule, files."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from evidence.models import AuditEntry
from portfolio import queries, services
from portfolio.models import CaseStudy, FormerAddress, Post, Revision, SearchEntry
from portfolio.models.documents import Document, Immutable
from portfolio.publishing import content
from tests.factories.portfolio import CaseStudyFactory, OwnerFactory, PageFactory, PostFactory
from tests.integration.portfolio.conftest import Site

pytestmark = pytest.mark.django_db


def test_draft_is_seen_only_by_its_secret_link(client: Client) -> None:
    post = PostFactory(slug="quiet")
    assert client.get("/writing/quiet/").status_code == 404
    assert client.get(f"/preview/post/quiet/{post.preview_key}x/").status_code == 404
    response = client.get(f"/preview/post/quiet/{post.preview_key}/")
    assert response.status_code == 200
    assert "Not published" in response.content.decode()
    assert response["Cache-Control"] == "no-store"


def test_publishing_freezes_a_revision_and_editing_changes_nothing_until_the_next(client: Client) -> None:
    owner, post = OwnerFactory(), PostFactory(slug="first", body="The first wording.")
    first = services.publish(document=post, actor=owner)
    post.body = "The second wording."
    post.save()
    assert "The first wording." in client.get("/writing/first/").content.decode()
    second = services.publish(document=post, actor=owner, note="Clearer.")
    assert "The second wording." in client.get("/writing/first/").content.decode()
    assert (first.number, second.number) == (1, 2)
    assert Revision.objects.get(pk=first.pk).content["body"] == "The first wording."


def test_publishing_the_same_text_again_makes_no_revision() -> None:
    owner, post = OwnerFactory(), PostFactory()
    assert services.publish(document=post, actor=owner) == services.publish(document=post, actor=owner)
    assert Revision.objects.filter(kind="post").count() == 1


def test_revision_cannot_be_changed() -> None:
    owner, post = OwnerFactory(), PostFactory()
    revision = services.publish(document=post, actor=owner)
    revision.note = "tampered"
    with pytest.raises(Immutable):
        revision.save()


def test_case_study_needs_what_is_not_proven() -> None:
    study = CaseStudyFactory(not_proven="")
    with pytest.raises(services.NotReady, match="What is not proven"):
        services.publish(document=study, actor=OwnerFactory())


@pytest.mark.parametrize("text", ["It is 40% faster.", "Saved $12k.", "Twice, or 2x.", "Since 2019."])
def test_number_without_a_receipt_is_refused(text: str) -> None:
    with pytest.raises(services.NotReady, match="without a receipt"):
        services.publish(document=PostFactory(body=text), actor=OwnerFactory())


@pytest.mark.parametrize(
    "text", ["Python `3.11`.", "In [[date 2019]].", "> it fell by 40%\n", "1. first\n2. second", "[a](/b/12)"]
)
def test_date_code_quotation_and_list_may_carry_digits(text: str) -> None:
    services.publish(document=PostFactory(body=text), actor=OwnerFactory())


@pytest.mark.parametrize(
    "embed",
    ["[[figure change:none#1 lines]]", "[[receipt abc]]", "[[video x]]", "[[date May]]", "[[change change:x@y]]"],
)
def test_embed_that_shows_nothing_is_refused(embed: str) -> None:
    with pytest.raises(services.NotReady):
        services.publish(document=PostFactory(body=embed), actor=OwnerFactory())


def test_withdrawn_text_is_gone_and_its_history_stays(client: Client) -> None:
    owner, post = OwnerFactory(), PostFactory(slug="gone")
    services.publish(document=post, actor=owner)
    services.withdraw(document=post, actor=owner, reason="Outdated.")
    assert client.get("/writing/gone/").status_code == 404
    assert Revision.objects.filter(slug="gone").count() == 1
    assert client.get("/search/?q=importer").content.decode().count("/writing/gone/") == 0


def test_scheduled_text_goes_out_when_it_is_time(client: Client) -> None:
    owner = OwnerFactory()
    post = PostFactory(slug="later", publish_at=timezone.now() + dt.timedelta(hours=1))
    services.submit(document=post, actor=owner)
    assert services.publish_due(now=timezone.now()) == (0, [])
    assert services.publish_due(now=timezone.now() + dt.timedelta(hours=2))[0] == 1
    assert client.get("/writing/later/").status_code == 200
    assert Post.objects.get(slug="later").state == Document.State.PUBLISHED


def test_scheduled_text_that_is_not_ready_is_reported() -> None:
    owner = OwnerFactory()
    post = PostFactory(slug="bad", body="40% of it.", publish_at=timezone.now())
    services.submit(document=post, actor=owner)
    done, refused = services.publish_due(now=timezone.now() + dt.timedelta(minutes=1))
    assert done == 0
    assert "post/bad" in refused[0]


def test_texts_travel_through_files_and_come_back_the_same(tmp_path: Path) -> None:
    study, post, page = CaseStudyFactory(slug="s"), PostFactory(slug="p"), PageFactory(slug="g")
    call_command("content", "export", str(tmp_path))
    before = content.to_text(study), content.to_text(post), content.to_text(page)
    CaseStudy.objects.all().delete()
    Post.objects.all().delete()
    call_command("content", "import", str(tmp_path))
    assert content.to_text(CaseStudy.objects.get(slug="s")) == before[0]
    assert content.to_text(Post.objects.get(slug="p")) == before[1]
    assert {outcome.state for outcome in content.import_folder(tmp_path)} == {"unchanged"}


BROKEN = {
    "no front matter": "Only words.",
    "no YAML": "---\ntitle: [\n---\n\nWords.",
    "no title": "---\nsummary: x\n---\n\nWords.",
    "unknown name": "---\ntitle: T\ncolour: red\n---\n\nWords.",
    "tags no list": "---\ntitle: T\ntags: x\n---\n\nWords.",
    "bare number": "---\ntitle: T\n---\n\nIt fell by 40%.",
    "object": "---\ntitle: !!python/object/apply:os.system ['true']\n---\n\nWords.",
}


def test_broken_files_are_refused_one_by_one_and_the_good_one_comes_in(tmp_path: Path) -> None:
    folder = tmp_path / "writing"
    folder.mkdir()
    for index, text in enumerate(BROKEN.values()):
        (folder / f"broken-{index}.md").write_text(text, encoding="utf-8")
    (folder / "bytes.md").write_bytes(b"---\ntitle: T\n---\n\n\xff\xfe")
    (folder / "long.md").write_text("---\ntitle: T\n---\n" + "x" * 1_000_001, encoding="utf-8")
    (folder / "good.md").write_text("---\ntitle: Good\n---\n\nWords.", encoding="utf-8")
    with pytest.raises(CommandError, match="refused"):
        call_command("content", "import", str(tmp_path))
    assert list(Post.objects.values_list("slug", flat=True)) == ["good"]


def test_admin_refuses_a_bare_number_and_previews_as_one_types(client: Client, site: Site) -> None:
    client.force_login(site.owner)
    when = {"publish_at_0": "", "publish_at_1": ""}
    form = {"title": "T", "slug": "t", "summary": "", "body": "It is 40% faster.", "tags": "a, b", "series": "", **when}
    refused = client.post("/admin/portfolio/post/add/", form)
    assert "without a receipt" in refused.content.decode()
    good = client.post("/admin/portfolio/post/add/", {**form, "body": "Quicker."})
    assert good.status_code == 302
    assert Post.objects.get(slug="t").tags == ["a", "b"]
    shown = client.post("/admin/portfolio/post/render/", {"body": "**bold** and 40%"}).content.decode()
    assert "<strong>bold</strong>" in shown
    assert "without a receipt" in shown


def test_admin_publishes_and_says_what_is_missing(client: Client, site: Site) -> None:
    client.force_login(site.owner)
    study = CaseStudyFactory(slug="unready", my_part="")
    action = {"action": "publish_now", "_selected_action": [study.pk]}
    page = client.post("/admin/portfolio/casestudy/", action, follow=True).content.decode()
    assert "My part" in page
    study.my_part = "All of it."
    study.save()
    client.post("/admin/portfolio/casestudy/", action, follow=True)
    assert client.get("/work/unready/").status_code == 200


@pytest.mark.parametrize(
    "model",
    ["casestudy", "post", "page", "profile", "position", "skill", "revision", "contactmessage", "pagecount", "demo"],
)
def test_admin_lists_open(client: Client, site: Site, model: str) -> None:
    client.force_login(site.owner)
    assert client.get(f"/admin/portfolio/{model}/").status_code == 200


def test_another_slug_takes_its_search_entry_along(admin_client: Client) -> None:
    post = PostFactory(slug="before", title="On lanterns", body="Words on lanterns.")
    services.publish(document=post, actor=OwnerFactory())
    filled = {"title": post.title, "slug": "after", "summary": "", "body": post.body, "tags": "", "series": ""}
    filled |= {"publish_at_0": "", "publish_at_1": ""}
    answer = admin_client.post(f"/admin/portfolio/post/{post.pk}/change/", filled)
    assert answer.status_code == 302
    found = SearchEntry.objects.filter(kind="post")
    assert [(row.key, row.url) for row in found] == [("after", "/writing/after/")]
    assert "/writing/after/" in admin_client.get("/search/?q=lanterns").content.decode()
    assert AuditEntry.objects.get(action="portfolio.readdress").changes == {"slug": ["before", "after"]}


@pytest.mark.parametrize(
    ("factory", "place"), [(CaseStudyFactory, "/work/"), (PostFactory, "/writing/"), (PageFactory, "/pages/")]
)
def test_a_former_address_leads_to_the_present_one(client: Client, db: None, factory: Any, place: str) -> None:
    def address(slug: str) -> tuple[int, str]:
        answer = client.get(f"{place}{slug}/")
        return answer.status_code, answer.headers.get("Location", "")

    owner, document = OwnerFactory(), factory(slug="first")
    services.publish(document=document, actor=owner)
    for slug in ("second", "third"):
        services.write(document=document, actor=owner, fields={"slug": slug, "title": f"The {slug} title"})
        services.publish(document=document, actor=owner)
    assert [address(slug) for slug in ("first", "second", "third", "fourth")] == [
        (301, f"{place}third/"), (301, f"{place}third/"), (200, ""), (404, "")
    ]  # fmt: skip
    services.write(document=document, actor=owner, fields={"slug": "first"})
    assert [address(slug)[0] for slug in ("first", "second", "third")] == [200, 301, 301]
    services.withdraw(document=document, actor=owner)
    assert {address(slug)[0] for slug in ("first", "second", "third")} == {404}
    document.delete()
    assert not FormerAddress.objects.exists()


def test_a_text_keeps_its_history_under_another_address(client: Client, db: None) -> None:
    owner, post = OwnerFactory(), PostFactory(slug="before", body="The first wording.")
    services.publish(document=post, actor=owner)
    services.write(document=post, actor=owner, fields={"slug": "after", "body": "The second wording."})
    assert services.publish(document=post, actor=owner, note="Said better").number == 2
    assert "Said better" in client.get("/writing/after/").content.decode()
    assert [row.number for row in queries.history("post", "after")] == [2, 1]


def test_a_draft_that_nobody_saw_leaves_no_address_behind(client: Client, db: None) -> None:
    owner, post = OwnerFactory(), PostFactory(slug="before")
    services.write(document=post, actor=owner, fields={"slug": "after"})
    services.publish(document=post, actor=owner)
    assert not FormerAddress.objects.exists()
    assert client.get("/writing/before/").status_code == 404


def test_the_admin_says_why_a_slug_cannot_be_taken_and_what_to_do(admin_client: Client) -> None:
    def told(slug: str) -> list[str]:
        filled = {"title": "Another", "slug": slug, "summary": "", "body": "Words.", "tags": "", "series": ""}
        filled |= {"publish_at_0": "", "publish_at_1": ""}
        answer = admin_client.post("/admin/portfolio/post/add/", filled)
        return list(answer.context["adminform"].form.errors["slug"]) if answer.status_code == 200 else []

    owner, post = OwnerFactory(), PostFactory(slug="taken")
    assert told("taken") == [
        "Another text of this kind has this slug. An address leads to one text: choose another slug, or edit that text."
    ]
    services.publish(document=post, actor=owner)
    services.write(document=post, actor=owner, fields={"slug": "moved"})
    assert told("taken") == [
        "Links to this address lead to “moved”, which was published here before. "
        "Choose another slug, or give that text this one back first."
    ]
    assert told("free") == []
    assert Post.objects.count() == 2
