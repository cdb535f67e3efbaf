"""What pages show of monitoring: plain records, in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlops.monitoring.alerting import is_broken
from mlops.monitoring.models import Alert, Measurement, Monitor

POINTS = 90
PAGE = 50


@dataclass(frozen=True, slots=True)
class Series:
    """One monitor with its newest measurements, oldest first; `latest.detail` holds what a plot of both sides needs."""

    monitor: Monitor
    points: tuple[Measurement, ...]
    alert: Alert | None = None

    @property
    def name(self) -> str:
        """The monitor's name without that of its model, where it begins with it."""
        return self.monitor.name.removeprefix(f"{self.monitor.model}: ")

    @property
    def state(self) -> str:
        """What the newest measurement says, in words."""
        if self.alert is not None:
            return "alert open"
        if self.latest is None:
            return "not measured yet"
        if self.latest.value is None:
            return self.latest.reason
        return "beyond its bound" if is_broken(self.monitor, self.latest) else "within its bound"

    @property
    def latest(self) -> Measurement | None:
        """The newest measurement, if there is any."""
        return self.points[-1] if self.points else None


def drift_series(model: str) -> list[Series]:
    """Every monitor of a model with its series and open alert; two queries and one more for each monitor."""
    monitors = Monitor.objects.filter(model=model, is_active=True).order_by("name")[:30]
    alerts = {alert.monitor_id: alert for alert in open_alerts(model)}
    return [Series(monitor, tuple(reversed(_newest(monitor))), alerts.get(monitor.pk)) for monitor in monitors]


def open_alerts(model: str = "") -> Sequence[Alert]:
    """Alerts that are open now, newest first."""
    rows = Alert.objects.filter(resolved_at__isnull=True).select_related("monitor").order_by("-opened_at", "-id")
    return list(rows.filter(monitor__model=model)[:PAGE] if model else rows[:PAGE])


def alert_page(*, before: int | None = None) -> Sequence[Alert]:
    """Alerts with their stories, newest first; `before` is the id of the last one seen."""
    rows = Alert.objects.select_related("monitor").order_by("-id")
    return list((rows.filter(id__lt=before) if before is not None else rows)[:PAGE])


def _newest(monitor: Monitor) -> list[Measurement]:
    return list(monitor.measurements.order_by("-window_end", "-id")[:POINTS])
