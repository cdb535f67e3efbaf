"""The inputs of an estimate: a point or a range, with unit, kind, source and date (no Django here).

A quantity is refused at the door when it is no finite number, when its range is inverted, when its unit is unknown,
or when its role does not allow its value (a share above one, a negative duration).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from analysis.estimates import units


class InputKind(StrEnum):
    """How an input came to be known."""

    MEASURED = "measured"
    QUOTED = "quoted"
    DECLARED = "declared"
    ASSUMED = "assumed"


class Role(StrEnum):
    """What an input does in the formula."""

    VOLUME = "volume"
    DELTA = "delta"
    BEFORE = "before"
    AFTER = "after"
    PERSISTENCE = "persistence"
    ATTRIBUTION = "attribution"
    REALISED = "realised"
    RATE = "rate"
    EXCHANGE = "exchange"
    COST = "cost"


SHARES = frozenset({Role.PERSISTENCE, Role.ATTRIBUTION, Role.REALISED})
SIGNED = frozenset({Role.DELTA})
LARGEST = 1e15


class InputError(ValueError):
    """An input that no estimate may stand on; the message says what is wrong and how to enter it."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One input.

    ``key`` is its identity: estimates that use the same key share its draws, so that a total of them is right.
    Either ``point``, or ``low`` and ``high``: the 5% and the 95% point (with ``mode``: the least, the likeliest and
    the largest value). ``unit`` is read by ``units.parse``; shares have unit "1".
    """

    key: str
    unit: str
    kind: InputKind = InputKind.ASSUMED
    point: float | None = None
    low: float | None = None
    high: float | None = None
    mode: float | None = None
    source: str = ""
    dated: dt.date | None = None
    author: str = ""

    @property
    def is_point(self) -> bool:
        """True when it has one value and no range."""
        return self.point is not None

    def document(self) -> dict[str, Any]:
        """Return what a receipt keeps of it: plain data without empty fields."""
        entry = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: _plain(value) for name, value in entry.items() if value not in (None, "")}

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Quantity:
        """Return the quantity that ``document`` wrote."""
        values = dict(entry)
        values["kind"] = InputKind(values.get("kind", InputKind.ASSUMED))
        if isinstance(values.get("dated"), str):
            values["dated"] = dt.date.fromisoformat(values["dated"])
        return cls(**values)


def check(quantity: Quantity, role: Role) -> Quantity:
    """Return the quantity if it can play this role; raise InputError or units.UnitError saying what is wrong."""
    numbers = [value for value in (quantity.point, quantity.low, quantity.mode, quantity.high) if value is not None]
    if not quantity.key:
        raise InputError("an input needs a key that says where it comes from")
    if any(isinstance(value, bool) or not isinstance(value, (int, float)) for value in numbers):
        raise InputError(f"{role}: a value must be a number")
    if any(not math.isfinite(value) for value in numbers):
        raise InputError(f"{role}: not a finite number; leave the field empty when the value is unknown")
    if any(abs(value) > LARGEST for value in numbers):
        raise InputError(f"{role}: no quantity here exceeds {LARGEST:g}; check the unit")
    _check_form(quantity, role)
    if role in SHARES and role is not Role.PERSISTENCE:
        _check_share(quantity, role, numbers)
    elif role not in SIGNED and any(value < 0 for value in numbers):
        raise InputError(f"{role}: cannot be negative")
    units.parse(quantity.unit)
    _check_unit(quantity, role)
    return quantity


def _check_form(quantity: Quantity, role: Role) -> None:
    if quantity.is_point:
        if quantity.low is not None or quantity.high is not None or quantity.mode is not None:
            raise InputError(f"{role}: give either a point or a range, not both")
        return
    if quantity.low is None or quantity.high is None:
        raise InputError(f"{role}: give a point, or both ends of the range")
    if quantity.low >= quantity.high:
        raise InputError(f"{role}: the low end {quantity.low:g} is not below the high end {quantity.high:g}")
    if quantity.mode is not None and not quantity.low <= quantity.mode <= quantity.high:
        raise InputError(f"{role}: the likeliest value {quantity.mode:g} lies outside its range")
    if quantity.mode is None and role not in SHARES and quantity.low <= 0:
        raise InputError(f"{role}: the low end of a 90% range of a positive quantity is above zero")


def _check_share(quantity: Quantity, role: Role, numbers: list[float]) -> None:
    if any(not 0 <= value <= 1 for value in numbers):
        raise InputError(f"{role}: a share lies between 0 and 1 (write 40% as 0.4)")
    if not units.same_dimension(quantity.unit, "1"):
        raise units.UnitError(f"{role}: a share has no unit, not {quantity.unit!r}")


def _check_unit(quantity: Quantity, role: Role) -> None:
    """Refuse a unit that the role cannot have, whatever it is multiplied by."""
    unit = quantity.unit
    if role is Role.PERSISTENCE:
        if not units.same_dimension(unit, "month"):
            raise units.UnitError(f"{role}: a duration such as month, not {unit!r}")
        if (quantity.high if quantity.point is None else quantity.point) is None:
            raise InputError(f"{role}: give a point or a range")
    elif role is Role.VOLUME:
        if not units.per_time(unit):
            raise units.UnitError(f"{role}: how often in a time, such as build/day or 1/week, not {unit!r}")
    elif role in {Role.RATE, Role.COST, Role.EXCHANGE} and units.currency_of(unit, anywhere=True) is None:
        raise units.UnitError(f"{role}: holds a currency, such as USD/hour, not {unit!r}")


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, dt.date) else value
