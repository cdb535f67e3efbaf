"""Send hints about ready jobs to the broker. A hint may be lost or doubled: the rows are the truth.

A hint says "queue Q has a ready job", with the id of the row that caused it; the worker takes the best ready row of
the queue. So priorities hold on every broker, and a lost hint delays only until the reaper sends again.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import import_string
from kombu.exceptions import KombuError
from kombu.exceptions import OperationalError as BrokerUnavailable
from redis.exceptions import RedisError

from jobs.models import READY, Job, State

logger = logging.getLogger(__name__)

BROKER_ERRORS = (BrokerUnavailable, KombuError, RedisError, OSError)
RESEND_AFTER = dt.timedelta(seconds=10)
_LONGEST_DOUBLING = 6
_PAUSE_AFTER_FAILURE = 2.0
_paused_until = 0.0


def celery_app() -> Any:
    """Return the Celery application that the settings name; imported at the first use, not at start."""
    return import_string(settings.ATTEST_CELERY_APP)


def hint(job: Job) -> bool:
    """Send one hint; False when the broker cannot take it (the row stays queued and is sent later)."""
    global _paused_until
    if time.monotonic() < _paused_until:
        return False
    try:
        celery_app().send_task(
            "jobs.run", kwargs={"job_id": job.pk, "queue": job.queue}, queue=job.queue, retry=False, ignore_result=True
        )
    except BROKER_ERRORS as error:
        _paused_until = time.monotonic() + _PAUSE_AFTER_FAILURE
        logger.warning("job %s stays queued, the broker does not take it: %s", job.pk, error)
        return False
    return True


def send(job: Job) -> bool:
    """Send a queued job's hint and note it; False when the broker cannot take it."""
    if not hint(job):
        return False
    Job.objects.filter(pk=job.pk, state__in=READY).update(
        state=State.SENT, sent_at=timezone.now(), sends=F("sends") + 1
    )
    return True


def send_pending(now: dt.datetime, limit: int = 500) -> int:
    """Send what is queued, and again what was sent long ago and never started; returns how many were sent.

    The wait doubles with each sending, so that a long queue is not flooded with doubles.
    """
    late = Q()
    for sends in range(1, _LONGEST_DOUBLING + 1):
        condition = Q(sends__gte=sends) if sends == _LONGEST_DOUBLING else Q(sends=sends)
        late |= condition & Q(sent_at__lt=now - RESEND_AFTER * 2 ** (sends - 1))
    queued = Job.objects.filter(state=State.QUEUED, due_at__lte=now).order_by("-priority", "id")[:limit]
    stale = Job.objects.filter(late, state=State.SENT).order_by("sent_at", "id")[:limit]
    sent = 0
    for job in [*queued, *stale]:
        if not send(job):
            break
        sent += 1
    return sent


def send_next_of(resource: str) -> None:
    """A resource has become free: hint at the best job that waited for it."""
    waiting = Job.objects.filter(resource=resource, state__in=READY, due_at__lte=timezone.now())
    job = waiting.order_by("-priority", "id").first()
    if job is not None:
        send(job)
