"""From a quoted outcome to money: what appears when, and that each figure verifies."""

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from analysis import queries, services
from analysis.models import Change, Estimate
from evidence.services import verify
from jobs.models import Job
from tests.factories.claims import ClaimFactory, curator
from tests.factories.collection import ChangeContributorFactory, ChangeFactory, ChangeTextFactory, ContributorFactory

pytestmark = pytest.mark.django_db

BUILDS: dict[str, Any] = {
    "role": "volume",
    "unit": "build/day",
    "low": 20.0,
    "high": 60.0,
    "metric": "time",
    "source": "CI statistics of May",
    "dated": dt.date(2026, 5, 1),
    "author": "owner",
}
RATE: dict[str, Any] = {
    "role": "rate",
    "unit": "USD/hour",
    "low": 60.0,
    "high": 120.0,
    "source": "https://example.org/salaries",
    "dated": dt.date(2026, 5, 1),
    "author": "owner",
}
REALISED: dict[str, Any] = {
    "role": "realised",
    "unit": "1",
    "low": 0.1,
    "high": 0.4,
    "metric": "time",
    "source": "roster of the year",
    "dated": dt.date(2026, 5, 1),
    "author": "owner",
}


def claimed_change(**claim: Any) -> Change:
    """A change of two people, one of them the owner, that quotes a build time."""
    change = ChangeFactory.create()
    ChangeContributorFactory.create(change=change, contributor=ContributorFactory.create(is_owner=True))
    ChangeContributorFactory.create(change=change, role="reviewer")
    text = ChangeTextFactory.create(change=change, text="The build went from 30 min to 10 min.")
    said = {
        "quote": "from 30 min to 10 min",
        "kind": "from_to",
        "value": None,
        "from_value": 30.0,
        "to_value": 10.0,
        "unit": "min",
        "to_unit": "min",
    }
    ClaimFactory.create(text=text, change=change, **{**said, **claim})
    return change


def states(change: Change) -> dict[str, str]:
    services.estimate_change(change=change)
    return {row.level: row.reason or row.status for row in Estimate.objects.filter(change=change)}


def enter(name: str, content: dict[str, Any], **more: Any) -> None:
    services.enter_assumption(actor=curator(), name=name, **{**content, **more})


def test_no_money_appears_until_a_sourced_assumption_is_entered() -> None:
    change = claimed_change()
    assert states(change) == {"L2": "ok", "L3": "no_volume", "L4": "no_volume"}
    enter("builds", BUILDS)
    assert states(change) == {"L2": "ok", "L3": "ok", "L4": "G1"}
    enter("rate", RATE, source="")
    assert states(change)["L4"] == "G1"
    enter("rate", RATE)
    assert states(change)["L4"] == "G8"
    assert not Estimate.objects.exclude(currency="").exists()
    enter("realised", REALISED)
    assert states(change) == {"L2": "ok", "L3": "ok", "L4": "ok"}
    row = Estimate.objects.get(change=change, level="L4")
    assert (row.currency, row.unit) == ("USD", "USD/year")
    assert 0 < row.p10 < row.p50 < row.p90


def test_every_figure_of_a_ladder_verifies_and_names_what_it_stands_on() -> None:
    change = claimed_change()
    for name, content in (("builds", BUILDS), ("rate", RATE), ("realised", REALISED)):
        enter(name, content)
    states(change)
    receipts = list(queries.estimate_receipts(change))
    assert len(receipts) == 3
    assert all(verify(receipt).ok for receipt in receipts)
    stored = {row.receipt for row in Estimate.objects.filter(change=change)}
    assert {receipt.id for receipt in receipts} == stored
    assert {row.level for row in queries.standing_on("assumption:rate@1")} == {"L4"}
    assert {row.level for row in queries.standing_on("assumption:builds@1")} == {"L3", "L4"}
    claim = change.claims.get()
    assert {row.level for row in queries.standing_on(f"claim:{claim.key}")} == {"L2", "L3", "L4"}


def test_what_nothing_touched_is_left_alone() -> None:
    change = claimed_change()
    enter("builds", BUILDS)
    assert services.estimate_change(change=change) == 3
    assert services.estimate_change(change=change) == 0
    enter("builds", BUILDS, high=80.0)
    assert services.estimate_change(change=change) == 1  # the refusal of L4 is what it was


def test_a_withdrawn_assumption_takes_its_figures_with_it() -> None:
    change = claimed_change()
    services.enter_assumption(actor=curator(), name="builds", **BUILDS)
    assert states(change)["L3"] == "ok"
    row = queries.Assumption.objects.get()
    services.withdraw_assumption(actor=curator(), assumption=row, reason="wrong pipeline")
    assert states(change)["L3"] == "no_volume"


def test_an_edit_and_a_review_ask_for_the_work() -> None:
    change = claimed_change()
    enter("builds", BUILDS)
    services.review_claim(claim_id=change.claims.get().pk, decision="rejected", actor=curator())
    assert Job.objects.filter(kind="estimates", key=f"estimates:{change.repository_id}").count() == 1
    assert states(change) == {"L2": "claim_rejected", "L3": "claim_rejected", "L4": "claim_rejected"}


def test_without_the_owner_it_is_the_teams_figure_and_no_money() -> None:
    change = claimed_change()
    change.participations.exclude(role="reviewer").delete()
    for name, content in (("builds", BUILDS), ("rate", RATE), ("realised", REALISED)):
        enter(name, content)
    assert states(change) == {"L2": "ok", "L3": "ok", "L4": "G5"}
    assert Estimate.objects.get(level="L3").whose == "team"


@pytest.mark.parametrize(("state", "code"), [("expected", "claim_expected"), ("contradicted", "claim_contradicted")])
def test_a_hope_and_a_contradiction_are_no_outcomes(state: str, code: str) -> None:
    change = claimed_change(state=state, state_reason="made up")
    assert set(states(change).values()) == {code}


def test_a_percentage_needs_its_base() -> None:
    change = claimed_change(kind="relative_pct", value=20.0, unit="%", from_value=None, to_value=None, to_unit="")
    enter("builds", BUILDS)
    assert states(change)["L2"] == "no_base"
    enter(
        "base",
        BUILDS,
        role="before",
        unit="minute",
        low=25.0,
        high=35.0,
        kind="measured",
        source="CI statistics of May",
    )
    assert states(change)["L3"] == "ok"
    row = Estimate.objects.get(change=change, level="L2")
    assert row.p50 == pytest.approx(0.2 * (25 * 35) ** 0.5, rel=1e-5)
    assert {link.assumption.name for link in row.links.all()} == {"base"}


def test_quoted_money_stays_behind_the_gate() -> None:
    change = claimed_change(
        metric="cost",
        kind="absolute_delta",
        value=500.0,
        unit="USD",
        period="per month",
        from_value=None,
        to_value=None,
    )
    assert states(change) == {"L2": "G1", "L3": "G1", "L4": "G1"}
    assert not Estimate.objects.exclude(currency="").exists()
    enter("bill", REALISED, metric="cost", low=0.8, high=0.99, source="invoices of June")
    assert states(change)["L4"] == "ok"


def test_a_ladder_says_each_level(django_assert_max_num_queries: Any) -> None:
    change = claimed_change()
    enter("builds", BUILDS)
    services.estimate_change(change=change)
    with django_assert_max_num_queries(6):
        steps = queries.ladder(change)
    assert [step.level for step in steps] == ["L0", "L1", "L2", "L3", "L4", "effort"]
    for step in steps:
        assert step.statement
        assert step.figure is not None or step.refusals
    assert steps[-1].refusals[0]["code"] == "no_human_estimate"
    assert "40 more changes" in steps[-1].refusals[0]["missing"]


def test_a_change_without_a_claim_says_what_is_missing() -> None:
    steps = queries.ladder(ChangeFactory.create())
    assert [step.level for step in steps] == ["L0", "L1", "L2", "L3", "L4", "effort"]
    assert steps[2].refusals[0]["code"] == "no_outcome"


def test_the_command_prints_one_object_a_level() -> None:
    change = claimed_change()
    enter("builds", BUILDS)
    out = StringIO()
    call_command("estimate", queries.change_ref(change), stdout=out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["level"] for line in lines] == ["L0", "L1", "L2", "L3", "L4", "effort"]
    effect = lines[3]
    assert effect["status"] == "ok" and effect["unit"] == "hour/year" and effect["currency"] is None
    assert effect["p10"] < effect["p50"] < effect["p90"] and len(effect["receipt"]) == 64
    assert lines[4] | {} == lines[4] and lines[4]["status"] == "refused" and lines[4]["reason"] == "G1"
    out = StringIO()
    call_command("estimate", "--all", stdout=out, stderr=StringIO())
    assert len(out.getvalue().splitlines()) == 6


def test_the_command_refuses_wrong_use() -> None:
    with pytest.raises(CommandError, match="Name one change"):
        call_command("estimate")
    with pytest.raises(CommandError, match="no collected change"):
        call_command("estimate", "change:nobody/nothing#1")


def test_method_tables_verify() -> None:
    tables = queries.method_tables()
    receipts = list(queries.figures_of("method:effort_1"))
    assert all(verify(receipt).ok for receipt in receipts)
    shown = {figure.receipt for row in tables.predictors for figure in row.figures.values()}
    shown |= {figure.receipt for figure in tables.pit} | {row.kept.receipt for row in (*tables.bands, *tables.groups)}
    assert shown <= {receipt.id for receipt in receipts}
