"""From stored predictions to one measurement of a monitor."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum

from mlops.monitoring.models import Measurement, Monitor
from mlops.monitoring.statistics import STATISTICS, Measured, Window
from mlops.registry.models import Alias, ModelVersion
from mlops.serving.models import PredictionSample, ServingCount

MOST_SAMPLES = 5_000
# Who tells what happened to something that is no registered model: (subject, start, end) to a window, by the part of
# the monitor's model before the colon. A later stage adds its own; this one never looks at it.
Watcher = Callable[[str, datetime, datetime], Window]
WATCHERS: dict[str, Watcher] = {}
# These say something about silence too, so they are measured with any number of rows.
ABOUT_SILENCE = frozenset({"volume", "age_seconds", "budget_left", "open_breakers", "reading"})


def watch(kind: str, watcher: Watcher) -> None:
    """Let monitors of "kind" and "kind:subject" be measured by what the watcher tells."""
    WATCHERS[kind] = watcher


def measure(monitor: Monitor, *, now: datetime) -> Measurement:
    """Measure the champion (or what a watcher knows) over the monitor's window that ends now, and keep the result."""
    start = now - timedelta(seconds=monitor.window_seconds)
    kind, _colon, subject = monitor.model.partition(":")
    if watcher := WATCHERS.get(kind):
        return _keep(monitor, None, watcher(subject, start, now), start, now)
    alias = Alias.objects.filter(model=monitor.model, role=Alias.Role.CHAMPION).select_related("version").first()
    version = alias.version if alias else None
    if version is not None and alias is not None:
        # What another champion was given is not this one's doing.
        start = min(max(start, alias.since), now - timedelta(seconds=1))
    return _keep(monitor, version, window_of(monitor, version, start, now), start, now)


def _keep(
    monitor: Monitor, version: ModelVersion | None, window: Window, start: datetime, now: datetime
) -> Measurement:
    statistic = STATISTICS.get(monitor.statistic)
    if statistic is None:
        found = Measured(None, 0, f"no statistic is called {monitor.statistic}")
    else:
        found = statistic(window)
        if found.value is not None and found.rows < monitor.minimum_rows and monitor.statistic not in ABOUT_SILENCE:
            reason = f"{found.rows} of the {monitor.minimum_rows} rows that are needed"
            found = Measured(None, found.rows, reason, found.detail)
    return Measurement.objects.create(
        monitor=monitor,
        version=version,
        value=found.value,
        rows=found.rows,
        baseline_rows=len(window.baseline),
        reason=found.reason[:200],
        detail=dict(found.detail),
        window_start=start,
        window_end=now,
    )


def window_of(monitor: Monitor, version: ModelVersion | None, start: datetime, end: datetime) -> Window:
    """Everything that a statistic may ask of the window."""
    if version is None:
        return Window(seconds=(end - start).total_seconds())
    fields = ("watched", "answer", "microseconds", "correct", "input_sha256", "part", "version_id")
    rows = list(
        PredictionSample.objects.filter(model=monitor.model, at__gt=start, at__lte=end)
        .order_by("-at", "-id")
        .values(*fields)[:MOST_SAMPLES]
    )
    served = [row for row in rows if row["part"] == "served" and row["version_id"] == version.pk]
    last = PredictionSample.objects.filter(model=monitor.model, part="served").order_by("-at", "-id").first()
    counts = ServingCount.objects.filter(
        version=version, minute__gte=start.replace(second=0, microsecond=0), minute__lte=end
    ).aggregate(calls=Sum("calls"), rows=Sum("rows"), errors=Sum("errors"), degraded=Sum("degraded"))
    return Window(
        seconds=(end - start).total_seconds(),
        values=[row["watched"][monitor.feature] for row in served if monitor.feature in row["watched"]],
        baseline=version.card.get("watched", {}).get(monitor.feature, []),
        outcomes=[(_probability(row["answer"]), bool(row["correct"])) for row in served if row["correct"] is not None],
        pairs=_pairs(rows),
        microseconds=[float(row["microseconds"]) for row in served],
        calls=counts["calls"] or 0,
        rows=counts["rows"] or 0,
        errors=counts["errors"] or 0,
        degraded=counts["degraded"] or 0,
        age_seconds=(end - last.at).total_seconds() if last else None,
    )


def _probability(answer: dict[str, Any]) -> float:
    """How sure the answer was; 0 where it does not say so in a number."""
    found = answer.get("probability")
    return float(found) if isinstance(found, int | float) and math.isfinite(found) else 0.0


def _pairs(rows: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    """Answers of the heard and the shadow version to the same input; what they answer, without how sure they are."""
    heard = {row["input_sha256"]: _gist(row["answer"]) for row in rows if row["part"] == "served"}
    return [
        (heard[row["input_sha256"]], _gist(row["answer"]))
        for row in rows
        if row["part"] == "shadow" and row["input_sha256"] in heard
    ]


def _gist(answer: dict[str, Any]) -> Any:
    return next((answer[name] for name in ("type", "label", "value", "p50") if name in answer), answer)
