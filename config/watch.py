"""The system itself under the platform's monitors: what is read, in which unit, and the rules that it has at first.

One function a figure; /readyz asks the same ones. None means that nothing can be said yet. A scheduler that stands
still cannot measure itself, so whatever asks /readyz from outside is the last instance (docs/runbooks/system.md).
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from analysis.models import Collection
from jobs import queries
from jobs.models import Schedule
from mlops import services
from mlops.monitoring.statistics import Window
from portfolio.models import ServingHour

KIND = "system"
OLD_QUEUE_SECONDS = 600
FREE_BYTES = 200 * 1024 * 1024
LATE_SECONDS = 600
_HOUR = dt.timedelta(hours=1)


def queue_seconds() -> float:
    """Age of the oldest job that could start."""
    return queries.queue_state().oldest_ready_seconds


def free_bytes() -> float:
    """Room on the disk that holds the installation's files. Raises OSError."""
    return float(shutil.disk_usage(settings.VAR_DIR).free)


def failed_jobs() -> float:
    """Jobs that failed for good or died within the last day."""
    return float(queries.troubled().filter(finished_at__gte=timezone.now() - dt.timedelta(days=1)).count())


def late_seconds() -> float | None:
    """How long the schedule that is most overdue has waited; None without schedules."""
    next_at = Schedule.objects.filter(enabled=True).order_by("next_at").values_list("next_at", flat=True).first()
    return None if next_at is None else max((timezone.now() - next_at).total_seconds(), 0.0)


def points_left() -> float | None:
    """Points of GitHub's hourly budget when a collection of the last hour ended; None where none said so."""
    asked = Collection.objects.filter(source="github", finished_at__gte=timezone.now() - _HOUR)
    newest = asked.order_by("-id").values_list("checkpoint", flat=True).first()
    left = (newest or {}).get("left")
    return None if left is None else float(left)


def failed_collections() -> float:
    """Collections that failed within the last day."""
    return float(
        Collection.objects.filter(state="failed", finished_at__gte=timezone.now() - dt.timedelta(days=1)).count()
    )


def error_share() -> float | None:
    """Share of the requests of this hour and the one before that ended in an answer of the class 5xx."""
    hours = ServingHour.objects.filter(hour__gte=timezone.now() - 2 * _HOUR)
    found = hours.aggregate(requests=Sum("requests"), errors=Sum("errors"))
    return found["errors"] / found["requests"] if found["requests"] else None


FIGURES: dict[str, Callable[[], float | None]] = {
    "queue_seconds": queue_seconds,
    "free_bytes": free_bytes,
    "failed_jobs": failed_jobs,
    "late_seconds": late_seconds,
    "points_left": points_left,
    "failed_collections": failed_collections,
    "error_share": error_share,
}
RUNBOOK = "docs/runbooks/system.md"


def _rule(figure: str, name: str, comparison: str, threshold: float, **more: Any) -> dict[str, Any]:
    place = name.replace(" ", "-")
    return {
        "name": f"{KIND}: {name}", "model": f"{KIND}:{figure}", "statistic": "reading", "comparison": comparison,
        "threshold": threshold, "window_seconds": 300, "runbook": f"{RUNBOOK}#{place}", **more,
    }  # fmt: skip


RULES: tuple[dict[str, Any], ...] = (
    _rule("queue_seconds", "queue age", ">", OLD_QUEUE_SECONDS, severity="critical"),
    _rule("free_bytes", "disk", "<", FREE_BYTES, severity="critical", dead_man=True),
    _rule("failed_jobs", "failed jobs", ">", 0),
    _rule("late_seconds", "schedules", ">", LATE_SECONDS, severity="critical", dead_man=True),
    _rule("points_left", "points left", "<", 200, severity="info"),
    _rule("failed_collections", "collections", ">", 0),
    _rule("error_share", "errors", ">", 0.01, severity="critical", for_seconds=600),
)


def window(subject: str, start: datetime, end: datetime) -> Window:
    """One figure as it stands now; a figure that cannot be read, or that nobody knows, is None."""
    figure = FIGURES.get(subject)
    try:
        reading = figure() if figure else None
    except OSError:
        reading = None
    return Window(seconds=(end - start).total_seconds(), reading=reading)


def register() -> None:
    """Hand the figures and their first rules to the platform."""
    services.watch(KIND, window, rules=RULES, runbook=RUNBOOK)
