"""The two Celery tasks: run a job, and tick the reaper. Both are doorways; both may be called at any time."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from jobs.context import Context
from jobs.handlers import handler


@shared_task(name="jobs.run", ignore_result=True)
def run(*, job_id: int = 0, queue: str = "default", **_ignored: Any) -> None:
    """A hint came in: run the best ready jobs of its queue."""
    from jobs import runner

    runner.run_ready(queue)


@shared_task(name="jobs.tick", ignore_result=True)
def tick(**_ignored: Any) -> None:
    """Sent by Celery beat: one pass of the reaper."""
    from jobs import reaper

    reaper.tick()


@handler("retention", soft_limit=900, hard_limit=1200)
def retention(ctx: Context, **_ignored: Any) -> dict[str, int]:
    """Delete what has been kept long enough."""
    from django.utils import timezone

    from jobs import retention as rules

    return rules.enforce(timezone.now())
