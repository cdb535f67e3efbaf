"""Real workers for fault tests: processes started, killed with -9, and looked after until nothing is left."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[2]
EFFECTS = "CREATE TABLE effect (name varchar(50) NOT NULL, step integer NOT NULL, UNIQUE (name, step))"
LEASE = "2"


def until(condition: Callable[[], Any], seconds: float = 60.0, pause: float = 0.1) -> Any:
    """Poll until the condition is true and return its value; fail loudly otherwise."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(pause)
    raise AssertionError(f"still not so after {seconds} s")


class Installation:
    """An installation with a database and a broker of its own, in which workers can be started and killed."""

    def __init__(self, var: Path, *, database: str, redis: str = "", **environment: str) -> None:
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("DJANGO_", "COV"))},
            "DJANGO_SETTINGS_MODULE": "tests.jobapp.settings",
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "ATTEST_VAR": str(var),
            "ATTEST_JOB_LEASE": LEASE,
            **environment,
        }
        self.workers: list[subprocess.Popen[bytes]] = []
        self.log = var / "workers.log"

    def worker(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start ``manage.py worker``; it ends with the test."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "worker", "--tick", "0.3", *arguments],
                env={**self.environment, **environment}, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.workers.append(process)
        return process

    def ask(self, source: str) -> Any:
        """Run Python inside the installation; returns what it left in ``answer``."""
        result = subprocess.run(
            [sys.executable, "-m", "tests.jobapp.ask"], input=source, text=True, capture_output=True,
            env=self.environment, cwd=ROOT, check=False,
        )  # fmt: skip
        if result.returncode:
            raise AssertionError(result.stderr[-2000:])
        return json.loads(result.stdout.splitlines()[-1])

    def migrate(self) -> None:
        """Make the tables, and the one in which handlers leave their marks."""
        self.ask(
            "from django.core.management import call_command\nfrom django.db import connection\n"
            f"call_command('migrate', verbosity=0)\nconnection.cursor().execute('''{EFFECTS}''')"
        )

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """Read the database directly, without the cost of starting Django; [] while it does not answer."""
        try:
            if self.environment["DATABASE_URL"].startswith("sqlite"):
                with closing(sqlite3.connect(self.environment["DATABASE_URL"].removeprefix("sqlite:///"))) as db:
                    return db.execute(query).fetchall()
            with psycopg.connect(self.environment["DATABASE_URL"], connect_timeout=2) as connection:
                return connection.execute(query).fetchall()
        except (sqlite3.OperationalError, psycopg.OperationalError):
            return []

    def close(self) -> None:
        for process in self.workers:
            kill_tree(process.pid)
            process.wait(10)


@contextmanager
def installation(var: Path, **options: str) -> Iterator[Installation]:
    place = Installation(var, **options)
    try:
        yield place
    finally:
        place.close()


def descendants(pid: int) -> list[int]:
    """Process ids below ``pid``, nearest first."""
    children: list[int] = []
    with contextlib.suppress(OSError):  # it has ended meanwhile
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += [int(child) for child in (task / "children").read_text().split()]
    return children + [grandchild for child in children for grandchild in descendants(child)]


def kill_tree(pid: int) -> None:
    """kill -9 for a worker and everything below it, at once."""
    for victim in (*reversed(descendants(pid)), pid):
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            continue
