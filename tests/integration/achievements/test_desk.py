"""The curation desk as a person uses it: one key a decision, nothing overwritten, everything undone."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from analysis.models import Achievement
from tests.factories.achievements import AchievementChangeFactory, AchievementFactory
from tests.factories.claims import SENTENCE, ClaimFactory
from tests.factories.collection import ChangeTextFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> str:
    client.force_login(User.objects.create_superuser("curator"))
    return reverse("admin:analysis_achievement_desk")


def drafts(count: int) -> list[Achievement]:
    made = [AchievementFactory(landed_source_lines=100 - n, title=f"Shelf {n}") for n in range(count)]
    for achievement in made:
        AchievementChangeFactory(achievement=achievement)
    return made


def post(client: Client, desk: str, achievement: Achievement, decision: str, **more: object) -> object:
    fresh = Achievement.objects.get(pk=achievement.pk)
    return client.post(desk, {"id": fresh.pk, "version": fresh.version, "decision": decision, **more}, follow=True)


def test_largest_work_comes_first_and_a_decision_brings_the_next(client: Client, desk: str) -> None:
    first, _ = drafts(2)
    assert b"Shelf 0" in client.get(desk).content
    page = post(client, desk, first, "approve")
    assert b'value="Shelf 1"' in page.content  # type: ignore[attr-defined]
    first.refresh_from_db()
    assert first.state == "approved"


def test_ten_decisions_take_ten_keys(client: Client, desk: str) -> None:
    made = drafts(10)
    for achievement in made:
        post(client, desk, achievement, "publish")
    assert Achievement.objects.filter(state="published").count() == 10
    assert b"Nothing waits" in client.get(desk).content


def test_undo_brings_the_last_one_back(client: Client, desk: str) -> None:
    [only] = drafts(1)
    post(client, desk, only, "retire")
    post(client, desk, only, "undo")
    only.refresh_from_db()
    assert only.state == "draft"


def test_the_second_of_two_curators_is_told_and_nothing_is_overwritten(client: Client, desk: str) -> None:
    [only] = drafts(1)
    post(client, desk, only, "save", title="Mine", summary="")
    page = client.post(desk, {"id": only.pk, "version": 1, "decision": "retire"}, follow=True)
    assert b"was changed since you read it" in page.content
    only.refresh_from_db()
    assert (only.title, only.state) == ("Mine", "draft")


def test_skip_split_and_merge(client: Client, desk: str) -> None:
    first, second = drafts(2)
    AchievementChangeFactory(achievement=first)
    assert b'value="Shelf 1"' in client.get(f"{desk}?after={first.pk}").content
    chosen = first.changes.order_by("pk").values_list("pk", flat=True)[0]
    post(client, desk, first, "split", change=[chosen])
    assert Achievement.objects.count() == 3
    post(client, desk, first, "merge", other=second.pk)
    second.refresh_from_db()
    assert second.state == "retired"


def test_a_page_takes_few_queries(client: Client, desk: str, django_assert_max_num_queries: object) -> None:
    [only] = drafts(1)
    AchievementChangeFactory.create_batch(12, achievement=only)
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        client.get(desk)


def test_without_the_permission_the_desk_is_closed(client: Client) -> None:
    client.force_login(User.objects.create_user("reader", is_staff=True))
    assert client.get(reverse("admin:analysis_achievement_desk")).status_code == 403


def test_an_outcome_stands_with_the_words_that_say_what_it_is_about(client: Client, desk: str) -> None:
    [only] = drafts(1)
    change = only.changes.get()
    ClaimFactory(text=ChangeTextFactory(change=change, text=SENTENCE))
    assert "Building the made-up shelf is <mark>20% faster</mark>" in client.get(desk).content.decode()
