"""Four eyes: who approved an achievement does not publish it; it waits at the desk of everybody else."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from analysis.models import Achievement
from tests.factories.achievements import AchievementChangeFactory, AchievementFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Achievement:
    made = AchievementFactory(title="Shelf")
    AchievementChangeFactory(achievement=made)
    return made


def decide(client: Client, name: str, draft: Achievement, decision: str) -> str:
    """Sign in as somebody and press a key; returns what the desk shows then."""
    client.force_login(User.objects.filter(username=name).first() or User.objects.create_superuser(name))
    draft.refresh_from_db()
    data = {"id": draft.pk, "version": draft.version, "decision": decision}
    answer = client.post(reverse("admin:analysis_achievement_desk"), data, follow=True)
    draft.refresh_from_db()
    return answer.content.decode()


def test_another_person_publishes_what_one_approved(client: Client, draft: Achievement, settings: object) -> None:
    settings.ATTEST_FOUR_EYES = True  # type: ignore[attr-defined]
    assert "somebody else publishes it" in decide(client, "ada", draft, "publish")
    assert (draft.state, draft.published_by) == ("approved", None)
    assert "Nothing waits" in client.get(reverse("admin:analysis_achievement_desk")).content.decode()
    client.force_login(User.objects.create_superuser("ben"))
    assert 'value="Shelf"' in client.get(reverse("admin:analysis_achievement_desk")).content.decode()
    decide(client, "ben", draft, "publish")
    assert draft.state == "published"
    assert (draft.approved_by.username, draft.published_by.username) == ("ada", "ben")  # type: ignore[union-attr]


def test_without_it_one_person_decides(client: Client, draft: Achievement) -> None:
    decide(client, "ada", draft, "publish")
    assert draft.state == "published"
    assert "Nothing waits" in client.get(reverse("admin:analysis_achievement_desk")).content.decode()
