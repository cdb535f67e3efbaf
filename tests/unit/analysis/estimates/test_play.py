"""Playing with an estimate: every figure has a receipt that can be found again from its link."""

import datetime as dt

import pytest

from analysis.estimates.play import figures_of, play
from evidence.receipts import Verdict, check
from tests.unit.analysis.estimates.examples import TODAY

PRICED = {
    "rate_low": "60",
    "rate_high": "120",
    "rate_source": "https://example.org/salaries",
    "rate_dated": "2026-01-01",
    "realised_low": "0.1",
    "realised_high": "0.4",
    "cost": "3000",
}


def test_it_starts_without_money() -> None:
    found = play({}, TODAY)
    assert found.effect.known and not found.money.known
    assert [refusal.code for refusal in found.refusals] == ["G1", "G8"]
    assert {bar.role for bar in found.bars} == {"volume", "attribution"}


def test_a_sourced_rate_gives_money_and_every_receipt_is_found_again() -> None:
    found = play(PRICED, TODAY)
    assert found.money.known and not found.refusals
    shown = [found.effect, found.money, *(end for bar in found.bars for end in (bar.low, bar.high))]
    shown += [figure for _, figure in found.break_even]
    derived = {receipt.id: receipt for receipt in figures_of(found.effect.subject)}
    assert {figure.receipt for figure in shown} <= set(derived)
    assert {check(one.id, one.text).verdict for one in derived.values()} == {Verdict.SAME}


def test_bars_lie_within_the_chart() -> None:
    assert all(0 <= bar.start <= bar.end <= 100 for bar in play(PRICED, TODAY).bars)


@pytest.mark.parametrize(
    "fields",
    [
        {"before_low": "x"},
        {"unit": "<script>"},
        {"volume_low": "9", "volume_high": "1"},
        {"volume_low": "", "volume_high": ""},
        {"months_low": "-1", "months_high": "-1"},
        {"share_low": "2", "share_high": "3"},
        {"rate_low": "1", "rate_high": "nan"},
        {"rate_low": "1", "rate_high": "2", "rate_dated": "tomorrow"},
        {"before_low": "1e999"},
        {"volume_unit": "1/month", "unit": "MB", "cost": "-5"},
    ],
)
def test_what_cannot_be_read_is_said_and_gives_no_figure(fields: dict[str, str]) -> None:
    found = play(fields, TODAY)
    assert found.problems
    assert not found.effect.known and not found.money.known


def test_an_old_rate_is_refused() -> None:
    assert [one.code for one in play({**PRICED, "rate_dated": "2020-01-01"}, TODAY).refusals] == ["G4"]


def test_another_subject_has_no_figures() -> None:
    assert figures_of("change:x/y#1") == []
    assert figures_of("play:before_low=x") == []
    assert dt.date.fromisoformat(PRICED["rate_dated"]) < TODAY
