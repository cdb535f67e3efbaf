"""Measure what a job costs from asking to finished with empty work, beside plain Celery on the same servers.

python -m benchmarks.jobs [jobs]

CPU is that of the asking process and of the worker with its pool (user and system, read from the kernel), PostgreSQL
apart. Both legs run on the same PostgreSQL and Redis, started here, one after the other, with two worker processes.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path

import redis

from benchmarks.measures import measure
from tests.faults.workers import Installation, descendants, installation, until
from tests.servers import Postgres, Redis, started

ASK_JOBS = """
import time
from django.db import transaction
from jobs.services import enqueue
started, cpu = time.perf_counter(), time.process_time()
for number in range({count}):
    enqueue(kind="nothing", args={{"n": number}})
answer = [time.perf_counter() - started, time.process_time() - cpu]
"""
ASK_PLAIN = """
import time
from config.celery import app
app.send_task("jobapp.plain", kwargs={{"counter": "warm"}})
started, cpu = time.perf_counter(), time.process_time()
for number in range({count}):
    app.send_task("jobapp.plain", kwargs={{"counter": "done"}})
answer = [time.perf_counter() - started, time.process_time() - cpu]
"""
DONE = "SELECT count(*) FROM jobs_job WHERE state = 'done'"
TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(pids: list[int]) -> float:
    """Return the CPU seconds used so far by processes and their ended children."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):  # it has ended, and counts with its parent
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(value) for value in fields[11:15])
    return total / TICK


def both_legs(place: Installation, worker: int, postgres: int, count: int) -> dict[str, dict[str, float]]:
    """Return wall and CPU figures of the two legs."""
    client = redis.Redis.from_url(place.environment["REDIS_URL"])
    legs = {
        "jobs": (ASK_JOBS, lambda: place.select(DONE) >= [(count,)]),
        "plain Celery": (ASK_PLAIN, lambda: int(client.get("done") or 0) >= count),
    }
    results = {}
    for name, (source, finished) in legs.items():
        ours, database = [worker, *descendants(worker)], [postgres, *descendants(postgres)]
        before, database_before = cpu_of(ours), cpu_of(database)
        asking_wall, asking_cpu = place.ask(source.format(count=count))
        asked_at = time.perf_counter()
        until(finished, 300, pause=0.2)
        wall = asking_wall + time.perf_counter() - asked_at
        cpu = asking_cpu + cpu_of(ours) - before
        results[name] = {
            "jobs_per_second": count / wall,
            "cpu_ms": 1000 * cpu / count,
            "asking_cpu_ms": 1000 * asking_cpu / count,
            "database_cpu_ms": 1000 * max(cpu_of([postgres, *descendants(postgres)]) - database_before, 0) / count,
        }
    return results


def run(count: int) -> dict[str, dict[str, float]]:
    """Start the servers and a worker, warm it up, and measure."""
    with contextlib.ExitStack() as servers:
        postgres, broker = started(servers, Postgres()), started(servers, Redis())
        var = servers.enter_context(tempfile.TemporaryDirectory())
        place = servers.enter_context(
            installation(Path(var), database=postgres.url, redis=broker.url, ATTEST_JOB_LEASE="30")
        )
        place.migrate()
        worker = place.worker("--concurrency", "2", "--tick", "1")
        place.ask(ASK_JOBS.format(count=4))
        until(lambda: place.select(DONE) == [(4,)])
        place.ask("from jobs.models import Job\nJob.objects.all().delete()")
        assert postgres.process is not None
        return both_legs(place, worker.pid, postgres.process.pid, count)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(f"| {count} empty jobs, 2 processes | jobs a second | CPU a job, ms | of it asking, ms | PostgreSQL, ms |")
    print("|--|--|--|--|--|")
    for name, row in run(count).items():
        figures = (row["jobs_per_second"], row["cpu_ms"], row["asking_cpu_ms"], row["database_cpu_ms"])
        for what, value, unit, goal, lower in (
            ("CPU a job", row["cpu_ms"], "ms", 15, True), ("jobs a second", row["jobs_per_second"], "", 50, False),
        ):  # fmt: skip
            aim = goal if name == "jobs" else None
            measure("jobs", f"{name}: {what}", value, unit, goal=aim, lower_is_better=lower)
        print(f"| {name} | " + " | ".join(f"{figure:.3g}" for figure in figures) + " |")
    print("Goals: at least 50 a second, at most 15 ms of CPU a job.")


if __name__ == "__main__":
    main()
