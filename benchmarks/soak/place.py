"""The product as it runs in production, on loopback: PostgreSQL, Redis, gunicorn and three workers, all killable.

One web process and one worker are spared by every kill, so that their memory is that of one life: a leak would show.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.faults.workers import EFFECTS, ROOT, descendants, kill_tree, until
from tests.servers import Postgres, Redis, free_port, wait_for

SECRET = "made-up-webhook-secret"  # noqa: S105  signs the soak's own deliveries
WEB_PROCESSES = 2
WORKERS = 3
SPARED = 0  # the number of the worker that nothing kills


class Place:
    """Starts everything, restarts parts of it, and ends all of it."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.postgres = Postgres().start()
        self.redis = Redis().start()
        self.port = free_port()
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("DJANGO_", "COV"))},
            "DJANGO_SETTINGS_MODULE": "tests.jobapp.settings",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "ATTEST_VAR": str(var),
            "ATTEST_JOB_LEASE": "10",
            "GITHUB_WEBHOOK_SECRETS": SECRET,
            "ATTEST_API_RATE_ANONYMOUS": "100000",
            "ATTEST_PROBE": f"http://127.0.0.1:{self.port}",
        }
        self.log = (var / "processes.log").open("ab")
        self.web: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self.spared_web = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Make the tables, start the web server and the spared worker, which does the first work of each kind."""
        os.environ.update(self.environment)
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(EFFECTS)
        self.web = self._process(
            "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}", "--workers", f"{WEB_PROCESSES}",
            "--threads", "8", "--timeout", "60", "--log-level", "error",
        )  # fmt: skip
        wait_for(self.port, self.web, 60)
        self.spared_web = until(lambda: self.web and descendants(self.web.pid))[0]
        self.workers = [self.worker()]

    def complete(self) -> None:
        """Start the other workers."""
        self.workers += [self.worker() for _ in range(WORKERS - 1)]

    def worker(self) -> subprocess.Popen[bytes]:
        return self._process("manage.py", "worker", "--concurrency", "1", "--tick", "1")

    def _process(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log,
            start_new_session=True,
        )  # fmt: skip

    def replace_worker(self, number: int) -> None:
        """kill -9 for a worker and all below it; another takes its place."""
        kill_tree(self.workers[number].pid)
        self.workers[number].wait(10)
        self.workers[number] = self.worker()

    def memory(self) -> tuple[int, int]:
        """Resident bytes of the spared web process, and of the spared worker with all below it; 0 when it ended."""
        worker = self.workers[SPARED].pid
        return resident(self.spared_web), sum(map(resident, [worker, *descendants(worker)]))

    def close(self) -> None:
        for process in [*self.workers, *([self.web] if self.web else [])]:
            kill_tree(process.pid)
            process.wait(10)
        self.log.close()
        self.redis.remove()
        self.postgres.remove()


def resident(pid: int) -> int:
    """Resident bytes of one process; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
