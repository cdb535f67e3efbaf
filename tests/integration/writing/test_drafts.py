"""Drafted texts from stored evidence: bound, checked, kept as drafts, taken by a person."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from analysis import queries
from analysis import services as analysis
from analysis.models import Achievement
from evidence.models import AuditEntry, Receipt
from evidence.services import verify
from portfolio import services
from portfolio.access.models import Scope
from portfolio.models import CaseStudy, TextDraft
from portfolio.publishing import documents, embeds
from portfolio.publishing.writing import material
from portfolio.publishing.writing.sentences import Sentence, wrong_with
from tests.factories.achievements import AchievementChangeFactory, AchievementFactory
from tests.factories.collection import ChangedFileFactory, ChangeFactory, ChangeTextFactory, RepositoryFactory
from tests.integration.rest.conftest import client_with, staff

__all__ = ["client_with", "staff"]
pytestmark = pytest.mark.django_db
BODY = (
    "The list was slow because the index was read twice for each request.\n\n"
    "The answer must keep its order.\n\n"
    "Read the index once and keep it for the whole request.\n\n"
    "The list answers in 80 ms instead of 420 ms on the staging data.\n\n"
    "This seamless change saves the company 9 million a year and is a massive win for 40 teams.\n"
)


@pytest.fixture
def curator() -> User:
    return User.objects.create_superuser("curator")


@pytest.fixture
def achievement() -> Achievement:
    """Two landed changes; both say the same of their outcome."""
    repository = RepositoryFactory(key="example.org/made-up/index", name="made-up/index")
    made = None
    for part in ("Read the index once", "Keep the index for the request"):
        change = ChangeFactory(repository=repository, title=part, landed_additions=12, landed_deletions=3)
        ChangedFileFactory(change=change, path="app/index.py", additions=9, deletions=3)
        ChangeTextFactory(change=change, kind="title", text=part)
        ChangeTextFactory(change=change, kind="body", text=BODY)
        made = made or AchievementFactory(
            key=queries.change_ref(change), title=part, title_source=queries.change_ref(change), part="led",
            missing=[{"what": "reviews", "hint": ""}],
        )  # fmt: skip
        AchievementChangeFactory(achievement=made, change=change)
    analysis.compute_facts(repository_id=repository.pk)
    analysis.extract_claims(repository_id=repository.pk)
    assert made
    return made


@pytest.mark.parametrize("kind", TextDraft.Kind.values)
def test_every_sentence_of_every_kind_names_its_sources(achievement: Achievement, curator: User, kind: str) -> None:
    text = services.draft_text(achievement=achievement, kind=kind, actor=curator)
    found = material.gather(achievement)
    assert text.sentences
    for item in text.sentences:
        made = Sentence(**{**item, "sources": tuple(item["sources"]), "receipts": tuple(item["receipts"])})
        assert wrong_with(made, found) == ""
        assert item["sources"] or item["how"] == "missing"
    assert "9 million" not in text.plain and "seamless" not in text.plain
    assert any("receipt" in row["reason"] or "style" in row["reason"] for row in text.rejected)
    for name in {receipt for item in text.sentences for receipt in item["receipts"]}:
        assert verify(Receipt.objects.get(pk=name)).ok
    assert (text.state, text.answered_by) == ("draft", "local-extractive")


def test_the_same_outcome_stated_twice_appears_once(achievement: Achievement, curator: User) -> None:
    text = services.draft_text(achievement=achievement, kind="case_study", actor=curator)
    assert [item["text"] for item in text.sentences if item["how"] == "quoted"] == [
        "The list answers in 80 ms instead of 420 ms on the staging data."
    ]
    line = services.draft_text(achievement=achievement, kind="cv_bullet", actor=curator)
    assert line.plain.startswith("The list was slow because the index was read twice for each request. Led “")
    assert "“The list answers in 80 ms instead of 420 ms on the staging data.” (receipt " in line.plain


def test_a_case_study_has_the_houses_structure_and_names_what_is_missing(
    achievement: Achievement, curator: User
) -> None:
    text = services.draft_text(achievement=achievement, kind="case_study", actor=curator)
    services.accept_text(text=text, actor=curator)
    study = CaseStudy.objects.get()
    assert "slow because" in study.context and "must keep its order" in study.constraint
    assert study.options.startswith("Missing:") and study.what_failed.startswith("Missing:")
    assert "[[receipt " in study.result and study.my_part.startswith("I wrote most")
    assert "reviews" in study.not_proven
    assert embeds.problems(study.result + study.evidence) == []
    assert "“Options” still says what is missing." in documents.missing(study)
    with pytest.raises(services.NotReady, match="still says what is missing"):
        services.publish(document=study, actor=curator)


def test_a_summary_is_taken_into_the_achievement_and_back_to_its_review(
    achievement: Achievement, curator: User
) -> None:
    text = services.draft_text(achievement=achievement, kind="summary", actor=curator)
    services.accept_text(text=text, actor=curator)
    achievement.refresh_from_db()
    assert achievement.summary == text.plain
    assert AuditEntry.objects.filter(action="portfolio.text_accepted").exists()
    with pytest.raises(services.TextRefused, match="accepted already"):
        services.discard_text(text=text, actor=curator)


def test_drafting_again_replaces_the_open_draft_and_keeps_decided_ones(achievement: Achievement, curator: User) -> None:
    first = services.draft_text(achievement=achievement, kind="linkedin", actor=curator)
    assert services.draft_text(achievement=achievement, kind="linkedin", actor=curator).pk == first.pk
    services.discard_text(text=first, actor=curator)
    assert services.draft_text(achievement=achievement, kind="linkedin", actor=curator).pk != first.pk
    assert TextDraft.objects.count() == 2


def test_an_achievement_without_texts_says_what_is_missing(curator: User) -> None:
    bare = AchievementFactory()
    with pytest.raises(services.TextRefused, match="no changes"):
        services.draft_text(achievement=bare, kind="summary", actor=curator)
    AchievementChangeFactory(achievement=bare)
    text = services.draft_text(achievement=bare, kind="summary", actor=curator)
    assert text.plain == "Missing: no text of these changes says what was done."
    with pytest.raises(services.TextRefused, match="write the summary yourself"):
        services.accept_text(text=text, actor=curator)
    with pytest.raises(services.TextRefused, match="Known: summary"):
        services.draft_text(achievement=bare, kind="poem", actor=curator)


def test_command_drafts_what_is_approved_and_prints_sources(achievement: Achievement) -> None:
    with pytest.raises(CommandError, match="No achievement is approved"):
        call_command("draft_text", "cv_bullet")
    out = StringIO()
    call_command("draft_text", "cv_bullet", "--achievement", achievement.key, "--json", stdout=out, stderr=StringIO())
    assert all(item["sources"] or item["how"] == "missing" for item in json.loads(out.getvalue())["sentences"])


def test_desk_makes_a_draft_and_the_admin_takes_it(client: Client, achievement: Achievement, curator: User) -> None:
    client.force_login(curator)
    page = client.post(reverse("admin:portfolio_textdraft_make", args=[achievement.pk, "cv_bullet"]), follow=True)
    assert "80 ms instead of 420 ms" in page.content.decode()
    assert b"Left out" in page.content
    text = TextDraft.objects.get()
    client.post(reverse("admin:portfolio_textdraft_change", args=[text.pk]), {"decision": "accept"})
    text.refresh_from_db()
    assert (text.state, text.decided_by) == ("accepted", curator)
    client.force_login(User.objects.create_user("reader", is_staff=True))
    assert client.get(reverse("admin:portfolio_textdraft_change", args=[text.pk])).status_code == 403


def test_api_makes_and_decides(achievement: Achievement, client_with: Callable[..., APIClient]) -> None:
    api = client_with(Scope.CURATE)
    made = api.post("/api/v1/text-drafts/", {"kind": "cv_bullet", "achievement": achievement.pk}, format="json")
    assert made.status_code == 201 and made.json()["state"] == "draft"
    url = f"/api/v1/text-drafts/{made.json()['id']}/"
    read = {"if-match": client_with(Scope.READ_PRIVATE).get(url)["ETag"]}
    assert api.post(f"{url}discard/").status_code == 428
    assert api.post(f"{url}discard/", headers=read).json()["state"] == "discarded"
    assert api.post(f"{url}accept/", headers=read).status_code == 412
    assert api.post(f"{url}accept/", headers={"if-match": "*"}).status_code == 409
