"""Amounts and groups of them: "3 - 8%" is one amount, "30s -> 5s" is one, "2.99 ms | 2.79 ms | 7.2%" a group of two."""

from __future__ import annotations

from dataclasses import dataclass, field

from analysis.claims.records import Dim, Quantity


@dataclass(slots=True)
class Amount:
    """One amount: a single quantity or range (``to`` is None), or a pair. ``first`` and ``last`` are token indices."""

    first: int
    last: int
    of: Quantity
    to: Quantity | None = None
    cells: bool = False  # a pair of table cells, whose order the header decides

    @property
    def is_change(self) -> bool:
        return self.to is None and self.of.dim in (Dim.PERCENT, Dim.POINTS, Dim.FACTOR)


@dataclass(slots=True)
class Group:
    """Amounts that stand together as one statement; the first is the one that is reported."""

    amounts: list[Amount] = field(default_factory=list)

    @property
    def first(self) -> int:
        return min(amount.first for amount in self.amounts)

    @property
    def last(self) -> int:
        return max(amount.last for amount in self.amounts)
