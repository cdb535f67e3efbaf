"""Row 18: a worker is killed with -9 in mid-task. The task runs again, and every step has one effect."""

import random
import time
from pathlib import Path

import pytest

from jobs.models import Job, State
from jobs.services import enqueue
from tests.faults.workers import Installation, descendants, installation, kill_tree, until
from tests.jobapp.tasks import marks


def kill_at_random(place: Installation, jobs: int, steps: int, kills: int) -> int:
    """Kill whole workers and single pool processes until ``kills`` are done or all work is; returns the kills."""
    choice = random.Random(18)
    for number in range(jobs):
        enqueue(kind="steps", args={"name": f"job{number}", "count": steps})
    done, worker = 0, place.worker()
    while Job.objects.exclude(state=State.DONE).exists():
        until(lambda: Job.objects.filter(state=State.RUNNING).exists() or not _open(), 90)
        time.sleep(choice.uniform(0.0, 0.4))
        if done < kills and _open():
            below = descendants(worker.pid)
            if choice.random() < 0.3 or not below:
                kill_tree(worker.pid)
                worker = place.worker()
            else:
                kill_tree(choice.choice(below))
            done += 1
    for number in range(jobs):
        assert marks(f"job{number}") == steps
    return done


def _open() -> bool:
    return Job.objects.exclude(state=State.DONE).exists()


def test_killed_workers_lose_no_step_and_double_none(place: Installation) -> None:
    assert kill_at_random(place, jobs=3, steps=40, kills=4) >= 1


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_a_hundred_random_kills(place: Installation) -> None:
    assert kill_at_random(place, jobs=60, steps=200, kills=100) == 100


def test_embedded_worker_resumes_at_once_after_a_kill(tmp_path: Path) -> None:
    with installation(tmp_path, database=f"sqlite:///{tmp_path}/jobs.sqlite3", ATTEST_JOB_LEASE="60") as place:
        place.migrate()
        asked = "from jobs.services import enqueue\n" + "\n".join(
            f"enqueue(kind='steps', args={{'name': 'e{n}', 'count': 60, 'pause': 0.02}})" for n in range(2)
        )
        place.ask(asked)
        states = "SELECT state FROM jobs_job ORDER BY id"
        worker = place.worker()
        until(lambda: place.select("SELECT 1 FROM effect WHERE step > 1"), 30)
        kill_tree(worker.pid)
        place.worker()
        until(lambda: place.select(states) == [("done",), ("done",)])
        assert place.select("SELECT name, count(*) FROM effect GROUP BY name ORDER BY name") == [("e0", 60), ("e1", 60)]
