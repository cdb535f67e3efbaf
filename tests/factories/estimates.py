"""Made-up assumptions, estimates and logged hours."""

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from analysis.models import (
    Assumption,
    Estimate,
    EstimateInput,
    EstimateTotal,
    LoggedHours,
    MeasuredEffect,
    OwnEffortModel,
)
from tests.factories.collection import ChangeFactory


class AssumptionFactory(DjangoModelFactory[Assumption]):
    """An hourly rate with a source; ``builds=True`` makes a volume of builds for the metric time."""

    class Meta:
        model = Assumption

    class Params:
        builds = factory.Trait(
            name=factory.Sequence(lambda n: f"builds-{n}"),
            role="volume",
            unit="build/day",
            low=20,
            high=60,
            metric="time",
        )

    name = factory.Sequence(lambda n: f"hourly-rate-{n}")
    role = "rate"
    unit = "USD/hour"
    low = 60.0
    high = 120.0
    source = "https://example.org/salaries"
    dated = dt.date(2026, 1, 15)
    author = "owner"


class EstimateFactory(DjangoModelFactory[Estimate]):
    """A refused yearly effect."""

    class Meta:
        model = Estimate

    change = factory.SubFactory(ChangeFactory)
    level = "L3"
    outcome = factory.Sequence(lambda n: f"claim:{n:064d}")
    status = "refused"
    reason = "no_volume"
    reasons: list[dict[str, Any]] = [{"code": "no_volume", "title": "", "missing": "a volume", "fix": "enter one"}]
    statement = "The yearly effect is unknown."
    basis = "0" * 64


class EstimateInputFactory(DjangoModelFactory[EstimateInput]):
    class Meta:
        model = EstimateInput

    estimate = factory.SubFactory(EstimateFactory)
    assumption = factory.SubFactory(AssumptionFactory)
    role = "rate"


class EstimateTotalFactory(DjangoModelFactory[EstimateTotal]):
    class Meta:
        model = EstimateTotal

    level = "L3"
    unit = factory.Sequence(lambda n: f"hour/year {n}")
    whose = "own"
    p10 = 1.0
    p50 = 2.0
    p90 = 3.0
    outcomes = 1
    left_out = 0
    parts = 1
    mark = 0
    receipt = "0" * 64


class LoggedHoursFactory(DjangoModelFactory[LoggedHours]):
    class Meta:
        model = LoggedHours

    change = factory.SubFactory(ChangeFactory)
    entry = factory.Sequence(lambda n: f"entry-{n}")
    hours = 2.5
    spent_on = dt.date(2026, 3, 2)
    source = "made-up tracker"
    entered_by = "owner"
    entered_at = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)


class MeasuredEffectFactory(DjangoModelFactory[MeasuredEffect]):
    class Meta:
        model = MeasuredEffect

    change = factory.SubFactory(ChangeFactory)
    outcome = factory.Sequence(lambda n: f"claim:{n:064d}")
    value = 900.0
    unit = "hour/year"
    source = "CI statistics of the year"
    measured_on = dt.date(2026, 6, 1)
    entered_by = "owner"
    entered_at = dt.datetime(2026, 6, 2, tzinfo=dt.UTC)


class OwnEffortModelFactory(DjangoModelFactory[OwnEffortModel]):
    class Meta:
        model = OwnEffortModel

    name = factory.Sequence(lambda n: f"own_plain_{n:012d}")
    parameters: dict[str, Any] = {}
    rows = 40
    sha256 = "0" * 64
