"""The reaper: brings back what workers and brokers lost. Any number may run; every step is conditional.

1. Running jobs whose lease ran out, or whose process on this machine is gone, queue again; after max_deliveries of
   them in a row the job is dead (it kills its workers).
2. Waiting jobs that are due are queued.
3. Due schedules ask for their jobs.
4. Queued jobs, and sent ones that never started, are sent to the broker.

Before that, where the clock came back from ahead, the times that were written meanwhile are pulled back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from jobs import leases, schedules, sending
from jobs.models import READY, Job, State

# How far a clock may come back before the times that it wrote count as wrong; NTP keeps hosts closer than that.
_SLACK = dt.timedelta(minutes=1)
_FAR = dt.timedelta(days=1)  # longer than any wait that a failure or a limit asks for
_latest: dt.datetime | None = None  # the latest moment of a pass of this process


@dataclass(frozen=True, slots=True)
class Tick:
    """What one pass did."""

    taken_back: int
    woken: int
    scheduled: int
    sent: int


def tick(now: dt.datetime | None = None) -> Tick:
    """Make one pass."""
    global _latest
    moment = now or timezone.now()
    if _latest is None or moment < _latest - _SLACK:
        pull_back(moment)
        _latest = moment
    _latest = max(_latest, moment)
    return Tick(
        taken_back=take_back_expired(moment),
        woken=wake_waiting(moment),
        scheduled=schedules.fire_due(moment),
        sent=sending.send_pending(moment),
    )


def pull_back(now: dt.datetime) -> None:
    """Undo what a clock that was ahead wrote into the future, once it is right again.

    A job that is ready starts, one that runs keeps a lease of the ordinary length (its worker renews it, if there is
    one), and one that waits for longer than anything makes it wait, or was asked for in the future, waits no more.
    """
    ahead = now + _SLACK
    again = {"state": State.QUEUED, "due_at": now, "sends": 0}
    Job.objects.filter(Q(due_at__gt=ahead) | Q(sent_at__gt=ahead), state__in=READY).update(**again)
    late = Q(due_at__gt=now + _FAR) | Q(due_at__gt=ahead, created_at__gt=ahead)
    Job.objects.filter(late, state=State.WAITING).update(**again)
    lease = leases.lease_time()
    Job.objects.filter(state=State.RUNNING, lease_until__gt=ahead + lease).update(lease_until=now + lease)


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
