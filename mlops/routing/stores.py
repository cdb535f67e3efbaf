"""The ledger and the breakers in the database, shared by every process.

Holds are made by conditional updates of the Spend rows, so they are exact however many callers there are; rows are
always taken in the order of their keys. On PostgreSQL opening with a hold and closing with its charge are one statement
each (see statements.py), elsewhere a transaction. Breaker times are computed from the database's clock, so a process
with a skewed clock does no harm. Reads on the fast path are cached for about a second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import BigIntegerField, Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from mlops.routing import statements
from mlops.routing.breaker import Breaker, after_failure, after_success, claim
from mlops.routing.errors import LedgerUnavailable
from mlops.routing.ledger import Hold, Settled
from mlops.routing.models import BreakerState, Budget, Spend
from mlops.routing.models import Decision as DecisionRow
from mlops.routing.models import Hold as HoldRow
from mlops.routing.records import Answer, Attempt, Candidate, Decision, Sentence

LEASE = timedelta(minutes=10)  # longer than any call may take
FRESH = 1.0  # seconds for which a cached read is good enough


@contextmanager
def reachable() -> Iterator[None]:
    """Turn a database that is away into LedgerUnavailable, and drop a connection that broke."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        raise LedgerUnavailable(str(error)[:200]) from error


class Cached:
    """The result of a query, asked again at most once a second; after a failure the last result stands."""

    def __init__(self, ask: Callable[[], Any], fresh: float = FRESH) -> None:
        self._ask, self._fresh = ask, fresh
        self._lock = threading.Lock()
        self._value: Any = None
        self._at = float("-inf")

    def get(self) -> Any:
        if time.monotonic() - self._at < self._fresh:
            return self._value
        with self._lock:
            if time.monotonic() - self._at >= self._fresh:
                try:
                    with reachable():
                        self._value = self._ask()
                except LedgerUnavailable:
                    if self._value is None:
                        raise
                self._at = time.monotonic()
            return self._value

    def forget(self) -> None:
        self._at = float("-inf")


class DatabaseLedger:
    """Decisions, holds and spend in the database; see `mlops.routing.ledger.Ledger` for the contract."""

    def __init__(self, origin: str = "live") -> None:
        self.origin = origin
        self._limits = Cached(lambda: dict(Budget.objects.values_list("name", "limit")))
        self._left = Cached(self._read_left)
        self._keys: dict[tuple[str, date], int] = {}

    def open(self, draft: Decision, target: str = "", amount: int = 0) -> Hold | None:
        row = {"id": draft.id, "origin": self.origin, **_beginning(draft), **_ending(draft)}
        with reachable():
            if amount and connection.vendor == "postgresql":
                return self._held(draft, row, target, amount)
            if not DecisionRow.objects.filter(pk=draft.id).exists():
                DecisionRow.objects.create(**row)
        return self.hold(draft, target, amount) if amount else None

    def hold(self, draft: Decision, target: str, amount: int) -> Hold | None:
        with reachable():
            if connection.vendor == "postgresql":
                return self._held(draft, None, target, amount)
            keys = self._keys_of(draft.task, target)
            try:
                with transaction.atomic():
                    for key in keys:
                        _reserve(key, amount)
                    row = HoldRow.objects.create(
                        decision_id=draft.id,
                        target=target,
                        amount=amount,
                        spends=keys,
                        expires_at=timezone.now() + LEASE,
                    )
            except _TooLittle:
                return None
            return Hold(str(row.pk), target, amount, tuple(keys))

    def _held(self, draft: Decision, row: dict[str, Any] | None, target: str, amount: int) -> Hold | None:
        keys = self._keys_of(draft.task, target)
        key = statements.open_and_hold(row, draft.id, target, amount, keys, LEASE.total_seconds())
        return None if key is None else Hold(str(key), target, amount, tuple(keys))

    def settle(self, hold: Hold, charged: int) -> None:
        with reachable():
            settle_hold(int(hold.key), charged, hold.amount, hold.spends)

    def close(
        self, decision: Decision, answer: Answer | None, keep: bool, settled: Settled | None = None, opened: bool = True
    ) -> None:
        ending = _ending(decision)
        if keep and answer is not None:
            ending["answer"] = {
                "text": answer.text, "target": answer.target, "data": answer.data,
                "sentences": [asdict(sentence) for sentence in answer.sentences],
            }  # fmt: skip
        with reachable():
            if not opened:
                DecisionRow.objects.create(id=decision.id, origin=self.origin, **_beginning(decision), **ending)
            elif settled is None:
                DecisionRow.objects.filter(pk=decision.id).update(**ending)
            else:
                self._settle_and_close(decision.id, ending, settled.hold, settled.charged)

    @staticmethod
    def _settle_and_close(decision: str, ending: dict[str, Any], hold: Hold, charged: int) -> None:
        if connection.vendor == "postgresql":
            statements.settle_and_close(ending, decision, int(hold.key), charged, hold.amount, hold.spends)
            return
        with transaction.atomic():
            settle_hold(int(hold.key), charged, hold.amount, hold.spends)
            DecisionRow.objects.filter(pk=decision).update(**ending)

    def recall(self, content_hash: str, max_age: int) -> Answer | None:
        with reachable():
            since = timezone.now() - timedelta(seconds=max_age)
            rows = DecisionRow.objects.filter(
                content_hash=content_hash, answer__isnull=False, created_at__gte=since, degraded=False
            )
            kept = rows.order_by("-created_at", "-id").values_list("answer", flat=True).first()
        if kept is None:
            return None
        sentences = tuple(Sentence(**sentence) for sentence in kept["sentences"])
        return Answer(kept["text"], kept["target"], degraded=False, sentences=sentences, data=kept["data"])

    def headroom(self, task: str, target: str) -> int | None:
        limits, left = self._limits.get(), self._left.get()
        names = ("day", f"task:{task}", f"target:{target}")
        return min((left.get(name, limits[name]) for name in names if name in limits), default=None)

    def _read_left(self) -> dict[str, int]:
        rows = Spend.objects.filter(day=timezone.now().date(), limit__isnull=False)
        return {row.name: (row.limit or 0) - row.reserved - row.spent - row.overrun for row in rows}

    def _keys_of(self, task: str, target: str) -> list[int]:
        """The Spend rows that a call of this target for this task is charged to today."""
        limits = self._limits.get()
        asked = (f"target:{target}", f"task:{task}", "day")
        return self._prepare([name for name in asked if name == "day" or name in limits], timezone.now().date())

    def _prepare(self, names: list[str], day: date) -> list[int]:
        """The sorted keys of the day's Spend rows, made with the limits of their budgets when they are new."""
        missing = [name for name in names if (name, day) not in self._keys]
        if missing:
            limits = dict(Budget.objects.values_list("name", "limit"))
            rows = [Spend(name=name, day=day, limit=limits.get(name)) for name in missing]
            Spend.objects.bulk_create(rows, ignore_conflicts=True)
            found = Spend.objects.filter(name__in=missing, day=day).values_list("name", "pk")
            self._keys.update({(name, day): key for name, key in found})
        return sorted(self._keys[name, day] for name in names)


def _reserve(key: int, amount: int) -> None:
    room = Q(limit__isnull=True) | Q(limit__gte=F("reserved") + F("spent") + F("overrun") + amount)
    if not Spend.objects.filter(room, pk=key).update(reserved=F("reserved") + amount):
        raise _TooLittle


class _TooLittle(Exception):
    """One of the budgets has too little left; undoes the reservations made before it."""


def settle_hold(key: int, charged: int, amount: int, spends: Sequence[int]) -> bool:
    """Replace a hold by its charge, once. What goes beyond the hold is kept apart as overrun."""
    with transaction.atomic():
        if not HoldRow.objects.filter(pk=key, settled_at__isnull=True).update(charged=charged, settled_at=Now()):
            return False
        within = min(charged, amount)
        for spend in sorted(spends):
            Spend.objects.filter(pk=spend).update(
                reserved=F("reserved") - amount, spent=F("spent") + within, overrun=F("overrun") + (charged - within)
            )
        return True


def set_limit(name: str, limit: int | None) -> None:
    """Bring today's Spend row in line with a changed budget; never below what is already reserved and spent."""
    floor = F("reserved") + F("spent")
    value = Case(When(Q(reserved__lte=limit - F("spent")), then=Value(limit)), default=floor,
                 output_field=BigIntegerField()) if limit is not None else Value(None, BigIntegerField())  # fmt: skip
    Spend.objects.filter(name=name, day=timezone.now().date()).update(limit=value)


def _beginning(decision: Decision) -> dict[str, Any]:
    """The columns that are known before anything is sent."""
    columns: dict[str, Any] = {name: getattr(decision, name) for name in _BEGINNING}
    columns["reason"] = decision.reason[:300]
    columns["candidates"] = [_plain(candidate) for candidate in decision.candidates]
    return columns


def _ending(decision: Decision) -> dict[str, Any]:
    """The columns that the end of a call decides."""
    columns = {name: getattr(decision, name) for name in _ENDING}
    columns["attempts"] = [_plain(attempt) for attempt in decision.attempts]
    return columns


def _plain(record: Candidate | Attempt) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


_ENDING = ("answered_by", "degraded", "status", "error", "seconds", "cost")
_BEGINNING = (
    "task", "policy", "policy_version", "content_hash", "seed", "mode", "state", "chosen", "propensity", "explored",
    "reason", "cached",
)  # fmt: skip


class DatabaseBreakers:
    """Breaker states in the database. The usual case, a healthy target, costs one cached read and no write."""

    def __init__(self) -> None:
        self._states = Cached(self._read_all)

    def read(self) -> dict[str, Breaker]:
        try:
            states: dict[str, Breaker] = self._states.get()
        except LedgerUnavailable:
            return {}
        return states

    def permit(self, target: str) -> bool:
        breaker = self.read().get(target)
        if breaker is None or breaker.state == "closed":
            return True
        try:
            return bool(self._change(target, lambda now: (claim(now), now.state == "closed" or claim(now) is not None)))
        except LedgerUnavailable:
            return breaker.passes

    def success(self, target: str) -> None:
        breaker = self.read().get(target)
        if breaker is not None and (breaker.score or breaker.state != "closed"):
            self._change(target, lambda now: (after_success(now), True))

    def failure(self, target: str, kind: str, retry_after: float | None = None) -> None:
        if after_failure(Breaker(), kind, retry_after) != Breaker():
            self._change(target, lambda now: (after_failure(now, kind, retry_after), True))

    def _change(self, target: str, step: Callable[[Breaker], tuple[Breaker | None, bool]]) -> bool:
        """Apply a step of the state machine to the row under its lock."""
        with reachable(), transaction.atomic():
            BreakerState.objects.get_or_create(target=target)
            row = BreakerState.objects.select_for_update().annotate(now=Now()).get(target=target)
            after, result = step(_breaker(row))
            if after is not None:
                until = row.now + timedelta(seconds=after.wait) if after.state != "closed" else None
                BreakerState.objects.filter(pk=row.pk).update(
                    state=after.state, score=after.score, cool_down=after.cool_down, until=until, reason=after.reason,
                    changed_at=Now(),
                )  # fmt: skip
        self._states.forget()
        return result

    @staticmethod
    def _read_all() -> dict[str, Breaker]:
        return {row.target: _breaker(row) for row in BreakerState.objects.annotate(now=Now())}


def _breaker(row: Any) -> Breaker:
    wait = max(0.0, (row.until - row.now).total_seconds()) if row.until else 0.0
    return Breaker(row.state, row.score, row.cool_down, wait, row.reason)


def sweep() -> tuple[int, int]:
    """Charge holds whose lease has ended and close decisions that nobody completed; returns how many of each."""
    unsettled = HoldRow.objects.filter(settled_at__isnull=True, expires_at__lt=Now()).order_by("expires_at", "pk")
    overdue = list(unsettled.values_list("pk", "amount", "spends")[:1000])
    charged = sum(settle_hold(key, amount, amount, spends) for key, amount, spends in overdue)
    lost = DecisionRow.objects.filter(status="open", created_at__lt=Now() - LEASE).order_by("created_at")[:1000]
    closed = 0
    for decision in lost:
        cost = sum(hold.charged or 0 for hold in decision.holds.all())
        closed += DecisionRow.objects.filter(pk=decision.pk, status="open").update(
            status="failed", error="lost", cost=cost
        )
    return charged, closed


__all__ = ["DatabaseBreakers", "DatabaseError", "DatabaseLedger", "set_limit", "settle_hold", "sweep"]
