"""A worker that ends by itself: not before the work is done, and not because of what waits for a later time."""

import datetime as dt

from django.utils import timezone

from jobs.models import Job, State
from jobs.services import enqueue
from tests.faults.workers import Installation


def test_it_ends_when_nothing_is_left_that_could_start_now(place: Installation) -> None:
    now = [enqueue(kind="steps", args={"name": name, "count": 30}) for name in ("one", "two", "three")]
    later = enqueue(kind="nothing", not_before=timezone.now() + dt.timedelta(hours=1))
    assert place.worker("--concurrency", "1", "--until-idle").wait(60) == 0
    assert set(Job.objects.filter(pk__in=[job.pk for job in now]).values_list("state", flat=True)) == {State.DONE}
    assert Job.objects.get(pk=later.pk).state == State.WAITING
