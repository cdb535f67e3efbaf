"""Row 19: a job that kills its worker is dead after three deliveries, with its reason; the others flow."""

from jobs.models import Job, State
from jobs.services import enqueue
from tests.faults.workers import Installation, until


def test_poison_is_dead_lettered_and_others_flow(place: Installation) -> None:
    poison = enqueue(kind="poison", priority=9)
    hog = enqueue(kind="hog", priority=9)
    others = [enqueue(kind="steps", args={"name": f"o{n}", "count": 1}).pk for n in range(5)]
    place.worker()
    until(lambda: not Job.objects.filter(pk__in=others).exclude(state=State.DONE).exists(), 60)
    until(lambda: not Job.objects.exclude(state__in=(State.DONE, State.DEAD)).exists(), 60)
    poison.refresh_from_db()
    hog.refresh_from_db()
    assert (poison.error_code, poison.deliveries) == ("worker_lost", 3) and "3 workers" in poison.error_message
    assert poison.error_hint and hog.state == State.DEAD and hog.error_code == "out_of_memory"


def test_job_that_ignores_its_soft_limit_is_killed_at_the_hard_one(place: Installation) -> None:
    job = enqueue(kind="stuck")
    place.worker("--concurrency", "1")
    until(lambda: Job.objects.get(pk=job.pk).state == State.DEAD, 60)
    job.refresh_from_db()
    assert job.error_code == "hard_limit" and job.attempts == 2
