"""Row 26: jobs of another release are taken when they fit and parked when they do not; none is dropped.

The last test has two checkouts: the release before, unpacked from the history, and this one, at one database.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.utils import timezone

from jobs.models import Job, State
from jobs.services import enqueue
from tests.faults.workers import ROOT, Installation, installation, kill_tree, until
from tests.gitstory import every_style
from tests.integration.config.test_previous_release import release_before, unpack
from tests.servers import Postgres, Redis


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


# Every schedule, a collection with all that follows it, and plain jobs; asked for by whichever code runs this.
ASKED = """
import datetime as dt
from django.utils import timezone
from analysis import services
from jobs import schedules
from jobs.models import Job, Schedule
from jobs.services import enqueue
services.request_collection(source={story!r})
enqueue(kind="steps", args=dict(name={name!r}, count=3))
[enqueue(kind=kind) for kind in ("site_start", "models_start")]
schedules.fire_due(timezone.now() + dt.timedelta(days=400))
Job.objects.filter(state__in=("queued", "sent", "waiting")).update(due_at=timezone.now(), priority=0)
answer = sorted(Job.objects.exclude(state__in=("done", "failed")).values_list("kind", flat=True))
"""
LEFT = "SELECT count(*) FROM jobs_job WHERE state NOT IN ('done', 'failed', 'dead', 'cancelled')"
NOT_DONE = "SELECT kind, state, error_code, error_message FROM jobs_job WHERE state <> 'done' ORDER BY id"
PARKED = (
    "SELECT kind FROM jobs_job WHERE state = 'waiting'"
    " AND error_code IN ('unknown_kind', 'unfit_arguments') ORDER BY id"
)


@contextmanager
def worker_of(code: Path, place: Installation) -> Iterator[None]:
    """A worker of the checkout ``code``."""
    with place.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker", "--tick", "0.3", "--concurrency", "1"], cwd=code,
            env=place.environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield
    finally:
        kill_tree(process.pid)
        process.wait(10)


def ask_of(code: Path, place: Installation, source: str) -> None:
    """Run Python in the checkout ``code``."""
    command = [sys.executable, "-m", "tests.jobapp.ask"]
    done = subprocess.run(
        command, input=source, text=True, capture_output=True, env=place.environment, cwd=code, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_two_checkouts_take_or_park_what_the_other_asked_for(
    own_postgres: Postgres, own_redis: Redis, tmp_path: Path
) -> None:
    revision = release_before()
    if not revision:
        pytest.skip("no history here to take the release before from")
    old, story = tmp_path / "old", every_style(tmp_path / "shelf").path
    unpack(revision, old)
    with installation(tmp_path / "var", database=own_postgres.url, redis=own_redis.url) as place:
        place.migrate()
        asked = ASKED.format(story=str(story), name="of-old")
        ask_of(old, place, asked)
        first = {kind for (kind,) in place.select("SELECT kind FROM jobs_job")}
        assert {"collect", "steps", "retention", "site_start", "models_start"} <= first
        with worker_of(ROOT, place):  # this release takes what the one before asked for
            until(lambda: place.select(LEFT) == [(0,)], 240)
        assert place.select(NOT_DONE) == []
        ask_of(ROOT, place, ASKED.format(story=str(story), name="of-new"))
        ask_of(
            ROOT,
            place,
            "from jobs.services import enqueue\nenqueue(kind='steps', args=dict(name='more', count=1, of_next=1))",
        )
        ask_of(ROOT, place, "from jobs.services import enqueue\nenqueue(kind='of-the-next-release', args=dict(x=1))")
        with worker_of(old, place):  # and the one before takes what fits, and parks the rest
            until(lambda: place.select(LEFT)[0][0] == len(place.select(PARKED)), 240)
        parked = [kind for (kind,) in place.select(PARKED)]
        assert "of-the-next-release" in parked and "steps" not in parked, parked
        place.ask("from jobs.models import Job\nfrom django.utils import timezone\n"
                  "Job.objects.filter(state='waiting').update(due_at=timezone.now())")  # fmt: skip
        with worker_of(ROOT, place):
            until(lambda: [kind for kind, *_ in place.select(NOT_DONE)] == ["of-the-next-release"], 240)
        assert place.select("SELECT name, count(*) FROM effect GROUP BY name ORDER BY name") == [
            ("more", 1), ("of-new", 3), ("of-old", 3),
        ]  # fmt: skip
