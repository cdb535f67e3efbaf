"""Made-up achievements."""

import factory
from factory.django import DjangoModelFactory

from analysis.models import Achievement, AchievementChange, AchievementRevision
from tests.factories.collection import START, ChangeFactory


class AchievementFactory(DjangoModelFactory[Achievement]):
    class Meta:
        model = Achievement

    key = factory.Sequence(lambda n: f"change:example.org/made-up/repository#{n}")
    title = "Sort the made-up shelf"
    title_source = factory.SelfAttribute("key")
    started_at = START
    ended_at = START


class AchievementChangeFactory(DjangoModelFactory[AchievementChange]):
    class Meta:
        model = AchievementChange

    achievement = factory.SubFactory(AchievementFactory)
    change = factory.SubFactory(ChangeFactory)


class AchievementRevisionFactory(DjangoModelFactory[AchievementRevision]):
    class Meta:
        model = AchievementRevision

    achievement = factory.SubFactory(AchievementFactory)
    version = 1
    action = "edit"
    before = factory.LazyFunction(dict)
