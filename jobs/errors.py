"""What a handler may raise, and what the runner makes of it::

    JobError
    ├── Retry           try again after a growing wait (or ``after`` seconds), up to max_attempts
    ├── Reschedule      free the worker and go on at a stated time; counts as no attempt
    ├── Fail            a named failure that trying again cannot mend
    ├── Cancelled       raised by ctx.check_cancelled()
    ├── LeaseLost       another worker has the job now: stop, write nothing
    └── SoftLimit       the soft time limit has passed (tried again like Retry)

Any other exception: database outages, deadlocks and full disks are known and waited out; the rest fails the job.
"""

from __future__ import annotations

import datetime as dt


class JobError(Exception):
    """Base of what jobs raise: a code for programs, a message, and a hint what to do."""

    code = "job_error"

    def __init__(self, message: str = "", *, code: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.hint = hint


class Retry(JobError):
    """Trying again may help."""

    code = "retry"

    def __init__(self, message: str, *, after: float | None = None, code: str = "", hint: str = "") -> None:
        super().__init__(message, code=code, hint=hint)
        self.after = after


class Reschedule(JobError):
    """Nothing is wrong: go on at ``at`` (aware datetime), for instance when a rate limit is reset."""

    code = "rescheduled"

    def __init__(self, at: dt.datetime, reason: str, *, code: str = "") -> None:
        super().__init__(reason, code=code)
        self.at = at


class Fail(JobError):
    """The job cannot succeed as it was asked for."""

    code = "failed"


class Cancelled(JobError):
    """Somebody asked for the job to stop."""

    code = "cancelled"


class LeaseLost(JobError):
    """The lease ran out and the job belongs to another worker, or to none."""

    code = "lease_lost"


class SoftLimit(JobError):
    """The soft time limit of the job's kind has passed."""

    code = "soft_limit"
