"""Row 22: a task outlasts the broker's visibility timeout. The second delivery finds the lease and does nothing."""

from jobs.models import Job, State
from jobs.services import enqueue
from tests.faults.workers import Installation, until
from tests.jobapp.tasks import marks


def test_redelivery_of_a_running_job_has_no_effect(place: Installation) -> None:
    place.environment["JOBAPP_VISIBILITY"] = "1"
    job = enqueue(kind="slow", args={"name": "long", "seconds": 5})
    for _ in range(2):
        place.worker("--concurrency", "1")
    until(lambda: Job.objects.get(pk=job.pk).state == State.DONE)
    job.refresh_from_db()
    assert marks("long") == 1 and job.attempts == 0 and job.error_code == ""
