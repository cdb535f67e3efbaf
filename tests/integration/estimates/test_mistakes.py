"""Each mistake that the method exists to make impossible, by name. Every one was made by a real tool of this kind."""

import datetime as dt
from typing import Any

import pytest

from analysis import queries, services
from analysis.claims.extractor import extract
from analysis.estimates.mistakes import MISTAKES
from analysis.estimates.outcomes import Outcome, OutcomeRefused, change_of
from analysis.estimates.quantities import Role
from analysis.models import Assumption, Change, Estimate
from evidence.models import AuditEntry
from tests.factories.claims import curator
from tests.factories.collection import ChangeFactory, ChangeTextFactory
from tests.integration.estimates.test_ladder import BUILDS, RATE, REALISED, claimed_change, enter, states

pytestmark = pytest.mark.django_db


def estimated(text: str) -> list[Estimate]:
    """Every estimate of a change with this description, the owner's assumptions being complete."""
    change = ChangeFactory.create()
    ChangeTextFactory.create(change=change, text=text)
    services.extract_claims(repository_id=change.repository_id)
    for name, content in (("builds", BUILDS), ("rate", RATE), ("realised", REALISED)):
        enter(name, content)
    services.estimate_change(change=change)
    return list(Estimate.objects.filter(change=change, status="ok"))


def complete(change: Change) -> Estimate:
    for name, content in (("builds", BUILDS), ("rate", RATE), ("realised", REALISED)):
        enter(name, content)
    services.estimate_change(change=change)
    return Estimate.objects.get(change=change, level="L4")


def test_every_mistake_has_its_test() -> None:
    assert {mistake.test for mistake in MISTAKES} <= set(globals())


@pytest.mark.parametrize("text", ["", " ", "Refactor.", "Improve performance massively!", "0", "NaN"])
def test_mistake_empty_input_is_worth_nothing(text: str) -> None:
    assert estimated(text) == []


def test_mistake_one_repository_has_one_answer() -> None:
    change = claimed_change()
    first = complete(change)
    said = [row.receipt for row in Estimate.objects.filter(change=change).order_by("level")]
    Estimate.objects.all().delete()
    services.estimate_repository()
    assert [row.receipt for row in Estimate.objects.filter(change=change).order_by("level")] == said
    assert first.receipt in said


def test_mistake_a_negated_sentence_is_worth_nothing() -> None:
    assert estimated("This is NOT a security issue.") == []
    assert estimated("This does not save 3 hours per week.") == []


def test_mistake_an_issue_number_is_no_amount() -> None:
    assert estimated("fixes #1234 issues") == []


def test_mistake_a_cost_is_no_saving() -> None:
    assert estimated("The new cluster costs $500 per month.") == []


def test_mistake_twelve_thousand_is_not_twelve() -> None:
    claim = extract("Saves $12k per month on storage.").claims[0]
    assert claim.magnitude.value == 12_000


def test_mistake_a_fixture_claims_nothing() -> None:
    assert estimated('```python\nassert parse("saves $12k per month") == 12000\n```') == []


def test_mistake_size_is_no_confidence() -> None:
    change = claimed_change()
    small = complete(change)
    Change.objects.filter(pk=change.pk).update(landed_additions=90_000, landed_files=800)
    assert services.estimate_change(change=change) == 0
    assert Estimate.objects.get(change=change, level="L4").receipt == small.receipt


def test_mistake_no_range_without_uncertain_inputs() -> None:
    change = claimed_change()
    point: dict[str, Any] = {"low": None, "high": None}
    enter("builds", BUILDS, **point, point=40.0)
    enter("share", REALISED, role="attribution", **point, point=0.5)
    enter("months", REALISED, role="persistence", unit="month", **point, point=12.0)
    states(change)
    row = Estimate.objects.get(change=change, level="L3")
    assert row.p10 == row.p50 == row.p90 == 2435


def test_mistake_a_pass_rate_is_no_coverage() -> None:
    assert estimated("98.6% of the tests pass.") == []
    with pytest.raises(OutcomeRefused, match="level"):
        change_of(Outcome("claim:1", "1", "coverage", "better", "from_to", "%", from_value=80, to_value=98.6), {})


def test_mistake_one_saving_counts_once() -> None:
    from analysis.estimates.totals import total_of

    first, second = claimed_change(outcome_key="one saving"), claimed_change(outcome_key="one saving")
    enter("builds", BUILDS)
    for change in (first, second):
        services.estimate_change(change=change)
    rows = list(Estimate.objects.filter(level="L3", status="ok"))
    total = total_of(rows)
    assert len(rows) == 2
    assert total.result["outcomes"] == 1
    assert total.result["p50"] in {row.p50 for row in rows}


def test_mistake_effort_is_no_value() -> None:
    change = ChangeFactory.create()
    services.enter_assumption(
        actor=curator(), name="guess", role="human_estimate", unit="hour", point=8.0, change=change, author="owner"
    )
    services.estimate_change(change=change)
    enter("rate", RATE)
    services.estimate_change(change=change)
    row = Estimate.objects.get(change=change)
    assert (row.level, row.unit, row.currency) == ("effort", "hour", "")
    effort = queries.ladder(change)[-1]
    assert effort.level == "effort" and "cost" in effort.title


def test_mistake_lines_are_no_work() -> None:
    change = ChangeFactory.create(landed_additions=181_071)
    services.estimate_change(change=change)
    assert not Estimate.objects.filter(change=change, status="ok").exists()
    assert queries.ladder(change)[-1].refusals[0]["code"] == "no_human_estimate"


def test_mistake_a_bound_that_was_sought_leaves_its_trail() -> None:
    for high in (70.0, 90.0, 150.0, 400.0):
        enter("rate", RATE, high=high)
    assert list(Assumption.objects.order_by("version").values_list("high", flat=True)) == [70.0, 90.0, 150.0, 400.0]
    assert AuditEntry.objects.filter(action="estimates.assume").count() == 4


def test_mistake_wording_raises_nothing() -> None:
    change = claimed_change()
    plain = complete(change)
    Change.objects.filter(pk=change.pk).update(title="HUGE world-class 100x game changer!!!", body="Best work ever.")
    assert services.estimate_change(change=change) == 0
    assert Estimate.objects.get(change=change, level="L4").receipt == plain.receipt


def test_mistake_a_damaged_amount_is_refused() -> None:
    assert estimated("Saves ,000/year in licences.") == []
    for damaged in (",000", "1,2,3", "12k", "", "1:99", "1e9", "-3"):
        with pytest.raises(services.HoursRefused):
            services.import_hours(
                actor=curator(),
                repository=ChangeFactory.create().repository,
                text=f'change,date,hours\n#1,{dt.date(2026, 1, 1)},"{damaged}"\n',
                source="made-up",
            )
    assert Role.COST not in change_of(
        Outcome("claim:1", "1", "time", "better", "absolute_delta", "hour", value=1.0), {}
    )
