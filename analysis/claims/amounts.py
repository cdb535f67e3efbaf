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

    _ends: tuple[int, int, int] = (0, 0, 0)  # how many amounts they are of, and the first and last token of those

    @property
    def first(self) -> int:
        return self._span()[1]

    @property
    def last(self) -> int:
        return self._span()[2]

    def _span(self) -> tuple[int, int, int]:
        """Asked a hundred times for each sentence, and changed only when an amount joins."""
        if self._ends[0] != len(self.amounts):
            firsts = [amount.first for amount in self.amounts]
            self._ends = (len(firsts), min(firsts), max(amount.last for amount in self.amounts))
        return self._ends
