"""Row 28: several beats at once, and a clock that jumps a day. Each due moment has one effect."""

import datetime as dt
import itertools
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from jobs import schedules, services
from jobs.models import Job, Schedule
from tests.faults.workers import ROOT, Installation, until


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
def test_row_28_two_beat_processes_fire_a_schedule_no_faster_than_it_says(place: Installation, tmp_path: Path) -> None:
    Schedule.objects.all().delete()
    services.ensure_schedule(name="often", kind="steps", every_seconds=3, args={"name": "beat", "count": 1})
    place.worker("--concurrency", "1", "--tick", "0")
    beats = [
        subprocess.Popen(
            [sys.executable, "-m", "celery", "--app", "config", "beat", "--schedule", str(tmp_path / f"beat-{number}")],
            env=place.environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for number in range(2)
    ]  # fmt: skip
    try:
        until(lambda: Job.objects.filter(schedule__name="often").count() >= 4, 120)
    finally:
        for beat in beats:
            beat.kill()
            beat.wait()
    times = list(Job.objects.filter(schedule__name="often").order_by("created_at").values_list("created_at", flat=True))
    assert min((b - a).total_seconds() for a, b in itertools.pairwise(times)) >= 3
