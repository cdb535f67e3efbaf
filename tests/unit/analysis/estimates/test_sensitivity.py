"""Tornado, break-even and what to measure next."""

from dataclasses import replace

import pytest

from analysis.estimates import sensitivity
from analysis.estimates.methods import value_1_0 as value
from analysis.estimates.quantities import Role
from analysis.estimates.simulate import draw_all, range_of
from tests.unit.analysis.estimates.examples import BUILDS, EFFECT, PRICED, RATE, point


def test_the_widest_input_stands_first() -> None:
    inputs = {**PRICED, Role.VOLUME: replace(BUILDS, low=2, high=200)}
    bars = sensitivity.tornado(inputs, value.money)
    assert bars[0].role is Role.VOLUME
    assert {bar.role for bar in bars} == {Role.VOLUME, Role.ATTRIBUTION, Role.RATE, Role.REALISED}
    assert all(bar.low < bar.high for bar in bars)
    assert sensitivity.measure_next(bars) is bars[0]


def test_points_have_no_bars() -> None:
    certain = {**EFFECT, Role.VOLUME: point("v", "1/day", 1), Role.ATTRIBUTION: point("a", "1", 1)}
    assert sensitivity.tornado(certain, value.effect) == []
    assert sensitivity.measure_next([]) is None


def test_break_even_is_where_the_median_is_zero() -> None:
    inputs = {**PRICED, Role.COST: point("c", "USD", 2000)}
    needed = sensitivity.break_even(inputs, value.money)[Role.RATE]
    factor = needed / range_of(draw_all({Role.RATE: RATE}, value.SEED)[Role.RATE]).p50
    inputs[Role.RATE] = replace(RATE, low=RATE.low * factor, high=RATE.high * factor)
    assert range_of(value.money(inputs, draw_all(inputs, value.SEED))).p50 == pytest.approx(0, abs=0.1)


def test_no_cost_no_break_even() -> None:
    assert sensitivity.break_even(PRICED, value.money) == {}
