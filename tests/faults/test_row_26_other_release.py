"""Row 26: jobs of another release are taken when they fit and parked when they do not; none is dropped."""

from django.utils import timezone

from jobs.models import Job, State
from jobs.services import enqueue
from tests.faults.workers import Installation, until


def test_old_worker_parks_what_the_new_one_then_runs(place: Installation) -> None:
    extra = enqueue(kind="steps", args={"name": "x", "count": 1, "argument_of_next_release": True})
    lacking = enqueue(kind="steps", args={"name": "y"})
    old = place.worker("--concurrency", "1", DJANGO_SETTINGS_MODULE="config.settings.test")
    until(lambda: Job.objects.filter(state=State.WAITING, error_code="unknown_kind").count() == 2)
    old.terminate()
    old.wait(20)
    Job.objects.update(due_at=timezone.now())
    place.worker("--concurrency", "1")
    until(lambda: Job.objects.get(pk=extra.pk).state == State.DONE)
    until(lambda: Job.objects.get(pk=lacking.pk).error_code == "unfit_arguments")
    assert Job.objects.get(pk=lacking.pk).state == State.WAITING
