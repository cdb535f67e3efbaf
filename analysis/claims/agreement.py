"""Do three numbers agree: an old value, a new value, and the change that is said to lie between them?"""

from __future__ import annotations

from analysis.claims.records import Dim, Quantity
from analysis.claims.units import base_value, same_dimension

SLACK = 0.05  # people round: five per cent of the stated change, beside half of the last digit
_ROUND = 0.12  # "a gain of 100x" of a value that fell to a 110th
_TIGHT = 0.03  # numbers that vouch for each other must fit better than numbers that do not contradict each other


def disagreement(old: Quantity, new: Quantity, stated: Quantity) -> str | None:
    """Why the three cannot all be true, "" if they can, None where they cannot be compared."""
    ratios = _ratios(old, new)
    if ratios is None or stated.value is None or stated.dim not in (Dim.FACTOR, Dim.PERCENT):
        return None
    low, high = _stated_range(stated)
    if _fits(stated, ratios, low, high):
        return ""
    ratio = (ratios[0] + ratios[1]) / 2
    if stated.dim is Dim.FACTOR:
        return f"the two values are {max(ratio, 1 / ratio):.3g}x apart, the text says {stated.value:g}x"
    return f"the two values differ by {100 * (ratio - 1):+.3g}%, the text says {stated.value:g}%"


def vouches(old: Quantity, new: Quantity, stated: Quantity) -> bool:
    """Whether the change fits the two values so well that chance is no explanation."""
    if old.value is None or new.value is None or stated.value is None or old.value == new.value:
        return False
    if stated.dim in (Dim.FACTOR, Dim.PERCENT):
        ratios = _ratios(old, new)
        slack = max(stated.step, (_ROUND if _is_round(stated.value) else _TIGHT) * abs(stated.value))
        low, high = stated.value - slack, (stated.high if stated.high is not None else stated.value) + slack
        return ratios is not None and _fits(stated, ratios, low, high)
    if stated.dim is not old.dim or stated.high is not None:
        return False
    difference = abs(base_value(new.value, new.unit or old.unit) - base_value(old.value, old.unit or new.unit))
    slack = base_value(old.step + new.step, new.unit or old.unit) + base_value(stated.step, stated.unit)
    return abs(difference - base_value(stated.value, stated.unit)) <= slack


def _is_round(value: float) -> bool:
    """Whether a number has one significant digit and two places or more: 100, 40, but not 3."""
    return value >= 10 and len(f"{value:g}".rstrip("0").replace(".", "")) == 1


def grows(old: Quantity, new: Quantity, stated: Quantity) -> bool:
    """Whether a signed change fits the two values in this order: 280 and 292 with +4.4%, not 292 and 280."""
    ratios = _ratios(old, new)
    if ratios is None or stated.value is None:
        return False
    signed = stated.sign * stated.value
    slack = max(stated.step, _TIGHT * abs(stated.value))
    return 100 * (ratios[0] - 1) <= signed + slack and 100 * (ratios[1] - 1) >= signed - slack


def _ratios(old: Quantity, new: Quantity) -> tuple[float, float] | None:
    """The least and the most that new / old can be, given how the two are printed."""
    if old.value is None or new.value is None:
        return None
    if not same_dimension(old.unit or new.unit, new.unit or old.unit):
        return None
    (old_low, old_high), (new_low, new_high) = _interval(old, new.unit), _interval(new, old.unit)
    return (new_low / old_high, new_high / old_low) if min(old_low, new_low) > 0 else None


def _fits(stated: Quantity, ratios: tuple[float, float], low: float, high: float) -> bool:
    readings = _factor_readings(*ratios) if stated.dim is Dim.FACTOR else _percent_readings(*ratios)
    return any(reading_high >= low and reading_low <= high for reading_low, reading_high in readings)


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
