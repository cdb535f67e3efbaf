"""The currency gate: each of the eight reasons stands alone, and says what is missing and what mends it."""

import datetime as dt
from dataclasses import replace

import pytest

from analysis.estimates import gate
from analysis.estimates.quantities import InputKind, Quantity, Role
from analysis.estimates.simulate import Range
from tests.unit.analysis.estimates.examples import BUILDS, PRICED, RATE, REALISED, TODAY, point

NARROW = Range(100.0, 200.0, 400.0)


def codes(inputs: dict[Role, Quantity], effect: Range = NARROW, **options) -> list[str]:
    found = gate.refusals(inputs, effect, today=TODAY, **options)
    assert all(refusal.missing and refusal.fix and refusal.title for refusal in found)
    return [refusal.code.value for refusal in found]


def without(*roles: Role) -> dict[Role, Quantity]:
    return {role: quantity for role, quantity in PRICED.items() if role not in roles}


def test_a_complete_chain_passes() -> None:
    assert codes(PRICED) == []


def test_g1_no_rate() -> None:
    assert codes(without(Role.RATE)) == ["G1"]


@pytest.mark.parametrize("broken", [replace(RATE, source=""), replace(RATE, dated=None)])
def test_g1_rate_without_source_or_date(broken: Quantity) -> None:
    assert codes({**PRICED, Role.RATE: broken}) == ["G1"]


def test_g1_quoted_money_needs_a_bill() -> None:
    quoted = {
        **without(Role.RATE, Role.REALISED, Role.BEFORE, Role.AFTER),
        Role.VOLUME: point("v", "1/month", 1),
        Role.DELTA: point("d", "USD", 500),
    }
    assert codes(quoted) == ["G1"]
    assert codes({**quoted, Role.REALISED: replace(REALISED, dated=TODAY)}) == []


@pytest.mark.parametrize(
    "broken", [replace(BUILDS, kind=InputKind.ASSUMED), replace(BUILDS, source=""), replace(BUILDS, author="")]
)
def test_g2_volume_that_nobody_stands_for(broken: Quantity) -> None:
    assert codes({**PRICED, Role.VOLUME: broken}) == ["G2"]


def test_g3_units_do_not_match() -> None:
    assert codes({**PRICED, Role.RATE: replace(RATE, unit="USD/GB")}) == ["G3"]
    assert codes({**PRICED, Role.COST: point("c", "hour", 3)}) == ["G3"]


def test_g4_rate_older_than_two_years() -> None:
    assert codes({**PRICED, Role.RATE: replace(RATE, dated=dt.date(2024, 11, 1))}) == ["G4"]
    assert codes({**PRICED, Role.RATE: replace(RATE, dated=dt.date(2024, 12, 1))}) == []


def test_g4_rate_of_the_future() -> None:
    assert codes({**PRICED, Role.RATE: replace(RATE, dated=dt.date(2027, 1, 1))}) == ["G4"]


def test_g4_foreign_currency_without_a_dated_exchange_rate() -> None:
    assert codes({**PRICED, Role.COST: point("c", "EUR", 300)}) == ["G4"]
    assert codes({**PRICED, Role.EXCHANGE: point("x", "EUR/USD", 0.9)}) == ["G4"]
    dated = replace(point("x", "EUR/USD", 0.9), dated=TODAY)
    assert codes({**PRICED, Role.EXCHANGE: dated}) == []


def test_g5_attribution_unspecified() -> None:
    assert codes(without(Role.ATTRIBUTION)) == ["G5"]


@pytest.mark.parametrize(
    ("effect", "refused"),
    [
        (Range(1, 5, 30), False),
        (Range(1, 5, 30.1), True),
        (Range(0, 5, 30), True),
        (Range(-3, 5, 30), True),
        (Range(-30, -5, -1), False),
        (Range(-31, -5, -1), True),
        (Range(0, 0, 0), True),
    ],
)
def test_g6_too_uncertain_to_price(effect: Range, refused: bool) -> None:
    assert codes(PRICED, effect) == (["G6"] if refused else [])


@pytest.mark.parametrize(
    "source",
    ["ChatGPT said so", "GPT-4 estimate", "asked Claude", "Attest report of May", "https://me.example/receipts/1"],
)
def test_g7_circular_source(source: str) -> None:
    found = codes({**PRICED, Role.RATE: replace(RATE, source=source)}, own_names=("me.example",))
    assert found == ["G7"]


def test_g8_saved_time_that_nobody_stopped_paying_for() -> None:
    assert codes(without(Role.REALISED)) == ["G8"]


def test_every_reason_is_told() -> None:
    inputs = {**without(Role.RATE, Role.REALISED, Role.ATTRIBUTION), Role.VOLUME: replace(BUILDS, source="")}
    assert codes(inputs, Range(1, 10, 100)) == ["G1", "G2", "G5", "G6", "G8"]
