"""Row 24: two jobs deadlock. PostgreSQL ends one of them, which is tried again a bounded number of times."""

from pathlib import Path

from django.db import connection

from jobs.models import Job, State
from jobs.services import enqueue
from tests.faults.workers import Installation, until
from tests.jobapp.tasks import mark


def test_the_loser_of_a_deadlock_is_tried_again(place: Installation, tmp_path: Path) -> None:
    meet = tmp_path / "meet"
    meet.mkdir()
    mark("a", 0)
    mark("b", 100)
    enqueue(kind="clash", args={"first": "a", "second": "b", "meet": str(meet)})
    enqueue(kind="clash", args={"first": "b", "second": "a", "meet": str(meet)})
    for _ in range(2):
        place.worker("--concurrency", "1")
    until(lambda: Job.objects.filter(state=State.DONE).count() == 2, 180)
    with connection.cursor() as cursor:
        cursor.execute("SELECT step FROM effect ORDER BY name")
        assert [row[0] for row in cursor.fetchall()] == [2, 102]
    attempts = Job.objects.values_list("attempts", flat=True)
    assert sum(attempts) >= 1 and max(attempts) <= 3, "they did deadlock, and the loser was tried a few times"
