"""What a statistic is given and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Value = str | float


@dataclass(frozen=True, slots=True)
class Window:
    """What happened to one model between two moments; `values` and `baseline` are those of the watched feature."""

    seconds: float
    values: Sequence[Value] = ()
    baseline: Sequence[Value] = ()
    outcomes: Sequence[tuple[float, bool]] = ()  # (probability, right) of predictions whose label arrived
    pairs: Sequence[tuple[Any, Any]] = ()  # (served, shadow) answers to one input
    microseconds: Sequence[float] = ()  # per row
    calls: int = 0
    rows: int = 0
    errors: int = 0
    degraded: int = 0
    age_seconds: float | None = None  # since the last prediction; None: never
    spent: float | None = None  # US dollars; None: nothing here costs money
    left: float | None = None  # smallest share of a budget that is left, 0 to 1; None: no budget
    open_breakers: int | None = None
    reading: float | None = None  # a figure as it stands at the end, told by a watcher; None: not known


@dataclass(frozen=True, slots=True)
class Measured:
    """A value with how many rows it stands on, or the reason why there is none; `detail` is what a plot needs."""

    value: float | None
    rows: int
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


Statistic = Callable[[Window], Measured]


def is_number(value: Value) -> bool:
    """True for quantities; text and truth values are categories. NaN is neither compared nor counted."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def nothing(rows: int, reason: str) -> Measured:
    """No value, and why."""
    return Measured(None, rows, reason)
