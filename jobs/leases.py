"""Leases: who runs a job, until when. Every step is one conditional update whose count must be one."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import socket
import uuid
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from jobs.models import OPEN, READY, Job, State

_CLASHES = 4


def lease_time() -> dt.timedelta:
    """Return how long a claim holds without renewal (ATTEST_JOB_LEASE seconds, 30 by default)."""
    return dt.timedelta(seconds=float(getattr(settings, "ATTEST_JOB_LEASE", 30)))


@cache
def host() -> str:
    """Return a name for this machine and its process-id space, so that a process id means something."""
    try:
        space = Path("/proc/sys/kernel/random/boot_id").read_text() + str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    return f"{socket.gethostname()[:60]}-{hashlib.sha256(space.encode()).hexdigest()[:8]}"


def new_owner() -> str:
    """Return a name for one delivery: host, process, and what no later delivery shares."""
    return f"{host()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"


def ready(queue: str, now: dt.datetime) -> QuerySet[Job]:
    """Return the jobs of a queue that may start now, best first; busy resources are left out."""
    busy = Job.objects.filter(state=State.RUNNING, resource=OuterRef("resource")).exclude(resource="")
    free = Q(resource="") | ~Exists(busy)
    return Job.objects.filter(free, queue=queue, state__in=READY, due_at__lte=now).order_by("-priority", "id")


# One statement claims: the best job that may start and that nobody else is taking now. Two claims that take two jobs of
# one resource at once meet the unique constraint. Table and columns are those of Job.
_CLAIM = """
UPDATE jobs_job SET state = 'running', lease_owner = %s, lease_until = %s, deliveries = deliveries + 1,
    started_at = COALESCE(started_at, %s)
WHERE state IN ('queued', 'sent') AND id = (
    SELECT best.id FROM jobs_job best
    WHERE best.queue = %s AND best.state IN ('queued', 'sent') AND best.due_at <= %s
        AND (best.resource = '' OR NOT EXISTS (SELECT 1 FROM jobs_job busy WHERE busy.state = 'running'
            AND busy.resource <> '' AND busy.resource = best.resource))
    ORDER BY best.priority DESC, best.id LIMIT 1 {lock})
RETURNING *
"""


def claim(queue: str, now: dt.datetime) -> Job | None:
    """Take the best job that may start, or None. The unique constraint decides between two of one resource."""
    lock = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    moment, until = map(connection.ops.adapt_datetimefield_value, (now, now + lease_time()))
    values = [new_owner(), until, moment, queue, moment]
    for _attempt in range(_CLASHES):
        try:
            # A savepoint only where an outer transaction would be lost with the statement.
            with transaction.atomic() if connection.in_atomic_block else contextlib.nullcontext():
                return next(iter(Job.objects.raw(_CLAIM.format(lock=lock), values)), None)
        except IntegrityError:
            continue  # another worker took a job of the same resource at this moment: look again
    return None


def held(job: Job) -> QuerySet[Job]:
    """Return the job's row as long as this delivery still holds it."""
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, lease_owner=job.lease_owner)


def renew(job: Job, now: dt.datetime) -> bool:
    """Extend the lease; False when it is lost. Inside a transaction it also fences: the row stays locked."""
    return held(job).update(lease_until=now + lease_time()) == 1


def close(job: Job, state: State, now: dt.datetime, **fields: Any) -> bool:
    """End the job in a closed state, or queue it once more if it was asked for again meanwhile; False: lease lost."""
    end = {"lease_owner": "", "lease_until": None, "deliveries": 0, "sends": 0, "due_at": now}
    closed = (
        held(job).filter(again=False).update(**{"progress_message": "", **end, **fields}, state=state, finished_at=now)
    )
    if closed:
        return True
    fresh = {"state": State.QUEUED, "again": False, "attempts": 0, "progress_done": 0, "progress_total": None}
    return held(job).filter(again=True).update(**{**fields, **end, **fresh}) == 1


def put_back(job: Job, state: State, due_at: dt.datetime, **fields: Any) -> bool:
    """Give the job up without an end: it waits, or queues again; False when the lease is lost."""
    values = {"deliveries": 0, **fields}
    return held(job).update(state=state, due_at=due_at, lease_owner="", lease_until=None, sends=0, **values) == 1


def is_dead_local(owner: str) -> bool:
    """True when the owner was a process of this machine that is no more."""
    owner_host, _, rest = owner.rpartition(":")[0].rpartition(":")
    if owner_host != host() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(int(rest))


def _is_zombie(pid: int) -> bool:
    """True when the process has ended and only waits for somebody to read its exit code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


__all__ = ["OPEN", "claim", "close", "held", "host", "is_dead_local", "lease_time", "put_back", "ready", "renew"]
