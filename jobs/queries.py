"""Ask: what is open, what went wrong, how old the queue is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from jobs.models import OPEN, READY, Job, State


def open_jobs(limit: int = 200) -> list[Job]:
    """Return the open jobs, running ones first, then by priority and age."""
    running = Job.objects.filter(state=State.RUNNING).order_by("id")[:limit]
    others = Job.objects.filter(state__in=[s for s in OPEN if s != State.RUNNING]).order_by("-priority", "id")[:limit]
    return [*running, *others][:limit]


def job(job_id: int) -> Job | None:
    """Return one job, or None."""
    return Job.objects.filter(pk=job_id).first()


def left_now(queues: Sequence[str], now: dt.datetime | None = None) -> int:
    """Number of jobs of these queues that run or could start now; what waits for a later time is not counted.

    In one statement: a job that starts between two of them would be in neither count.
    """
    due = Q(state=State.WAITING, due_at__lte=now or timezone.now())
    return Job.objects.filter(Q(state__in=(*READY, State.RUNNING)) | due, queue__in=queues).count()


def open_of(key: str) -> Job | None:
    """Return the open job of a key, or None."""
    return Job.objects.filter(key=key, state__in=OPEN).first()


def latest(kind: str) -> Job | None:
    """Return the newest job of a kind, or None."""
    return Job.objects.filter(kind=kind).order_by("-id").first()


def troubled() -> QuerySet[Job]:
    """Return what an operator should look at: failed and dead jobs, newest first."""
    return Job.objects.filter(state__in=(State.FAILED, State.DEAD)).order_by("-id")


@dataclass(frozen=True, slots=True)
class QueueState:
    """The queue in figures: jobs by state, and the age in seconds of the oldest that could start."""

    by_state: dict[str, int]
    oldest_ready_seconds: float

    @property
    def open(self) -> int:
        """Number of open jobs."""
        return sum(self.by_state.get(state, 0) for state in OPEN)


def queue_state(now: dt.datetime | None = None) -> QueueState:
    """Return the present QueueState in two queries."""
    moment = now or timezone.now()
    rows = Job.objects.values("state").annotate(count=Count("id")).order_by("state")
    oldest = Job.objects.filter(state__in=READY).aggregate(oldest=Min("due_at"))["oldest"]
    age = max((moment - oldest).total_seconds(), 0.0) if oldest else 0.0
    return QueueState({row["state"]: row["count"] for row in rows}, age)
