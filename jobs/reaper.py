"""The reaper: brings back what workers and brokers lost. Any number may run; every step is conditional.

1. Running jobs whose lease ran out, or whose process on this machine is gone, queue again; after max_deliveries of
   them in a row the job is dead (it kills its workers).
2. Waiting jobs that are due are queued.
3. Due schedules ask for their jobs.
4. Queued jobs, and sent ones that never started, are sent to the broker.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from jobs import leases, schedules, sending
from jobs.models import Job, State


@dataclass(frozen=True, slots=True)
class Tick:
    """What one pass did."""

    taken_back: int
    woken: int
    scheduled: int
    sent: int


def tick(now: dt.datetime | None = None) -> Tick:
    """Make one pass."""
    moment = now or timezone.now()
    return Tick(
        taken_back=take_back_expired(moment),
        woken=wake_waiting(moment),
        scheduled=schedules.fire_due(moment),
        sent=sending.send_pending(moment),
    )


def take_back_expired(now: dt.datetime) -> int:
    """Take back jobs whose worker is lost; returns how many."""
    mine = Q(lease_owner__startswith=f"{leases.host()}:")
    suspects = Job.objects.filter(Q(lease_until__lt=now) | mine, state=State.RUNNING).order_by("id")
    return sum(_take_back(job, now) for job in suspects if _is_lost(job, now))


def _is_lost(job: Job, now: dt.datetime) -> bool:
    expired = job.lease_until is not None and job.lease_until < now
    return expired or leases.is_dead_local(job.lease_owner)


def _take_back(job: Job, now: dt.datetime) -> bool:
    still = leases.held(job).filter(lease_until=job.lease_until)
    freed = {"lease_owner": "", "lease_until": None, "sends": 0}
    if job.cancel_asked_at is not None:
        ended = {"state": State.CANCELLED, "finished_at": now, "error_code": "cancelled"}
    elif job.deliveries >= job.max_deliveries:
        ended = {
            "state": State.DEAD,
            "finished_at": now,
            "error_code": "worker_lost",
            "error_message": f"{job.deliveries} workers in a row were lost while they ran this job",
            "error_hint": "It may exhaust memory or crash its process. Mend the cause, then retry it in the admin.",
        }
    else:
        ended = {"state": State.QUEUED, "due_at": now, "error_code": "worker_lost"}
    return still.update(**freed, **ended) == 1


def wake_waiting(now: dt.datetime) -> int:
    """Queue the waiting jobs that are due; returns how many."""
    return Job.objects.filter(state=State.WAITING, due_at__lte=now).update(state=State.QUEUED, sends=0)
