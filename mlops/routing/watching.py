"""What the monitors of the platform may ask about routing: all live decisions, or the attempts at one target.

A monitor whose model is "router" watches the decisions; "router:KEY" watches the target KEY.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from mlops.monitoring.statistics import Window
from mlops.routing.models import BreakerState, Decision, Spend
from mlops.routing.records import NANO

MOST = 5_000
KIND = "router"


def window(subject: str, start: datetime, end: datetime) -> Window:
    """Calls, failures, latencies and money between two moments; `subject` is a target or empty for everything."""
    rows: list[Any] = list(
        Decision.objects.filter(origin="live", cached=False, created_at__gt=start, created_at__lte=end)
        .exclude(status="open")
        .order_by("-created_at", "-id")
        .values("status", "degraded", "seconds", "cost", "attempts", "created_at")[:MOST]
    )
    found = _of_target(rows, subject) if subject else _of_all(rows)
    last = max((row["created_at"] for row in rows if not subject or _asked(row, subject)), default=None)
    breakers = BreakerState.objects.exclude(state="closed").filter(Q(target=subject) if subject else Q())
    return Window(
        seconds=(end - start).total_seconds(),
        age_seconds=(end - last).total_seconds() if last else None,
        left=_left(f"target:{subject}" if subject else "", end),
        open_breakers=breakers.count(),
        **found,
    )


def _of_all(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "calls": len(rows),
        "rows": len(rows),
        "errors": sum(row["status"] == "failed" for row in rows),
        "degraded": sum(row["degraded"] for row in rows),
        "microseconds": [row["seconds"] * 1e6 for row in rows],
        "spent": sum(row["cost"] for row in rows) / NANO,
    }


def _of_target(rows: list[dict[str, Any]], target: str) -> dict[str, Any]:
    tried = [attempt for row in rows for attempt in row["attempts"] if attempt["target"] == target]
    sent = [attempt for attempt in tried if attempt["outcome"] not in ("breaker_open", "no_budget")]
    return {
        "calls": len(sent),
        "rows": len(sent),
        "errors": sum(attempt["outcome"] not in ("ok", "check_failed", "shadow") for attempt in sent),
        "microseconds": [attempt["seconds"] * 1e6 for attempt in sent],
        "spent": sum(attempt["cost"] for attempt in tried) / NANO,
    }


def _asked(row: dict[str, Any], target: str) -> bool:
    return any(attempt["target"] == target for attempt in row["attempts"])


def _left(name: str, now: datetime) -> float | None:
    """The smallest share that is left of the day's budgets (of one name, where it is given)."""
    rows = Spend.objects.filter(day=now.date(), limit__gt=0)
    if name:
        rows = rows.filter(name=name)
    shares = [1 - (row.reserved + row.spent + row.overrun) / (row.limit or 1) for row in rows[:200]]
    return max(0.0, min(shares)) if shares else None
