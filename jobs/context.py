"""What a handler is given: progress, cancellation, the lease, and a way to step aside."""

from __future__ import annotations

import datetime as dt
import time

from django.utils import timezone

from evidence.redaction import redact
from jobs import leases
from jobs.errors import Cancelled, LeaseLost, Reschedule
from jobs.models import Job, State

_BETWEEN_PROGRESS = 0.5


class Context:
    """The running job as its handler sees it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.lost = False
        self._progress_at = 0.0

    @property
    def job_id(self) -> int:
        """The row's id, for logs and child jobs."""
        return int(self.job.pk)

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far the work is; cheap to call often (written twice a second). Raises Cancelled and LeaseLost."""
        now = time.monotonic()
        finished = total is not None and done >= total
        if now - self._progress_at < _BETWEEN_PROGRESS and not finished:
            return
        self._progress_at = now
        written = leases.held(self.job).update(
            progress_done=done if total is None else min(done, total),
            progress_total=total,
            progress_message=redact(message).text[:300],
        )
        if not written:
            raise LeaseLost("the lease of this job was lost")
        self.check_cancelled()

    def check_cancelled(self) -> None:
        """Raise Cancelled when somebody asked for it, LeaseLost when the job belongs to another worker."""
        row = Job.objects.filter(pk=self.job.pk).values_list("state", "lease_owner", "cancel_asked_at").first()
        if self.lost or row is None or row[0] != State.RUNNING or row[1] != self.job.lease_owner:
            raise LeaseLost("the lease of this job was lost")
        if row[2] is not None:
            raise Cancelled("the job was cancelled")

    def renew(self) -> None:
        """Extend the lease. Inside a transaction this also guards it: it commits only while the lease is held.

        Call it in every transaction whose effect must not be doubled. Raises LeaseLost.
        """
        if self.lost or not leases.renew(self.job, timezone.now()):
            raise LeaseLost("the lease of this job was lost")

    def reschedule(self, at: dt.datetime, reason: str) -> None:
        """Free the worker and go on at ``at``; never returns."""
        raise Reschedule(at, reason)
