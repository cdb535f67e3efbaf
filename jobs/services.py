"""Do: ask for background work, cancel it, try it again, keep schedules."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from evidence import audit
from jobs import handlers, sending
from jobs.models import CLOSED, OPEN, Job, Schedule, State


class NotPossible(ValueError):
    """The job's state does not allow this."""


def enqueue(
    *,
    kind: str,
    args: Mapping[str, Any] | None = None,
    key: str = "",
    resource: str = "",
    priority: int | None = None,
    queue: str = "",
    not_before: dt.datetime | None = None,
    parent: Job | None = None,
    schedule: Schedule | None = None,
    actor: Any = None,
) -> Job:
    """Write a job in the caller's transaction; its id goes to the broker when that commits.

    ``args`` are named JSON arguments. With ``key``, an open job of the same key is returned instead of a second one;
    if that one runs already, it will run once more, so that nothing asked for meanwhile is missed. Jobs that share a
    ``resource`` run one at a time. ``not_before`` is an aware datetime.
    """
    now = timezone.now()
    values = json.loads(json.dumps(dict(args or {}), allow_nan=False))
    known = handlers.find(kind)
    waits = not_before is not None and not_before > now
    job = Job(
        kind=kind,
        args=values,
        key=key,
        resource=resource,
        queue=queue or (known.queue if known else "default"),
        priority=priority if priority is not None else (known.priority if known else 0),
        max_attempts=known.max_attempts if known else 8,
        max_deliveries=known.max_deliveries if known else 3,
        # Its hint goes out when this commits (see sending.send_new); so that need not be written down once more.
        state=State.WAITING if waits else State.SENT,
        sent_at=None if waits else now,
        sends=0 if waits else 1,
        due_at=not_before or now,
        created_at=now,
        requested_by=audit.name_of(actor),
        parent=parent,
        schedule=schedule,
    )
    return _store(job) if key else _store_new(job)


def _store_new(job: Job) -> Job:
    job.save(force_insert=True)
    if job.state == State.SENT:
        transaction.on_commit(functools.partial(sending.send_new, job), robust=True)
    return job


def _store(job: Job) -> Job:
    """Insert, or return the open job of the same key; a running one is marked to run again."""
    for _attempt in range(5):
        existing = Job.objects.filter(key=job.key, state__in=OPEN).first()
        if existing is None:
            try:
                with transaction.atomic():
                    return _store_new(job)
            except IntegrityError:
                continue
        if existing.state != State.RUNNING:
            return existing
        if Job.objects.filter(pk=existing.pk, state=State.RUNNING).update(again=True, args=job.args):
            existing.refresh_from_db()
            return existing
    raise IntegrityError(f"the key {job.key!r} changes hands too fast")


def enqueue_many(*, kind: str, items: Iterable[tuple[Mapping[str, Any], str]], actor: Any = None) -> list[Job]:
    """Ask for many jobs of one kind, given as (args, key) pairs, in one transaction."""
    with transaction.atomic():
        return [enqueue(kind=kind, args=args, key=key, actor=actor) for args, key in items]


@transaction.atomic
def cancel(*, job_id: int, actor: Any = None, reason: str = "") -> Job:
    """Cancel a job: at once if it has not started, at its next check if it runs. Raises NotPossible when closed."""
    now, name = timezone.now(), audit.name_of(actor)
    asked = {"cancel_asked_at": now, "cancel_asked_by": name}
    idle = Job.objects.filter(pk=job_id, state__in=[state for state in OPEN if state != State.RUNNING])
    if not idle.update(state=State.CANCELLED, finished_at=now, error_code="cancelled", **asked):
        running = Job.objects.filter(pk=job_id, state=State.RUNNING)
        if not running.update(again=False, **asked):
            raise NotPossible(f"job {job_id} has already ended, so it cannot be cancelled")
    audit.record(actor=actor, action="jobs.cancel", target=f"jobs.job:{job_id}", reason=reason)
    return Job.objects.get(pk=job_id)


@transaction.atomic
def retry(*, job_id: int, actor: Any = None) -> Job:
    """Run a closed job again, with its counts reset. Raises NotPossible when open, or its key is taken."""
    now = timezone.now()
    try:
        with transaction.atomic():
            changed = Job.objects.filter(pk=job_id, state__in=CLOSED).update(
                state=State.QUEUED, due_at=now, finished_at=None, attempts=0, deliveries=0, sends=0, again=False,
                error_code="", error_message="", error_hint="", cancel_asked_at=None, cancel_asked_by="",
                progress_done=0, progress_total=None, progress_message="", started_at=None,
            )  # fmt: skip
    except IntegrityError:
        raise NotPossible(f"job {job_id} has an open successor of the same key") from None
    if not changed:
        raise NotPossible(f"job {job_id} is still open, so it needs no retry")
    audit.record(actor=actor, action="jobs.retry", target=f"jobs.job:{job_id}")
    job = Job.objects.get(pk=job_id)
    transaction.on_commit(functools.partial(sending.send, job), robust=True)
    return job


def ensure_schedule(*, name: str, kind: str, every_seconds: int, args: Mapping[str, Any] | None = None) -> Schedule:
    """Create a schedule by name, once; an existing one is the operator's and stays as it is."""
    schedule, _created = Schedule.objects.get_or_create(
        name=name,
        defaults={
            "kind": kind,
            "args": dict(args or {}),
            "every_seconds": every_seconds,
            "next_at": timezone.now() + dt.timedelta(seconds=every_seconds),
        },
    )
    return schedule
