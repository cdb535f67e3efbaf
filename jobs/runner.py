"""Run one job: claim, call its handler, write down how it ended."""

from __future__ import annotations

import datetime as dt
import errno
import inspect
import json
import logging
import random
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone

from evidence.redaction import redact
from jobs import handlers, leases, sending
from jobs.context import Context
from jobs.errors import Cancelled, Fail, JobError, LeaseLost, Reschedule, Retry, SoftLimit
from jobs.handlers import Handler
from jobs.models import Job, State
from jobs.watch import Watch

logger = logging.getLogger(__name__)

WINDOW = 1.0
PARK = dt.timedelta(minutes=1)
_DISK_WAIT = dt.timedelta(minutes=1)
_LONGEST_MESSAGE = 2000


def run_ready(queue: str) -> int:
    """Run ready jobs of ``queue`` one after the other for about a second; returns how many.

    A message costs more than a short job, so that one message does for several. Whoever stops while jobs are ready
    sends a hint for the next; a job that takes longer is the last of its message, so that the message is not held.
    """
    until = time.monotonic() + WINDOW
    count = 0
    while run_next(queue) is not None:
        count += 1
        if time.monotonic() >= until:
            sending.send_another(queue)
            break
    return count


def run_next(queue: str) -> Job | None:
    """Claim the best ready job of ``queue`` and run it to some end; returns it, or None when nothing is ready."""
    job = leases.claim(queue, timezone.now())
    if job is None:
        return None
    try:
        with structlog.contextvars.bound_contextvars(job_id=job.pk, job_kind=job.kind):
            execute(job)
    except BaseException:
        # The worker is being shut down in mid-job: give the job back at once instead of letting the lease run out.
        _persist(job, lambda: leases.put_back(job, State.QUEUED, timezone.now()))
        raise
    finally:
        if job.resource:
            sending.send_next_of(job.resource)
    return job


def execute(job: Job) -> None:
    """Run a claimed job. Every outcome is one conditional update; a lost lease writes nothing."""
    handler = handlers.find(job.kind)
    context = Context(job)
    if handler is None:
        return _park(job, "unknown_kind", f"no handler for jobs of kind {job.kind!r} in this release")
    try:
        inspect.signature(handler.function).bind(context, **job.args)
    except TypeError as error:
        return _park(job, "unfit_arguments", f"this release cannot take the job's arguments: {error}")
    if job.cancel_asked_at is not None:
        return _close(job, State.CANCELLED, error_code="cancelled")
    try:
        with Watch(context, handler):
            result = handler.function(context, **job.args)
        text = json.dumps(result, allow_nan=False)
    except Exception as error:  # noqa: BLE001  whatever a handler raises must end in a durable state
        _settle(job, handler, error)
    else:
        _close(job, State.DONE, result=json.loads(text), error_code="", error_message="", error_hint="")
    return None


def _settle(job: Job, handler: Handler, error: Exception) -> None:
    """Decide what an exception means; see jobs.errors."""
    _mend_connection()
    if isinstance(error, LeaseLost):
        logger.warning("job %s: %s", job.pk, error)
    elif isinstance(error, Cancelled):
        _close(job, State.CANCELLED, error_code="cancelled", error_message=error.message)
    elif isinstance(error, Reschedule):
        _wait(job, error.at, code=error.code, message=error.message, progress_message=error.message[:300])
    elif is_disk_full(error):
        _wait(
            job,
            timezone.now() + _DISK_WAIT,
            code="blocked_disk",
            message=_words(error),
            hint="Free space on the disk; the job goes on by itself.",
        )
    elif isinstance(error, (Retry, SoftLimit, MemoryError, *handler.retry_on)) or is_passing(error):
        after = error.after if isinstance(error, Retry) else getattr(error, "retry_after", None)
        try_again(job, handler, code=_code(error), message=_words(error), hint=_hint(error), after=after)
    else:
        if not isinstance(error, Fail):
            logger.error("job %s (%s) failed", job.pk, job.kind, exc_info=error)
        _close(job, State.FAILED, error_code=_code(error), error_message=_words(error), error_hint=_hint(error))


def try_again(
    job: Job, handler: Handler, *, code: str, message: str, hint: str = "", after: float | None = None
) -> None:
    """Count a failed attempt: wait longer and longer with jitter, or give up as dead after max_attempts."""
    attempts = job.attempts + 1
    if attempts >= job.max_attempts:
        _close(
            job,
            State.DEAD,
            attempts=attempts,
            error_code=code,
            error_message=f"given up after {attempts} attempts: {message}",
            error_hint=hint or "Mend the cause, then retry the job in the admin.",
        )
        return
    wait = min(handler.first_wait * 2 ** (attempts - 1), handler.longest_wait)
    seconds = max(wait * random.uniform(0.5, 1.0), after or 0.0)  # noqa: S311  jitter, not a secret
    _wait(job, timezone.now() + dt.timedelta(seconds=seconds), code=code, message=message, hint=hint, attempts=attempts)


def is_passing(error: BaseException) -> bool:
    """True for database outages, deadlocks and serialisation failures, which pass by themselves."""
    if isinstance(error, (OperationalError, InterfaceError)):
        return True
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return isinstance(error, DatabaseError) and state[:2] in ("08", "40", "53", "57")


def is_disk_full(error: BaseException) -> bool:
    """True when a disk or quota is full: of files, of PostgreSQL, of SQLite, or of a program that says so by code."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if getattr(seen, "sqlstate", None) == "53100" or "disk is full" in str(seen):
            return True
        if getattr(seen, "code", "") == "disk_full":
            return True
        seen = seen.__cause__
    return False


def _close(job: Job, state: State, **fields: Any) -> None:
    _persist(job, lambda: leases.close(job, state, timezone.now(), **fields))


def _wait(job: Job, due_at: dt.datetime, *, code: str, message: str, hint: str = "", **fields: Any) -> None:
    values = {"error_code": code, "error_message": message, "error_hint": hint, **fields}
    _persist(job, lambda: leases.put_back(job, State.WAITING, due_at, **values))


def _park(job: Job, code: str, message: str) -> None:
    """A newer release asked for this job: keep it for a worker that understands it."""
    hint = "A worker of the release that asked for it will take it; update this worker."
    _wait(job, timezone.now() + PARK, code=code, message=message, hint=hint)


def _persist(job: Job, write: Callable[[], bool]) -> None:
    """Write an outcome, waiting out a short database outage; after that the lease runs out and the job runs again."""
    deadline = time.monotonic() + leases.lease_time().total_seconds() / 2
    pause = 0.1
    while True:
        try:
            if not write():
                logger.warning("job %s: the lease was lost, its outcome is dropped", job.pk)
            return
        except (OperationalError, InterfaceError):
            if time.monotonic() >= deadline or connection.in_atomic_block:
                raise
            _mend_connection()
            time.sleep(pause)
            pause = min(pause * 2, 2.0)


def _mend_connection() -> None:
    """Drop a connection that an error has broken; inside a transaction its owner has to see the error."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def _code(error: Exception) -> str:
    if isinstance(error, JobError):
        return error.code
    if isinstance(error, MemoryError):
        return "out_of_memory"
    code = getattr(error, "code", None)
    return code if isinstance(code, str) and code else f"unexpected:{type(error).__name__}"[:100]


def _hint(error: Exception) -> str:
    hint = getattr(error, "hint", "")
    return hint if isinstance(hint, str) else ""


def _words(error: Exception) -> str:
    return redact(str(error) or type(error).__name__).text[:_LONGEST_MESSAGE]
