"""A person's decisions: moves, words, merging, splitting, undoing; two people at once; evidence that changes."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from analysis import services as analysis
from analysis.achievements import services
from analysis.models import Achievement, Change
from evidence.models import AuditEntry
from jobs.models import Job
from tests.factories.achievements import AchievementChangeFactory, AchievementFactory
from tests.factories.claims import ClaimFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> User:
    return User.objects.create_user("curator")


@pytest.fixture
def achievement() -> Achievement:
    made = AchievementFactory()
    AchievementChangeFactory.create_batch(3, achievement=made)
    return made


def move(achievement: Achievement, state: str, actor: User, **more: Any) -> Achievement:
    fresh = Achievement.objects.get(pk=achievement.pk)
    return services.move(
        achievement_id=fresh.pk, version=fresh.version, state=state, actor=actor, now=timezone.now(), **more
    )


def publish(achievement: Achievement, actor: User) -> Achievement:
    for state in ("in_review", "approved", "published"):
        achievement = move(achievement, state, actor)
    return achievement


def test_publishing_needs_review_and_approval(achievement: Achievement, curator: User) -> None:
    with pytest.raises(services.NotAllowed, match="in_review, retired"):
        move(achievement, "published", curator)
    published = publish(achievement, curator)
    assert (published.state, published.approved_by, published.published_by) == ("published", curator, curator)
    assert AuditEntry.objects.filter(action="achievements.move_to_published").count() == 1


def test_the_database_refuses_publication_without_a_person(achievement: Achievement) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Achievement.objects.filter(pk=achievement.pk).update(state="published")


def test_the_second_of_two_curators_is_told(achievement: Achievement, curator: User) -> None:
    second = User.objects.create_user("second")
    services.edit(achievement_id=achievement.pk, version=1, actor=curator, title="Mine")
    with pytest.raises(services.Conflict, match=r"curator: edit"):
        services.edit(achievement_id=achievement.pk, version=1, actor=second, title="Mine, too")
    assert Achievement.objects.get().title == "Mine"


def test_new_words_need_a_new_approval(achievement: Achievement, curator: User) -> None:
    published = publish(achievement, curator)
    edited = services.edit(achievement_id=published.pk, version=published.version, actor=curator, summary="Other words")
    assert (edited.state, edited.approved_by, edited.published_by) == ("in_review", None, None)


def test_figures_cannot_be_written(achievement: Achievement, curator: User) -> None:
    with pytest.raises(services.NotAllowed, match="part follow"):
        services.edit(achievement_id=achievement.pk, version=1, actor=curator, part="solo")
    with pytest.raises(services.NotAllowed, match="title"):
        services.edit(achievement_id=achievement.pk, version=1, actor=curator, title="  ")


def test_changed_evidence_marks_what_stands_on_it_and_names_the_change(achievement: Achievement, curator: User) -> None:
    publish(achievement, curator)
    assert services.refresh_stale() == 0
    change = achievement.changes.order_by("pk").first()
    assert change is not None
    Change.objects.filter(pk=change.pk).update(content_sha256="0" * 64)
    assert services.refresh_stale() == 1
    assert Achievement.objects.get().stale_reason == f"change:{change.repository.key}#{change.number} changed"
    Change.objects.filter(pk=change.pk).update(content_sha256=change.content_sha256)
    services.refresh_stale()
    assert Achievement.objects.get().stale_reason == ""


def test_a_claim_that_is_rejected_after_publication_makes_the_work_stale_and_the_site_says_so(
    achievement: Achievement, curator: User, client: Client
) -> None:
    change = achievement.changes.order_by("pk")[0]
    claim = ClaimFactory(change=change)
    publish(achievement, curator)
    assert "has changed since it was published" not in client.get("/work/").content.decode()
    analysis.review_claim(claim_id=claim.pk, decision="rejected", actor=curator, note="It was another change.")
    job = Job.objects.get(kind="drafts")
    analysis.draft_achievements(**job.args)
    assert Achievement.objects.get().stale_reason == f"claim:{claim.key} changed"
    assert "has changed since it was published" in client.get("/work/").content.decode()
    [told] = client.get("/api/v1/achievements/").json()["results"]
    assert told["stale_reason"] == "its evidence changed", "visitors are not told the names of what may be hidden"


def test_merge_takes_the_changes_and_retires_the_other(achievement: Achievement, curator: User) -> None:
    other = AchievementFactory()
    AchievementChangeFactory.create_batch(2, achievement=other)
    merged = services.merge(achievement_id=achievement.pk, version=1, other_id=other.pk, actor=curator)
    assert merged.changes.count() == 5
    other.refresh_from_db()
    assert (other.state, other.changes.count()) == ("retired", 0)
    with pytest.raises(services.NotAllowed, match="itself"):
        services.merge(achievement_id=merged.pk, version=merged.version, other_id=merged.pk, actor=curator)


def test_split_moves_some_changes_into_a_new_draft(achievement: Achievement, curator: User) -> None:
    first, *rest = achievement.changes.order_by("pk").values_list("pk", flat=True)
    fresh = services.split(achievement_id=achievement.pk, version=1, change_ids=[first], actor=curator)
    assert list(fresh.changes.values_list("pk", flat=True)) == [first]
    assert set(achievement.changes.values_list("pk", flat=True)) == set(rest)
    achievement.refresh_from_db()
    with pytest.raises(services.NotAllowed, match="leave at least one"):
        services.split(achievement_id=achievement.pk, version=achievement.version, change_ids=rest, actor=curator)


def test_undo_restores_what_stood_before_and_can_go_further_back(achievement: Achievement, curator: User) -> None:
    services.edit(achievement_id=achievement.pk, version=1, actor=curator, title="First words")
    services.edit(achievement_id=achievement.pk, version=2, actor=curator, title="Second words")
    assert services.undo(achievement_id=achievement.pk, version=3, actor=curator).title == "First words"
    assert services.undo(achievement_id=achievement.pk, version=4, actor=curator).title == "Sort the made-up shelf"
    with pytest.raises(services.NotAllowed, match="no decision"):
        services.undo(achievement_id=achievement.pk, version=5, actor=curator)


def test_undo_of_a_state_restores_who_and_when_together(achievement: Achievement, curator: User) -> None:
    published = publish(achievement, curator)
    undone = services.undo(achievement_id=published.pk, version=published.version, actor=curator)
    assert (undone.state, undone.published_by, undone.published_at) == ("approved", None, None)
    assert undone.approved_by == curator


def test_a_change_belongs_to_one_achievement_only(achievement: Achievement) -> None:
    change = achievement.changes.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        AchievementChangeFactory(change=change)
