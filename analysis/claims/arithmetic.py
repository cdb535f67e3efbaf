"""Do the numbers of one statement agree with each other? "10x (30 s vs 3 min)" does not."""

from __future__ import annotations

from analysis.claims.amounts import Amount, Group
from analysis.claims.records import Dim, Quantity
from analysis.claims.units import base_value, same_dimension

SLACK = 0.05  # people round: five per cent of the stated change, beside half of the last digit


def contradicts(group: Group) -> str:
    """Why the pair and the stated change of a group cannot both be true; empty if they can (or nothing to compare)."""
    pair = next((amount for amount in group.amounts if amount.to is not None), None)
    change = next((amount for amount in group.amounts if amount.is_change), None)
    if pair is None or change is None or pair.to is None:
        return ""
    ends = _ends(pair)
    stated = change.of
    if ends is None or stated.value is None or stated.dim is Dim.POINTS:
        return ""
    (old_low, old_high), (new_low, new_high) = ends
    if min(old_low, new_low) <= 0:
        return ""
    ratios = (new_low / old_high, new_high / old_low)
    readings = _factor_readings(*ratios) if stated.dim is Dim.FACTOR else _percent_readings(*ratios)
    low, high = _stated_range(stated)
    if any(reading_high >= low and reading_low <= high for reading_low, reading_high in readings):
        return ""
    ratio = (ratios[0] + ratios[1]) / 2
    if stated.dim is Dim.FACTOR:
        return f"the two values are {max(ratio, 1 / ratio):.3g}x apart, the text says {stated.value:g}x"
    return f"the two values differ by {100 * (ratio - 1):+.3g}%, the text says {stated.value:g}%"


def _ends(pair: Amount) -> tuple[tuple[float, float], tuple[float, float]] | None:
    old, new = pair.of, pair.to
    if old is None or new is None or old.value is None or new.value is None:
        return None
    if not same_dimension(old.unit or new.unit, new.unit or old.unit):
        return None
    return _interval(old, new.unit), _interval(new, old.unit)


def _interval(quantity: Quantity, other_unit: str) -> tuple[float, float]:
    unit = quantity.unit or other_unit
    value = quantity.value or 0.0
    low = base_value(value - quantity.step, unit)
    high = base_value((quantity.high or value) + quantity.step, unit)
    if quantity.bound == "<":
        low = 1e-12
    if quantity.bound == ">":
        high = high * 1e6
    return low, high


def _factor_readings(low: float, high: float) -> list[tuple[float, float]]:
    """As a ratio either way, and "2x faster" read as 2x more speed on top."""
    inverse = (1 / high, 1 / low)
    return [(low, high), inverse, (inverse[0] - 1, inverse[1] - 1), (low - 1, high - 1)]


def _percent_readings(low: float, high: float) -> list[tuple[float, float]]:
    """As a change of the old value or as a change of speed; signs do not count."""
    change = (100 * (low - 1), 100 * (high - 1))
    speed = (100 * (1 / high - 1), 100 * (1 / low - 1))
    readings = [change, speed]
    return readings + [(-two, -one) for one, two in readings]


def _stated_range(stated: Quantity) -> tuple[float, float]:
    value = stated.value or 0.0
    high = stated.high if stated.high is not None else value
    slack = max(SLACK * abs(value), stated.step, 0.1 * abs(value) if stated.approx else 0.0)
    if stated.dim is Dim.PERCENT:
        slack = max(slack, 0.5)
    low_end, high_end = value - slack, high + slack
    if stated.bound == ">":
        high_end = 1e12
    if stated.bound == "<":
        low_end = -1e12
    return low_end, high_end
