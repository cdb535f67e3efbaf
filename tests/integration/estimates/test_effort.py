"""Effort of changes: from a human estimate, from the owner's own hours, or refused with what is missing."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from analysis import queries, services
from analysis.estimates.effort import measure, shipping
from analysis.estimates.effort.sip import Split
from analysis.models import Change, Estimate, LoggedHours, OwnEffortModel
from evidence.services import verify
from tests.factories.claims import curator
from tests.factories.collection import ChangeFactory, RepositoryFactory
from tests.factories.estimates import LoggedHoursFactory
from tests.unit.analysis.estimates.test_effort import made_up_tasks

pytestmark = pytest.mark.django_db


def guess(change: Change, hours: float = 8.0, **more: Any) -> None:
    services.enter_assumption(
        actor=curator(),
        name=f"guess-{change.pk}",
        role="human_estimate",
        unit=more.get("unit", "hour"),
        point=hours,
        change=change,
        author="owner",
    )


def effort(change: Change) -> Estimate:
    services.estimate_change(change=change)
    return Estimate.objects.get(change=change, level="effort")


def test_a_human_estimate_gives_a_range_that_verifies() -> None:
    change = ChangeFactory.create()
    guess(change)
    row = effort(change)
    assert row.p10 < row.p50 < row.p90
    assert row.unit == "hour"
    receipt = next(iter(queries.estimate_receipts(change)))
    assert receipt.id == row.receipt
    assert verify(receipt).ok
    assert "embed" not in receipt.text and len(receipt.text) < 5000


def test_the_unit_of_the_estimate_is_irrelevant() -> None:
    one, other = ChangeFactory.create_batch(2)
    guess(one, 8.0)
    guess(other, 1.0, unit="workday")
    assert effort(one).p50 == effort(other).p50


@pytest.mark.parametrize("hours", [0.0, -2.0, float("nan")])
def test_an_impossible_estimate_is_refused_at_entry(hours: float) -> None:
    with pytest.raises(services.AssumptionRefused):
        guess(ChangeFactory.create(), hours)


def test_an_estimate_beyond_the_data_is_refused() -> None:
    change = ChangeFactory.create()
    guess(change, 5000.0)
    assert effort(change).reason == "effort_out_of_range"


def logged(count: int) -> list[Change]:
    """Changes with hours around five, one of them a day."""
    generator = np.random.Generator(np.random.PCG64(9))
    repository = RepositoryFactory.create()
    changes = ChangeFactory.create_batch(count, repository=repository)
    for at, change in enumerate(changes):
        LoggedHoursFactory.create(
            change=change,
            hours=round(float(np.exp(generator.normal(1.6, 0.5))), 2),
            spent_on=dt.date(2026, 1, 1) + dt.timedelta(days=at),
        )
    return changes


def test_enough_logged_hours_make_the_owners_own_model() -> None:
    changes = logged(45)
    services.estimate_repository()
    assert OwnEffortModel.objects.count() == 1
    assert Estimate.objects.filter(level="effort", status="ok").count() == 45
    fresh = ChangeFactory.create(repository=changes[0].repository)
    row = effort(fresh)
    assert 1 < row.p10 < row.p50 < row.p90 < 30
    assert "own logged hours" in row.statement
    assert all(verify(receipt).ok for receipt in queries.estimate_receipts(fresh))
    services.estimate_repository()
    assert OwnEffortModel.objects.count() == 1


def test_too_few_logged_hours_say_how_many_are_missing() -> None:
    logged(38)
    services.estimate_repository()
    assert not OwnEffortModel.objects.exists()
    assert "2 more changes" in queries.ladder(ChangeFactory.create())[-1].refusals[0]["missing"]


def test_later_outcomes_are_scored() -> None:
    change = ChangeFactory.create()
    guess(change)
    row = effort(change)
    LoggedHours.objects.all().delete()
    services.log_hours(actor=curator(), change=change, hours_spent=row.p50, spent_on=dt.date(2026, 2, 1))
    kept = queries.kept_promises()[0]
    assert (kept.inside, kept.count) == (1, 1)


@pytest.mark.long
def test_shipping_measures_what_it_ships() -> None:
    tasks = made_up_tasks(1500)
    parts = Split(tasks[:900], tasks[900:1200], tasks[1200:])
    card = measure.measure(shipping.train(parts), parts)
    assert [row["name"] for row in card["predictors"]][-1] == "effort_1 (shipped)"
    assert card["distribution"]["crps"] < card["distribution"]["crps_marginal"]
    assert sum(card["distribution"]["pit"]) == 300
