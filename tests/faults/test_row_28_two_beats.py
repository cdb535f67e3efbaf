"""Row 28: several beats at once, and a clock that jumps a day. Each due moment has one effect."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from jobs import schedules, services
from jobs.models import Job, Schedule


@pytest.mark.django_db(transaction=True)
def test_four_beats_fire_each_due_moment_once(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from jobs import sending

    monkeypatch.setattr(sending, "hint", lambda job: True)
    services.ensure_schedule(name="beat", kind="tick-tock", every_seconds=60)
    now = timezone.now()
    for minute in range(1, 6):
        moment, fired, barrier = now + dt.timedelta(minutes=minute, seconds=1), [], threading.Barrier(4)

        def beat(moment=moment, fired=fired, barrier=barrier) -> None:
            try:
                barrier.wait(10)
                fired.append(schedules.fire_due(moment))
            finally:
                connection.close()

        threads = [threading.Thread(target=beat) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(fired) == [0, 0, 0, 1]
        Job.objects.all().delete()


@pytest.mark.django_db
def test_clock_a_day_ahead_makes_one_job_and_the_schedule_goes_on_when_it_returns() -> None:
    Schedule.objects.all().delete()
    services.ensure_schedule(name="beat", kind="tick-tock", every_seconds=600)
    now = timezone.now()
    for moment in (now + dt.timedelta(days=1), now + dt.timedelta(days=1, seconds=5)):
        schedules.fire_due(moment)
    assert Job.objects.count() == 1
    Job.objects.all().delete()
    schedules.fire_due(now)
    assert Schedule.objects.get(name="beat").next_at <= now + dt.timedelta(seconds=600)
    assert schedules.fire_due(now + dt.timedelta(seconds=601)) == 1
