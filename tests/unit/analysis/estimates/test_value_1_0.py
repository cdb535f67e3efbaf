"""The value method: units, monotonicity, scale, and what has no value."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimates import units
from analysis.estimates.methods import value_1_0 as value
from analysis.estimates.outcomes import Outcome, change_of
from analysis.estimates.quantities import InputError, Quantity, Role, check
from tests.unit.analysis.estimates.examples import AFTER, BEFORE, BUILDS, EFFECT, LASTS, PRICED, RATE, SHARE, point

factors = st.floats(0.01, 100)


def effect(inputs: dict[Role, Quantity], draws: int = 2000) -> dict:
    return dict(value.yearly_effect(dict(value.documents(inputs)), {"draws": draws}, value.SEED))


def money(inputs: dict[Role, Quantity], draws: int = 2000) -> dict:
    return dict(value.yearly_money(dict(value.documents(inputs)), {"draws": draws}, value.SEED))


def test_points_multiply_exactly() -> None:
    inputs = {**EFFECT, Role.VOLUME: point("v", "build/day", 40), Role.ATTRIBUTION: point("a", "1", 0.5)}
    # 40 a day, 365.25 days, 20 minutes each, half of it: 2435 hours.
    assert effect(inputs) == {"p10": 2435, "p50": 2435, "p90": 2435, "unit": "hour/year"}


def test_money_is_effect_times_realised_times_rate_minus_cost() -> None:
    inputs = {
        Role.VOLUME: point("v", "1/week", 1),
        Role.DELTA: point("d", "hour", 7),
        Role.PERSISTENCE: point("p", "month", 6),
        Role.ATTRIBUTION: point("a", "1", 1),
        Role.REALISED: point("r", "1", 0.5),
        Role.RATE: point("m", "EUR/hour", 80),
        Role.COST: point("c", "EUR", 300),
    }
    # 365.25/7 weeks, 7 hours, half a year, half realised, 80 EUR: 7305; less 300.
    assert money(inputs) == {"p10": 7005, "p50": 7005, "p90": 7005, "unit": "EUR/year", "currency": "EUR"}


def test_same_inputs_give_the_same_bytes() -> None:
    assert money(PRICED, 20_000) == money(PRICED, 20_000)


@given(st.permutations(list(PRICED)))
@settings(max_examples=10, deadline=None)
def test_order_of_inputs_is_irrelevant(order: list[Role]) -> None:
    assert money({role: PRICED[role] for role in order}) == money(PRICED)


def test_wording_is_irrelevant() -> None:
    louder = {
        role: replace(quantity, source="A HUGE, WORLD-CLASS, 100x win!!!", author="The Best Engineer")
        for role, quantity in PRICED.items()
    }
    assert money(louder) == money(PRICED)


@given(factor=factors)
@settings(max_examples=20, deadline=None)
def test_effect_scales_with_its_volume(factor: float) -> None:
    base = effect(EFFECT)
    scaled = effect({**EFFECT, Role.VOLUME: replace(BUILDS, low=BUILDS.low * factor, high=BUILDS.high * factor)})
    for name in ("p10", "p50", "p90"):
        assert scaled[name] == pytest.approx(base[name] * factor, rel=1e-5)


@given(more=st.floats(1.01, 5))
@settings(max_examples=20, deadline=None)
def test_more_saved_is_never_worth_less(more: float) -> None:
    base = money(PRICED)
    better = money({**PRICED, Role.BEFORE: replace(BEFORE, point=30 * more)})
    dearer = money({**PRICED, Role.RATE: replace(RATE, low=60 * more, high=120 * more)})
    for name in ("p10", "p50", "p90"):
        assert better[name] > base[name]
        assert dearer[name] > base[name]


def test_the_unit_in_which_an_input_is_written_is_irrelevant() -> None:
    seconds = {**EFFECT, Role.BEFORE: replace(BEFORE, unit="second", point=1800.0)}
    per_build = {**EFFECT, Role.BEFORE: replace(BEFORE, unit="minute/build"), Role.AFTER: replace(AFTER, unit="minute")}
    assert effect(seconds) == effect(EFFECT)
    with pytest.raises(units.UnitError):
        effect(per_build)  # before per build and after per nothing: not the same kind of number


def test_no_delta_no_value() -> None:
    without = {role: quantity for role, quantity in EFFECT.items() if role not in {Role.BEFORE, Role.AFTER}}
    with pytest.raises(InputError, match="no delta, no value"):
        effect(without)
    with pytest.raises(InputError, match="no delta, no value"):
        effect({**without, Role.BEFORE: BEFORE})


def test_nothing_changed_is_worth_nothing() -> None:
    assert effect({**EFFECT, Role.AFTER: replace(AFTER, point=30.0)})["p50"] == 0


def test_a_regression_has_a_negative_effect() -> None:
    assert effect({**EFFECT, Role.AFTER: replace(AFTER, point=40.0)})["p90"] < 0


@pytest.mark.parametrize("role", [Role.VOLUME, Role.PERSISTENCE])
def test_a_missing_input_is_named(role: Role) -> None:
    with pytest.raises(InputError, match=role.value):
        effect({key: quantity for key, quantity in EFFECT.items() if key is not role})


def test_persistence_counts_at_most_a_year() -> None:
    longer = {**EFFECT, Role.PERSISTENCE: replace(LASTS, point=48.0)}
    assert effect(longer) == effect(EFFECT)


def test_units_that_do_not_fit_are_refused() -> None:
    with pytest.raises(units.UnitError, match="no effect"):
        effect(
            {
                **EFFECT,
                Role.BEFORE: replace(BEFORE, unit="second/request"),
                Role.AFTER: replace(AFTER, unit="second/request"),
            }
        )
    with pytest.raises(units.UnitError, match="no currency"):
        money({**PRICED, Role.RATE: replace(RATE, unit="USD/GB")})


def test_shared_inputs_share_their_draws_in_a_total() -> None:
    part = {"level": "L3", "inputs": dict(value.documents(EFFECT))}
    twice = value.total({"a": {**part, "outcome": "one"}, "b": {**part, "outcome": "two"}}, {"draws": 2000}, value.SEED)
    once = effect(EFFECT)
    assert twice["p10"] == pytest.approx(2 * once["p10"], rel=1e-5)


def test_independent_parts_add_draws_not_percentiles() -> None:
    parts = {}
    for at in range(8):
        inputs = {**EFFECT, Role.VOLUME: replace(BUILDS, key=f"v{at}"), Role.ATTRIBUTION: replace(SHARE, key=f"s{at}")}
        parts[f"part{at}"] = {"outcome": f"o{at}", "level": "L3", "inputs": dict(value.documents(inputs))}
    found = value.total(parts, {}, value.SEED)
    together = found["if_all_errs_together"]
    assert found["p10"] > together["p10"] * 1.1
    assert found["p90"] < together["p90"] * 0.9


def test_one_saving_in_two_changes_counts_once() -> None:
    part = {"outcome": "ci minutes 30 to 10", "level": "L3", "inputs": dict(value.documents(EFFECT))}
    found = value.total({"change:a#1": part, "change:a#2": part}, {"draws": 2000}, value.SEED)
    assert found["p50"] == effect(EFFECT)["p50"]
    assert found["left_out_as_the_same_outcome"] == 1


def test_unlike_units_are_not_totalled() -> None:
    gigabytes = {
        Role.VOLUME: point("v", "1/month", 1),
        Role.DELTA: point("d", "GB", 5),
        Role.PERSISTENCE: LASTS,
        Role.ATTRIBUTION: SHARE,
    }
    with pytest.raises(units.UnitError, match="one unit"):
        value.total(
            {
                "a": {"outcome": "x", "level": "L3", "inputs": dict(value.documents(EFFECT))},
                "b": {"outcome": "y", "level": "L3", "inputs": dict(value.documents(gigabytes))},
            },
            {"draws": 200},
            value.SEED,
        )


@pytest.mark.parametrize(
    ("quantity", "role", "words"),
    [
        (Quantity("k", "1/day", point=float("nan")), Role.VOLUME, "finite"),
        (Quantity("k", "1/day", point=float("inf")), Role.VOLUME, "finite"),
        (Quantity("k", "1/day", low=1, high=float("-inf")), Role.VOLUME, "finite"),
        (Quantity("k", "1/day", point=True), Role.VOLUME, "number"),
        (Quantity("k", "1/day", low=9, high=3), Role.VOLUME, "not below"),
        (Quantity("k", "1/day", low=3, high=3), Role.VOLUME, "not below"),
        (Quantity("k", "1/day"), Role.VOLUME, "point, or both ends"),
        (Quantity("k", "1/day", low=1), Role.VOLUME, "both ends"),
        (Quantity("k", "1/day", point=1, low=1, high=2), Role.VOLUME, "not both"),
        (Quantity("k", "1/day", low=0, high=2), Role.VOLUME, "above zero"),
        (Quantity("k", "1/day", low=1, high=5, mode=7), Role.VOLUME, "likeliest"),
        (Quantity("k", "month", point=-3), Role.PERSISTENCE, "negative"),
        (Quantity("k", "hour", point=-3), Role.BEFORE, "negative"),
        (Quantity("k", "1", point=1.2), Role.ATTRIBUTION, "between 0 and 1"),
        (Quantity("k", "1/day", point=1e300), Role.VOLUME, "exceeds"),
        (Quantity("", "1/day", point=1), Role.VOLUME, "key"),
    ],
)
def test_bad_numbers_are_refused(quantity: Quantity, role: Role, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check(quantity, role)


@pytest.mark.parametrize(
    ("unit", "role"),
    [
        ("hour", Role.VOLUME),
        ("build", Role.VOLUME),
        ("hour", Role.ATTRIBUTION),
        ("build", Role.PERSISTENCE),
        ("hour", Role.RATE),
        ("hour", Role.COST),
        ("flurb", Role.BEFORE),
    ],
)
def test_a_unit_that_no_role_has_is_refused(unit: str, role: Role) -> None:
    with pytest.raises(units.UnitError):
        check(Quantity("k", unit, point=0.5), role)


def test_a_quantity_survives_its_document() -> None:
    for quantity in PRICED.values():
        assert Quantity.read(quantity.document()) == quantity


def test_a_count_without_a_unit_survives_its_document() -> None:
    outcome = Outcome("claim:1", "1", "other", "better", "from_to", "", from_value=10_000, to_value=2_000)
    change = change_of(outcome, {})
    assert {Quantity.read(one.document()).unit for one in change.values()} == {"1"}
