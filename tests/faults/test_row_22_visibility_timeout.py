"""Row 22: a task outlasts the broker's visibility timeout. The second delivery finds the lease and does nothing."""

from collections import Counter

import pytest
import redis

from jobs.models import Job, State
from jobs.services import enqueue
from tests.faults.workers import Installation, until
from tests.jobapp.tasks import marks
from tests.servers import Redis


@pytest.mark.timeout(600)
def test_redelivery_of_a_running_job_has_no_effect(place: Installation, own_redis: Redis) -> None:
    """The job holds until the very message that began it was delivered once more, and that delivery has ended."""
    told = redis.Redis.from_url(own_redis.url)
    place.environment |= {"JOBAPP_VISIBILITY": "1", "JOBAPP_DELIVERIES": own_redis.url}
    job = enqueue(kind="held", args={"name": "long"})
    for _ in range(2):
        place.worker("--concurrency", "1")
    until(lambda: Job.objects.get(pk=job.pk).state == State.RUNNING, 120)
    first = Job.objects.get(pk=job.pk)
    [message] = until(lambda: _ids(told, "begun"))
    until(lambda: _ids(told, "begun")[message] >= 2 and _ids(told, "ended")[message] >= 1, 240)
    during = Job.objects.get(pk=job.pk)
    assert (during.state, during.lease_owner, during.deliveries) == (State.RUNNING, first.lease_owner, 1)
    assert marks("long") == 0
    told.set("release", 1)
    until(lambda: Job.objects.get(pk=job.pk).state == State.DONE)
    job.refresh_from_db()
    assert marks("long") == 1 and job.attempts == 0 and job.error_code == ""


def _ids(told: redis.Redis, stage: str) -> Counter[str]:
    """How often each message that may run a job was begun, or ended, by a worker."""
    return Counter(value.decode() for value in told.lrange(f"jobapp:{stage}", 0, -1))
