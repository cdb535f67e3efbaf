"""Where decisions and money are written down: the protocol, and a ledger in memory.

A call costs nothing that was not held before: `open` and `hold` reserve the most it can cost in every budget that
applies, all or none; `settle` replaces the hold by the charge. A hold that nobody settles is charged in full when its
lease ends, so that spend is never undercounted.

The usual call takes two steps, each one statement where the database can do that: `open` writes the decision and holds
for its first attempt before anything is sent; `close` settles the last attempt and completes the decision. Only calls
with more than one attempt settle and hold in between.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mlops.routing.records import Answer, Decision


@dataclass(frozen=True, slots=True)
class Hold:
    """Money set aside for one attempt, in nanodollars; `key` finds it again."""

    key: str
    target: str
    amount: int
    spends: tuple[int, ...] = ()  # where the ledger keeps it


@dataclass(frozen=True, slots=True)
class Settled:
    """A hold and what the attempt behind it cost, in nanodollars."""

    hold: Hold
    charged: int


class Ledger(Protocol):
    """Raises LedgerUnavailable when it cannot be reached."""

    def open(self, draft: Decision, target: str = "", amount: int = 0) -> Hold | None:
        """Write the decision down before anything is sent, and in the same step hold `amount` for its first attempt.
        None when nothing was to be held or one of the budgets has too little left; the decision stands either way.
        Opening twice changes nothing but may hold twice."""
        ...

    def hold(self, draft: Decision, target: str, amount: int) -> Hold | None:
        """Reserve in every budget of the day, the task and the target; None when one of them has too little left."""
        ...

    def settle(self, hold: Hold, charged: int) -> None:
        """Replace the hold by what the attempt cost; settling twice changes nothing."""
        ...

    def close(
        self, decision: Decision, answer: Answer | None, keep: bool, settled: Settled | None = None, opened: bool = True
    ) -> None:
        """Write down how the decision ended, and settle its last hold in the same step. `keep` allows the answer to be
        stored for reuse. A decision for which nothing was sent need not have been `opened`; it is written whole."""
        ...

    def recall(self, content_hash: str, max_age: int) -> Answer | None:
        """An answer kept under this hash, not older than `max_age` seconds, never a degraded one."""
        ...

    def headroom(self, task: str, target: str) -> int | None:
        """What is left in the tightest budget, None without a budget; may be a moment old."""
        ...


@dataclass
class Purse:
    """A budget in memory: the limit and what is reserved and spent of it."""

    limit: int
    reserved: int = 0
    spent: int = 0

    @property
    def left(self) -> int:
        return self.limit - self.reserved - self.spent


@dataclass
class MemoryLedger:
    """A ledger of one process, for tests and benchmarks. Budgets are keyed "day", "task:x" and "target:x"."""

    budgets: Mapping[str, Purse] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    keep_decisions: bool = True

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._holds: dict[str, tuple[Hold, list[Purse]]] = {}
        self._count = 0

    def _purses(self, task: str, target: str) -> list[Purse]:
        names = ("day", f"task:{task}", f"target:{target}")
        return [self.budgets[name] for name in names if name in self.budgets]

    def open(self, draft: Decision, target: str = "", amount: int = 0) -> Hold | None:
        if self.keep_decisions:
            self.decisions[draft.id] = draft
        return self.hold(draft, target, amount) if amount else None

    def hold(self, draft: Decision, target: str, amount: int) -> Hold | None:
        with self._lock:
            purses = self._purses(draft.task, target)
            if any(purse.left < amount for purse in purses):
                return None
            for purse in purses:
                purse.reserved += amount
            self._count += 1
            hold = Hold(f"{draft.id}/{self._count}", target, amount)
            self._holds[hold.key] = hold, purses
            return hold

    def settle(self, hold: Hold, charged: int) -> None:
        with self._lock:
            _, purses = self._holds.pop(hold.key, (hold, []))
            for purse in purses:
                purse.reserved -= hold.amount
                purse.spent += charged

    def close(
        self, decision: Decision, answer: Answer | None, keep: bool, settled: Settled | None = None, opened: bool = True
    ) -> None:
        if settled is not None:
            self.settle(settled.hold, settled.charged)
        if self.keep_decisions:
            self.decisions[decision.id] = decision
        if keep and answer is not None:
            self.answers[decision.content_hash] = answer

    def recall(self, content_hash: str, max_age: int) -> Answer | None:
        return self.answers.get(content_hash)

    def headroom(self, task: str, target: str) -> int | None:
        purses = self._purses(task, target)
        return min((purse.left for purse in purses), default=None)
