"""Retention: what is kept for how long, enforced by a daily job.

Every room registers its own rule; the operator may change the days by ATTEST_RETENTION_DAYS = {"name": days}::

    @rule("webhook-deliveries", days=90)
    def prune(before: datetime) -> int: ...
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.sessions.models import Session

from jobs.models import CLOSED, Job, State

Prune = Callable[[dt.datetime], int]
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows older than ``days`` are deleted by ``prune``, which takes the limit and returns how many it deleted."""

    name: str
    days: int
    prune: Prune


_rules: dict[str, Rule] = {}


def rule(name: str, *, days: int) -> Callable[[Prune], Prune]:
    """Register a retention rule."""

    def register(prune: Prune) -> Prune:
        _rules[name] = Rule(name, days, prune)
        return prune

    return register


def rules() -> list[Rule]:
    """Return the rules in force, with the operator's days, by name."""
    chosen = getattr(settings, "ATTEST_RETENTION_DAYS", {})
    return [Rule(name, int(chosen.get(name, _rules[name].days)), _rules[name].prune) for name in sorted(_rules)]


def enforce(now: dt.datetime) -> dict[str, int]:
    """Apply every rule; returns how many rows each deleted."""
    return {entry.name: entry.prune(now - dt.timedelta(days=entry.days)) for entry in rules()}


@rule("jobs-done", days=30)
def prune_done(before: dt.datetime) -> int:
    """Jobs that ended well or were cancelled."""
    return _delete_jobs((State.DONE, State.CANCELLED), before)


@rule("jobs-failed", days=180)
def prune_failed(before: dt.datetime) -> int:
    """Failed and dead jobs, kept longer, since somebody may still ask why."""
    return _delete_jobs((State.FAILED, State.DEAD), before)


@rule("sessions", days=0)
def prune_sessions(before: dt.datetime) -> int:
    """Sessions that have expired."""
    return Session.objects.filter(expire_date__lt=before).delete()[0]


def _delete_jobs(states: tuple[State, ...], before: dt.datetime) -> int:
    """Delete in batches, so that no long lock stands in the way of workers."""
    old = Job.objects.filter(state__in=states, finished_at__lt=before).filter(state__in=CLOSED)
    deleted = 0
    while keys := list(old.order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        deleted += Job.objects.filter(pk__in=keys).delete()[0]
    return deleted
