"""Rules over measurements: alerts open, are notified once, notified again, and resolve. Each step is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from evidence import audit
from mlops.monitoring.measuring import ABOUT_SILENCE, measure
from mlops.monitoring.models import Alert, Channel, Delivery, Measurement, Monitor, Silence
from mlops.registry import deployment

ACTOR = "system:monitoring"


def check_all(*, now: datetime) -> int:
    """Measure every active monitor and act on it; returns how many alerts are open now."""
    for monitor in Monitor.objects.filter(is_active=True).order_by("id"):
        check(monitor, now=now)
    return Alert.objects.filter(resolved_at__isnull=True).count()


@transaction.atomic
def check(monitor: Monitor, *, now: datetime) -> Measurement:
    """Measure one monitor, then open, repeat or resolve its alert."""
    found = measure(monitor, now=now)
    alert = Alert.objects.select_for_update().filter(monitor=monitor, resolved_at__isnull=True).first()
    broken = is_broken(monitor, found)
    if broken is None:
        return found
    if not broken:
        if alert is not None:
            _resolve(alert, found, now)
        return found
    if alert is None and _held_long_enough(monitor, found, now):
        alert = _open(monitor, found, now)
    if alert is not None:
        _notify(alert, now)
    return found


def is_broken(monitor: Monitor, found: Measurement) -> bool | None:
    """Does the measurement break the rule? None: nothing can be said (too little data, and no dead-man rule)."""
    if found.value is None:
        return True if monitor.dead_man and found.rows == 0 else None
    if monitor.dead_man and found.rows == 0 and monitor.statistic not in ABOUT_SILENCE:
        return True
    return found.value > monitor.threshold if monitor.comparison == ">" else found.value < monitor.threshold


def _held_long_enough(monitor: Monitor, found: Measurement, now: datetime) -> bool:
    """Was the rule broken by every measurement of the last `for_seconds`, and do they reach that far back?"""
    if not monitor.for_seconds:
        return True
    since = now - timedelta(seconds=monitor.for_seconds)
    earlier = Measurement.objects.filter(monitor=monitor, window_end__lt=now).order_by("-window_end", "-id")[:1_000]
    for row in earlier:
        if is_broken(monitor, row) is not True:
            return False
        if row.window_end <= since:
            return True
    return False


def _subject(monitor: Monitor) -> str:
    """What is watched; a reading of the system says by its name what it is of."""
    if monitor.statistic == "reading":
        return monitor.name
    feature = f" ({monitor.feature})" if monitor.feature else ""
    return f"{monitor.name}: {monitor.statistic} of {monitor.model}{feature}"


def _of_rows(found: Measurement) -> str:
    return "on one row" if found.rows == 1 else f"on {found.rows} rows"


def _open(monitor: Monitor, found: Measurement, now: datetime) -> Alert:
    shown = "no data" if found.value is None else f"{found.value:g}"
    bound = "at most" if monitor.comparison == ">" else "at least"
    message = (
        f"{_subject(monitor)} is {shown}; {bound} {monitor.threshold:g} is allowed, measured over {monitor.window}"
    )
    alert = Alert.objects.create(
        monitor=monitor,
        severity=monitor.severity,
        value=found.value,
        message=message,
        opened_at=now,
        story=[_line(now, f"opened: {shown} {_of_rows(found)}")],
    )
    audit.record(
        actor=ACTOR, action="mlops.alert_opened", target=f"monitor:{monitor.pk}", label=monitor.name, reason=message
    )
    if monitor.response == Monitor.Response.ROLL_BACK:
        _roll_back(alert, now)
    return alert


def _roll_back(alert: Alert, now: datetime) -> None:
    """The rule's answer: end a canary first, since it is the newest change; otherwise take the champion back."""
    model = alert.monitor.model
    try:
        with transaction.atomic():
            stopped = deployment.stop(model, deployment.CHALLENGER, reason=alert.message, actor=ACTOR, automatic=True)
            if stopped is None:
                back = deployment.roll_back(model, reason=alert.message, actor=ACTOR, automatic=True)
                alert.story.append(_line(now, f"rolled back to {back.after}"))
            else:
                alert.story.append(_line(now, f"ended the canary of {stopped.before}"))
    except deployment.DeploymentRefused as error:
        alert.story.append(_line(now, f"not rolled back: {error}"))
    alert.save(update_fields=["story"])


def _resolve(alert: Alert, found: Measurement, now: datetime) -> None:
    alert.resolved_at = now
    alert.story.append(_line(now, f"resolved: {found.value:g} {_of_rows(found)}"))
    alert.save(update_fields=["resolved_at", "story"])
    audit.record(
        actor=ACTOR, action="mlops.alert_resolved", target=f"monitor:{alert.monitor_id}", label=alert.monitor.name
    )
    if alert.notified_at is not None:
        _send(alert, f"Resolved: {alert.message}", now)


def _notify(alert: Alert, now: datetime) -> None:
    """Once when it opens, again after the monitor's pause, never while silenced."""
    again = timedelta(seconds=alert.monitor.renotify_seconds)
    if alert.notified_at is not None and now - alert.notified_at < again:
        return
    if is_silenced(alert.monitor, now):
        return
    repeated = "Still open: " if alert.notified_at else ""
    _send(alert, f"{repeated}[{alert.severity}] {alert.message}{_runbook(alert)}", now)
    alert.notified_at = now
    alert.story.append(_line(now, "notified again" if repeated else "notified"))
    alert.save(update_fields=["notified_at", "story"])


def is_silenced(monitor: Monitor, now: datetime) -> bool:
    """Does a silence of this monitor, or of all, hold now?"""
    return (
        Silence.objects.filter(starts_at__lte=now, ends_at__gt=now)
        .filter(Q(monitor=monitor) | Q(monitor__isnull=True))
        .exists()
    )


def _send(alert: Alert, text: str, now: datetime) -> None:
    """Leave a delivery for each channel; a job carries them out."""
    for channel in Channel.objects.filter(is_active=True).order_by("id"):
        Delivery.objects.create(alert=alert, channel=channel, text=text)


def _runbook(alert: Alert) -> str:
    return f" What to do: {alert.monitor.runbook}" if alert.monitor.runbook else ""


def _line(at: datetime, what: str) -> dict[str, str]:
    return {"at": at.isoformat(), "what": what}
