"""Schedules kept in the database: each firing is a conditional update, so two beats have one effect."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q

from jobs import services
from jobs.models import Schedule


def fire_due(now: dt.datetime) -> int:
    """Ask for the job of each due schedule; returns how many were fired here.

    Missed firings are not made up for: after an outage or a clock that jumped ahead there is one. A clock that comes
    back from the future leaves ``next_at`` too far away, so that is pulled back first.
    """
    _pull_back(now)
    due = Schedule.objects.filter(enabled=True, next_at__lte=now).order_by("id")
    return sum(_fire(schedule, now) for schedule in due)


def _pull_back(now: dt.datetime) -> None:
    for schedule in Schedule.objects.filter(enabled=True, next_at__gt=now).filter(
        Q(last_at__gt=now) | Q(next_at__gt=now + dt.timedelta(days=1))
    ):
        latest = now + dt.timedelta(seconds=schedule.every_seconds)
        if schedule.next_at > latest:
            Schedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at).update(next_at=latest)


def _fire(schedule: Schedule, now: dt.datetime) -> bool:
    with transaction.atomic():
        following = now + dt.timedelta(seconds=schedule.every_seconds)
        mine = Schedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at, enabled=True).update(
            next_at=following, last_at=now
        )
        if not mine:
            return False
        services.enqueue(
            kind=schedule.kind,
            args=schedule.args,
            key=f"schedule:{schedule.name}",
            schedule=schedule,
            actor="system:schedule",
        )
    return True
