"""Send hints about ready jobs to the broker. A hint may be lost or doubled: the rows are the truth.

A hint says "queue Q has a ready job", with the id of the row that caused it; the worker takes the best ready row of
the queue, and then the next. So priorities hold on every broker, a lost hint delays only until the reaper sends again,
and a burst of jobs needs no burst of hints: while enough of them lie in the broker unread, whoever reads one comes
after the rows were committed, and finds them.
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

from jobs import leases
from jobs.models import READY, Job, State

logger = logging.getLogger(__name__)

BROKER_ERRORS = (BrokerUnavailable, KombuError, RedisError, OSError)
RESEND_AFTER = dt.timedelta(seconds=10)
_LONGEST_DOUBLING = 6
_PAUSE_AFTER_FAILURE = 2.0
_paused_until = 0.0
# More than a host has processes: so many unread hints of a queue wake everybody who is idle.
ENOUGH_UNREAD = 32
_BURST = 0.25
_hinted_at: dict[str, float] = {}


def celery_app() -> Any:
    """Return the Celery application that the settings name; imported at the first use, not at start."""
    return import_string(settings.ATTEST_CELERY_APP)


def hint(job: Job) -> bool:
    """See to it that a hint lies in the broker; False when it cannot take it (the row stays queued, for later)."""
    global _paused_until
    if time.monotonic() < _paused_until:
        return False
    try:
        _hint(job)
    except BROKER_ERRORS as error:
        _paused_until = time.monotonic() + _PAUSE_AFTER_FAILURE
        logger.warning("job %s stays queued, the broker does not take it: %s", job.pk, error)
        return False
    return True


def _hint(job: Job) -> None:
    app, now = celery_app(), time.monotonic()
    in_a_burst = now - _hinted_at.get(job.queue, -_BURST) < _BURST
    _hinted_at[job.queue] = now
    if in_a_burst and _unread(app, job.queue) >= ENOUGH_UNREAD:
        return
    arguments = {"job_id": job.pk, "queue": job.queue}
    app.send_task("jobs.run", kwargs=arguments, queue=job.queue, retry=False, ignore_result=True)


def _unread(app: Any, queue: str) -> int:
    """How many messages of a queue no worker has taken yet; asking costs a tenth of what a message costs."""
    with app.producer_or_acquire() as producer:
        return int(producer.channel._size(queue))


def send(job: Job) -> bool:
    """Send a ready job's hint and note it; False when the broker cannot take it."""
    if not hint(job):
        return False
    Job.objects.filter(pk=job.pk, state__in=READY).update(
        state=State.SENT, sent_at=timezone.now(), sends=F("sends") + 1
    )
    return True


def send_new(job: Job) -> None:
    """Send the hint of a job that was written as sent, which saves a write; where that was too hopeful, say so.

    A process that dies between the commit and this leaves a job that is sent again like any whose hint was lost.
    """
    if hint(job):
        return
    Job.objects.filter(pk=job.pk, state=State.SENT).update(state=State.QUEUED, sent_at=None, sends=0)
    job.state, job.sent_at, job.sends = State.QUEUED, None, 0


def send_another(queue: str) -> None:
    """Hint at the best ready job of a queue, if there is one: for a worker that leaves the rest to others."""
    job = leases.ready(queue, timezone.now()).first()
    if job is not None:
        hint(job)


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
