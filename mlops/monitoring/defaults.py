"""Monitors that a fresh installation has; the owner edits them in the admin."""

from __future__ import annotations

from typing import Any

from mlops.monitoring.models import Channel, Monitor

RUNBOOK = "docs/runbooks/models.md"
_DAY = 86_400
_EACH: tuple[dict[str, Any], ...] = (
    {"statistic": "error_share", "comparison": ">", "threshold": 0.05, "severity": "critical", "window_seconds": 900},
    {
        "statistic": "degraded_share",
        "comparison": ">",
        "threshold": 0.05,
        "severity": "critical",
        "window_seconds": 900,
    },
    {"statistic": "latency_ms", "comparison": ">", "threshold": 50.0, "window_seconds": 3600},
    {"statistic": "accuracy", "comparison": "<", "threshold": 0.6, "window_seconds": 30 * _DAY, "minimum_rows": 30},
    {"statistic": "calibration", "comparison": ">", "threshold": 0.15, "window_seconds": 30 * _DAY, "minimum_rows": 50},
    {
        "statistic": "age_seconds",
        "comparison": ">",
        "threshold": 14.0 * _DAY,
        "severity": "info",
        "window_seconds": _DAY,
    },
)


_ROUTER: tuple[dict[str, Any], ...] = (
    {"statistic": "error_share", "comparison": ">", "threshold": 0.02, "severity": "critical", "window_seconds": 900},
    {"statistic": "degraded_share", "comparison": ">", "threshold": 0.2, "window_seconds": 900},
    {"statistic": "latency_ms", "comparison": ">", "threshold": 10_000.0, "window_seconds": 3600},
    {"statistic": "budget_left", "comparison": "<", "threshold": 0.1, "window_seconds": 3600},
    {"statistic": "open_breakers", "comparison": ">", "threshold": 0.0, "window_seconds": 900, "for_seconds": 600},
)
ROUTER_RUNBOOK = "docs/runbooks/router.md"


def ensure_router(kind: str) -> int:
    """Make the default monitors of the router where there are none; returns how many were made."""
    Channel.objects.get_or_create(kind=Channel.Kind.LOG, target="")
    if Monitor.objects.filter(model=kind).exists():
        return 0
    rows = [
        Monitor(name=f"{kind}: {rule['statistic']}", model=kind, runbook=ROUTER_RUNBOOK, **rule) for rule in _ROUTER
    ]
    return len(Monitor.objects.bulk_create(rows))


def ensure(model: str, watched: list[str]) -> int:
    """Make the default monitors of a model where it has none; returns how many were made."""
    Channel.objects.get_or_create(kind=Channel.Kind.LOG, target="")
    if Monitor.objects.filter(model=model).exists():
        return 0
    rows = [Monitor(name=f"{model}: {rule['statistic']}", model=model, runbook=RUNBOOK, **rule) for rule in _EACH]
    rows += [
        Monitor(
            name=f"{model}: drift of {feature}", model=model, statistic="psi", feature=feature, comparison=">",
            threshold=0.25, window_seconds=7 * _DAY, minimum_rows=100, severity="info", runbook=RUNBOOK,
        )
        for feature in watched
    ]  # fmt: skip
    return len(Monitor.objects.bulk_create(rows))
