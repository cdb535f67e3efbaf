"""The two Celery tasks: run a job, and tick the reaper. Both are doorways; both may be called at any time."""

from __future__ import annotations

from typing import Any

from celery import shared_task


@shared_task(name="jobs.run", ignore_result=True)
def run(*, job_id: int = 0, queue: str = "default", **_ignored: Any) -> None:
    """A hint came in: run the best ready job of its queue."""
    from jobs import runner

    runner.run_next(queue)


@shared_task(name="jobs.tick", ignore_result=True)
def tick(**_ignored: Any) -> None:
    """Sent by Celery beat: one pass of the reaper."""
    from jobs import reaper

    reaper.tick()
