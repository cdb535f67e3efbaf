"""Plain records for the router's pages: targets, a decision explained, money, and the numbers of monitoring."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.utils import timezone

from mlops.routing import runtime
from mlops.routing.breaker import Breaker
from mlops.routing.learned import folder
from mlops.routing.models import Decision, Policy, Spend
from mlops.routing.records import NANO
from mlops.routing.stores import DatabaseBreakers

NEWEST = 5000


@dataclass(frozen=True, slots=True)
class LiveTarget:
    """A target as it stands now. Prices are dollars per million tokens."""

    key: str
    kind: str
    model: str
    enabled: bool
    price_in: float
    price_out: float
    allows_private: bool
    breaker: str
    breaker_reason: str
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class Numbers:
    """What monitoring says of one target or policy over a window; None where nothing was measured."""

    name: str
    calls: int
    successes: int
    p50: float | None
    p95: float | None
    p99: float | None
    tokens_in: int
    tokens_out: int
    cost_usd: float
    degraded: int
    quality: float | None
    usd_per_1000_tasks: float | None
    tasks_per_usd: float | None

    @property
    def quality_percent(self) -> float | None:
        """Per cent of the judged answers that passed their checks."""
        return None if self.quality is None else 100 * self.quality


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision in the order in which it happened, ready for a page."""

    id: str
    created_at: Any
    origin: str
    task: str
    policy: str
    mode: str
    reason: str
    explored: bool
    propensity: float
    quality_by: str  # the version of the router's model, or "priors"
    candidates: tuple[dict[str, Any], ...]
    attempts: tuple[dict[str, Any], ...]
    answered_by: str
    degraded: bool
    cached: bool
    status: str
    error: str
    seconds: float
    cost_usd: float

    @property
    def leaves_out(self) -> bool:
        """Whether a candidate was left out, so that its reason has a column."""
        return any(entry["excluded"] for entry in self.candidates)


@dataclass(frozen=True, slots=True)
class Spending:
    """One budget name on one day, in dollars; `limit` is None without a budget."""

    name: str
    day: date
    limit: float | None
    reserved: float
    spent: float
    overrun: float


def live_targets() -> tuple[LiveTarget, ...]:
    """All targets with the state of their breakers, in two queries."""
    breakers = DatabaseBreakers().read()
    found = []
    for spec in runtime.read_targets():
        state = breakers.get(spec.key, Breaker())
        found.append(
            LiveTarget(
                spec.key, spec.kind, spec.model, spec.enabled, spec.price_in / 1e6, spec.price_out / 1e6,
                spec.local or spec.allows_private, state.state, state.reason, round(state.wait, 1),
            )
        )  # fmt: skip
    return tuple(found)


def explained(row: Decision) -> Explained:
    """One decision as the page tells it: candidates by utility, the excluded ones last with their reasons."""
    candidates = sorted(row.candidates, key=lambda entry: (bool(entry["excluded"]), -entry["utility"]))
    return Explained(
        row.pk, row.created_at, row.origin, row.task, f"{row.policy} {row.policy_version}", row.mode, row.reason,
        row.explored, row.propensity, str(row.state.get("quality_by", "")), tuple(candidates), tuple(row.attempts),
        row.answered_by, row.degraded, row.cached, row.status, row.error, row.seconds, row.cost / NANO,
    )  # fmt: skip


def decision(key: str) -> Explained | None:
    row = Decision.objects.filter(pk=key).first()
    return explained(row) if row else None


def newest_decisions(limit: int = 20, origin: str | None = None) -> tuple[Explained, ...]:
    rows = Decision.objects.filter(origin=origin) if origin else Decision.objects.all()
    return tuple(explained(row) for row in rows.order_by("-created_at", "-id")[: min(limit, 200)])


def by_target(days: int = 7, origin: str = "live") -> tuple[Numbers, ...]:
    """Monitoring per target: every attempt counts where it was made."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in _window(days, origin):
        for attempt in row["attempts"]:
            if attempt["target"]:
                groups.setdefault(attempt["target"], []).append(attempt)
    return tuple(
        _numbers(
            name, [entry["seconds"] for entry in entries if entry["seconds"]], len(entries),
            sum(entry["outcome"] == "ok" for entry in entries), entries, 0,
            _share(entries, ("ok",), ("ok", "check_failed")),
        )
        for name, entries in sorted(groups.items())
    )  # fmt: skip


def by_policy(days: int = 7, origin: str = "live") -> tuple[Numbers, ...]:
    """Monitoring per policy: every decision counts once."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in _window(days, origin):
        groups.setdefault(f"{row['policy']} {row['policy_version']}", []).append(row)
    found = []
    for name, rows in sorted(groups.items()):
        attempts = [attempt for row in rows for attempt in row["attempts"]]
        found.append(
            _numbers(
                name, [row["seconds"] for row in rows], len(rows), sum(row["status"] == "answered" for row in rows),
                attempts, sum(row["degraded"] for row in rows), _share(attempts, ("ok",), ("ok", "check_failed")),
            )
        )  # fmt: skip
    return tuple(found)


def spending(days: int = 30) -> tuple[Spending, ...]:
    """What was reserved and spent, newest day first."""
    since = timezone.now().date() - timedelta(days=days)
    rows = Spend.objects.filter(day__gte=since).order_by("-day", "name")[:1000]
    return tuple(
        Spending(
            row.name, row.day, row.limit / NANO if row.limit is not None else None, row.reserved / NANO,
            row.spent / NANO, row.overrun / NANO,
        )
        for row in rows
    )  # fmt: skip


def policies() -> tuple[Policy, ...]:
    return tuple(Policy.objects.order_by("task", "-version")[:200])


def _window(days: int, origin: str) -> Iterable[Any]:
    since = timezone.now() - timedelta(days=days)
    rows = Decision.objects.filter(created_at__gte=since, origin=origin, cached=False).exclude(status="open")
    return rows.order_by("-created_at", "-id").values(
        "policy", "policy_version", "status", "degraded", "seconds", "cost", "attempts"
    )[:NEWEST]


def _share(attempts: Sequence[dict[str, Any]], good: tuple[str, ...], judged: tuple[str, ...]) -> float | None:
    """Share of the judged answers that passed their checks."""
    known = [entry["outcome"] for entry in attempts if entry["outcome"] in judged]
    return sum(outcome in good for outcome in known) / len(known) if known else None


def _numbers(
    name: str, seconds: list[float], calls: int, successes: int, attempts: Sequence[dict[str, Any]], degraded: int,
    quality: float | None,
) -> Numbers:  # fmt: skip
    cost = sum(entry["cost"] for entry in attempts) / NANO
    p50, p95, p99 = (float(value) for value in np.percentile(seconds, [50, 95, 99])) if seconds else (None, None, None)
    return Numbers(
        name, calls, successes, p50, p95, p99, sum(entry["tokens_in"] for entry in attempts),
        sum(entry["tokens_out"] for entry in attempts), cost, degraded, quality,
        1000 * cost / calls if calls else None, calls / cost if cost else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Share of calls to the strong model in per cent and the accuracy reached, in per cent."""

    share: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class BenchmarkRow:
    """One router on one benchmark; each figure with the ends of its 95 % interval."""

    router: str
    apgr: tuple[float, float, float]
    cpt50: tuple[float, float, float]
    cpt80: tuple[float, float, float]
    points: tuple[CurvePoint, ...]
    point: CurvePoint | None = None  # where the default policy stands on it, at the demonstration's prices


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark's table as `evaluate router` wrote it, with what must be said beside it."""

    name: str
    prompts: int
    weak: float
    strong: float
    rows: tuple[BenchmarkRow, ...]
    caveat: str


@dataclass(frozen=True, slots=True)
class Showcase:
    """Everything that the router's page shows."""

    targets: tuple[LiveTarget, ...]
    decisions: tuple[Explained, ...]
    numbers: tuple[Numbers, ...]
    by_policy: tuple[Numbers, ...]
    policies: tuple[Policy, ...]
    spending: tuple[Spending, ...]
    benchmarks: tuple[Benchmark, ...]


def router_showcase() -> Showcase:
    """Targets, newest decisions, a week's numbers, money, and the benchmark tables."""
    return Showcase(
        live_targets(), newest_decisions(40), by_target(), by_policy(), policies(), spending(7), benchmarks()
    )  # fmt: skip


def benchmarks() -> tuple[Benchmark, ...]:
    """The tables of the last `evaluate router` here, else those that ship with the product."""
    own, shipped = folder() / "benchmark.json", Path(__file__).with_name("benchmark.json")
    path = own if own.exists() else shipped
    if not path.exists():
        return ()
    return tuple(
        Benchmark(
            name=entry["name"], prompts=entry["prompts"], weak=entry["weak"], strong=entry["strong"],
            caveat=entry["caveat"],
            rows=tuple(
                BenchmarkRow(
                    row["router"], tuple(row["apgr"]), tuple(row["cpt50"]), tuple(row["cpt80"]),
                    tuple(CurvePoint(share, accuracy) for share, accuracy in row["points"]),
                    CurvePoint(*row["point"]) if "point" in row else None,
                )
                for row in entry["rows"]
            ),
        )
        for entry in json.loads(path.read_text("utf-8"))
    )  # fmt: skip
