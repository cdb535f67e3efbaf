"""Row 20: Redis is killed and comes back empty. The sweeper sends everything again from PostgreSQL."""

import datetime as dt

from django.db.models import F

from jobs.models import Job, State
from jobs.services import enqueue
from tests.faults.workers import Installation, until
from tests.jobapp.tasks import marks
from tests.servers import Redis


def test_everything_is_sent_again_after_a_wipe(place: Installation, own_redis: Redis) -> None:
    for number in range(20):
        enqueue(kind="steps", args={"name": f"r{number}", "count": 2})
    assert set(Job.objects.values_list("state", flat=True)) == {State.SENT}
    place.worker()
    until(lambda: Job.objects.filter(state=State.DONE).count() >= 3)
    own_redis.kill()
    lost = enqueue(kind="steps", args={"name": "while-down", "count": 2})
    assert lost.state == State.QUEUED
    own_redis.start()
    Job.objects.filter(state=State.SENT).update(sent_at=F("sent_at") - dt.timedelta(minutes=1))
    until(lambda: not Job.objects.exclude(state=State.DONE).exists(), 60)
    assert [marks(f"r{number}") for number in range(20)] == [2] * 20 and marks("while-down") == 2
