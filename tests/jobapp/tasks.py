"""Handlers that leave marks in the table ``effect(name, step)``, where a doubled mark is an error."""

import contextlib
import os
import signal
import time
from pathlib import Path

import redis
from celery import shared_task
from celery.signals import task_postrun, task_prerun
from django.db import connection, transaction

from jobs.handlers import handler


def mark(name: str, step: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO effect (name, step) VALUES (%s, %s)", [name, step])


def marks(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM effect WHERE name = %s", [name])
        return int(cursor.fetchone()[0])


@handler("steps", max_deliveries=1000, first_wait=0.1, longest_wait=0.5, max_attempts=1000)
def steps(ctx, *, name, count, pause=0.01, **_ignored):
    """Batches that commit with their checkpoint: a killed run resumes where it was."""
    for step in range(marks(name), count):
        with transaction.atomic():
            ctx.renew()
            mark(name, step)
            time.sleep(pause)
        ctx.progress(step + 1, count, "stepping")
    return {"marks": marks(name)}


@handler("poison")
def poison(ctx, **_ignored):
    os.kill(os.getpid(), signal.SIGKILL)


@handler("hog", max_attempts=3, first_wait=0.1)
def hog(ctx, **_ignored):
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))
    return len(bytearray(1 << 32))


@handler("slow")
def slow(ctx, *, name, seconds, **_ignored):
    time.sleep(seconds)
    mark(name, 0)


@handler("held")
def held(ctx, *, name, **_ignored):
    """Goes on when the test says so, through Redis."""
    told = redis.Redis.from_url(os.environ["JOBAPP_DELIVERIES"])
    while not told.exists("release"):
        time.sleep(0.05)
    mark(name, 0)


@task_prerun.connect
@task_postrun.connect
def note_delivery(signal=None, task_id="", task=None, **_ignored):
    """Write down which message is begun and ended, where a test wants to know; once for each delivery."""
    url = os.environ.get("JOBAPP_DELIVERIES")
    if url and task.name == "jobs.run":
        stage = "begun" if signal is task_prerun else "ended"
        redis.Redis.from_url(url).rpush(f"jobapp:{stage}", task_id)


@handler("stuck", hard_limit=1.0, soft_limit=0.5, max_attempts=2, first_wait=0.1)
def stuck(ctx, **_ignored):
    """Ignores its soft limit."""
    for _ in range(2):
        with contextlib.suppress(Exception):
            time.sleep(30)


@handler("clash", first_wait=0.1, longest_wait=0.3)
def clash(ctx, *, first, second, meet, **_ignored):
    """Takes two rows in the order asked for; two of them wait in ``meet`` until each has its first, and deadlock."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE effect SET step = step + 1 WHERE name = %s", [first])
        (Path(meet) / first).touch()
        while not (Path(meet) / second).exists():
            time.sleep(0.01)
        cursor.execute("UPDATE effect SET step = step + 1 WHERE name = %s", [second])


@handler("page", first_wait=0.1, longest_wait=0.3)
def page(ctx, *, name, count, meet, **_ignored):
    """Writes its marks in one transaction; in the middle it says so in ``meet`` and waits to be told to go on."""
    with transaction.atomic():
        for step in range(count):
            if step == count // 2:
                (Path(meet) / "half").touch()
                while not (Path(meet) / "go").exists():
                    time.sleep(0.01)
            mark(name, step)


@handler("fill", first_wait=0.1)
def fill(ctx, *, path, size, **_ignored):
    """Writes a file beside its place and removes it when the disk is full."""
    aside = Path(path).with_suffix(".part")
    try:
        aside.write_bytes(b"x" * size)
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)
    return {"size": size}


@handler("hoard", first_wait=0.1)
def hoard(ctx, *, name, count, **_ignored):
    """Fills the database in one transaction: a megabyte beside each mark."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS hoard (line bytea)")
        for step in range(count):
            mark(name, step)
            cursor.execute("INSERT INTO hoard VALUES (%s)", [os.urandom(1 << 20)])


@handler("nothing")
def nothing(ctx, **_ignored):
    """What the overhead of a job is measured with."""


@shared_task(name="jobapp.plain", ignore_result=True)
def plain(*, counter, **_ignored):
    """The same without a row: plain Celery, which counts in Redis so that its end can be seen."""
    redis.Redis.from_url(os.environ["REDIS_URL"]).incr(counter)
