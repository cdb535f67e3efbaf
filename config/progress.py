"""Progress of background work as lines on a terminal: a line when something moved, never a flood."""

import re

from django.db import DatabaseError

from jobs import queries
from jobs.models import Job


def line(job: Job) -> str:
    """One open job: kind, share done, message."""
    share = f" {100 * job.progress_done // job.progress_total:3d}%" if job.progress_total else ""
    message = f"  {job.progress_message}" if job.progress_message else ""
    return f"  {job.kind}{share} {job.state}{message}"


def outcome(pk: int) -> str:
    """How a job that left the queue ended."""
    job = queries.job(pk)
    if job is None:
        return f"  job {pk} is gone"
    trouble = f": {job.error_message} {job.error_hint}".rstrip() if job.error_code else ""
    return f"  {job.kind} {job.state}{trouble}"


class Watch:
    """Compares what is open with what was open at the last look. Jobs on a schedule are not shown: they never end."""

    def __init__(self) -> None:
        self.shown: dict[int, str] = {}

    def news(self) -> list[str]:
        """Lines for what changed since the last call; none while the database is busy."""
        try:
            jobs = [job for job in queries.open_jobs() if job.schedule_id is None]
            open_jobs = {job.pk: line(job) for job in jobs}
            ended = [outcome(pk) for pk in self.shown.keys() - open_jobs.keys()]
        except DatabaseError:
            return []
        fresh = [text for pk, text in open_jobs.items() if _step(self.shown.get(pk, "")) != _step(text)]
        self.shown = open_jobs
        return ended + fresh


def _step(text: str) -> str:
    """A line without its last digit of percent: a tenth of the way is news, a hundredth is noise."""
    return re.sub(r"\d%", "%", text)
