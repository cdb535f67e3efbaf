"""Monitors that a fresh installation has; the owner edits them in the admin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

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


ROUTER: tuple[dict[str, Any], ...] = (
    {"statistic": "error_share", "comparison": ">", "threshold": 0.02, "severity": "critical", "window_seconds": 900},
    {"statistic": "degraded_share", "comparison": ">", "threshold": 0.2, "window_seconds": 900},
    {"statistic": "latency_ms", "comparison": ">", "threshold": 10_000.0, "window_seconds": 3600},
    {"statistic": "budget_left", "comparison": "<", "threshold": 0.1, "window_seconds": 3600},
    {"statistic": "open_breakers", "comparison": ">", "threshold": 0.0, "window_seconds": 900, "for_seconds": 600},
)
ROUTER_RUNBOOK = "docs/runbooks/router.md"


# The monitors that each kind has which is no model of the registry; a later stage declares its own.
DECLARED: dict[str, list[dict[str, Any]]] = {}


def declare(kind: str, rules: Sequence[Mapping[str, Any]], runbook: str) -> None:
    """Say which monitors a kind has; a rule may name a subject of it, a name and a place in the runbook."""
    DECLARED[kind] = [
        {"name": f"{kind}: {rule['statistic']}", "model": kind, "runbook": runbook, **rule} for rule in rules
    ]


def ensure_declared() -> int:
    """Make the monitors of each declared kind that has none; returns how many were made."""
    Channel.objects.get_or_create(kind=Channel.Kind.LOG, target="")
    made = 0
    for kind, rules in DECLARED.items():
        if not Monitor.objects.filter(Q(model=kind) | Q(model__startswith=f"{kind}:")).exists():
            made += len(Monitor.objects.bulk_create([Monitor(**rule) for rule in rules]))
    return made


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
