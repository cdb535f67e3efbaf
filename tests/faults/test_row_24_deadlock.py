"""Row 24: two jobs deadlock. PostgreSQL ends one of them, which is tried again a bounded number of times."""

from django.db import connection

from jobs.models import Job, State
from jobs.services import enqueue
from tests.faults.workers import Installation, until
from tests.jobapp.tasks import mark


def test_the_loser_of_a_deadlock_is_tried_again(place: Installation) -> None:
    mark("a", 0)
    mark("b", 100)
    enqueue(kind="clash", args={"first": "a", "second": "b"})
    enqueue(kind="clash", args={"first": "b", "second": "a"})
    place.worker("--concurrency", "2")
    until(lambda: Job.objects.filter(state=State.DONE).count() == 2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT step FROM effect ORDER BY name")
        assert [row[0] for row in cursor.fetchall()] == [2, 102]
    assert max(Job.objects.values_list("attempts", flat=True)) <= 3
