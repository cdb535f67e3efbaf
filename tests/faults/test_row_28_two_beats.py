"""Row 28: several beats at once, and a clock that jumps a day. Each due moment has one effect."""

import datetime as dt
import itertools
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from jobs import schedules, services
from jobs.models import Job, Schedule
from tests.faults.clock import Clock
from tests.faults.workers import ROOT, Installation, until


def two_beats(place: Installation) -> list[subprocess.Popen[bytes]]:
    """Two real beats; who starts them kills them."""
    command = [sys.executable, "-m", "celery", "--app", "config", "beat"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return [subprocess.Popen(command, env=place.environment, cwd=ROOT, **quiet) for _ in range(2)]


@pytest.mark.django_db(transaction=True)
def test_row_28_four_beats_fire_each_due_moment_once(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_row_28_clock_a_day_ahead_makes_one_job_and_the_schedule_goes_on_when_it_returns() -> None:
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


@pytest.mark.long
def test_row_28_two_beat_processes_fire_a_schedule_no_faster_than_it_says(place: Installation) -> None:
    Schedule.objects.all().delete()
    services.ensure_schedule(name="often", kind="steps", every_seconds=3, args={"name": "beat", "count": 1})
    place.worker("--concurrency", "1", "--tick", "0")
    beats = two_beats(place)
    try:
        until(lambda: Job.objects.filter(schedule__name="often").count() >= 4, 120)
    finally:
        for beat in beats:
            beat.kill()
            beat.wait()
    times = list(Job.objects.filter(schedule__name="often").order_by("created_at").values_list("created_at", flat=True))
    assert min((b - a).total_seconds() for a, b in itertools.pairwise(times)) >= 3


@pytest.mark.long
def test_row_28_machine_whose_clock_jumps_a_day_ahead_and_comes_back(place: Installation, tmp_path: Path) -> None:
    """Worker and beats run on through both jumps; the schedule fires once, and nothing waits for the wrong day."""
    clock = Clock(tmp_path)
    place.environment |= clock.environment
    Schedule.objects.all().delete()
    services.ensure_schedule(name="hourly", kind="steps", every_seconds=3600, args={"name": "hourly", "count": 1})
    Schedule.objects.update(next_at=timezone.now() + dt.timedelta(hours=1))
    through = services.enqueue(kind="steps", args={"name": "through", "count": 400, "pause": 0.05})
    fired = Job.objects.filter(schedule__name="hourly")
    place.worker("--concurrency", "2", "--tick", "0")
    beats = two_beats(place)
    try:
        until(lambda: place.select("SELECT 1 FROM effect WHERE name = 'through' AND step > 20"), 60)
        clock.set(86_400)
        until(lambda: fired.filter(state="done").count() == 1, 60)
        asked = place.ask(
            "import datetime as dt\nfrom django.utils import timezone\nfrom jobs import services\n"
            "soon = timezone.now() + dt.timedelta(seconds=30)\n"
            "given = {'kind': 'steps', 'args': {'name': 'asked', 'count': 1}, 'not_before': soon}\n"
            "answer = services.enqueue(**given).pk"
        )
        assert Job.objects.get(pk=asked).due_at > timezone.now() + dt.timedelta(hours=23), "the clock is really wrong"
        time.sleep(6)  # two of the beats' passes
        assert fired.count() == 1
        clock.set(0)
        until(lambda: Job.objects.get(pk=asked).state == "done", 60)
        until(lambda: Job.objects.get(pk=through.pk).state == "done", 90)
    finally:
        for beat in beats:
            beat.kill()
            beat.wait()
    assert fired.count() == 1
    assert Schedule.objects.get(name="hourly").next_at <= timezone.now() + dt.timedelta(seconds=3600)
    steps = place.select("SELECT step FROM effect WHERE name = 'through' ORDER BY step")
    assert [step for (step,) in steps] == list(range(400)), "no step is lost, and the table refuses a second one"
