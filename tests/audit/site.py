"""A site as `make run` starts it, in a folder of its own, filled and then held still for an audit."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.servers import free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
FILL_SECONDS = 900


@contextmanager
def running_site(source: str = "") -> Iterator[str]:
    """Start the embedded site over ``source`` (default: this clone), wait until no job is open, yield its base URL."""
    var = Path(tempfile.mkdtemp(prefix="attest-audit-"))
    port = free_port()
    command = [sys.executable, "manage.py", "run", "--port", str(port), *(["--source", source] if source else [])]
    environment = {
        **os.environ, "ATTEST_VAR": str(var), "DJANGO_SETTINGS_MODULE": "config.settings.embedded", "DATABASE_URL": "",
        "DJANGO_SUPERUSER_USERNAME": "auditor", "DJANGO_SUPERUSER_EMAIL": "auditor@example.org",
        "DJANGO_SUPERUSER_PASSWORD": "only-for-this-audit", "ATTEST_API_RATE_ANONYMOUS": "100000",
    }  # fmt: skip
    with (var / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(port, seconds=120)
        wait_until_filled(var / "attest.sqlite3")
        # A made-up owner, in a process of its own, since its models' settings name this folder.
        subprocess.run([sys.executable, "-m", "tests.audit.cast"], cwd=ROOT, env=environment, check=True)
        yield f"http://127.0.0.1:{port}"
    except BaseException:
        print((var / "log").read_text(errors="replace")[-2000:], file=sys.stderr)
        raise
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        shutil.rmtree(var, ignore_errors=True)


def wait_until_filled(database: Path) -> None:
    """Return once the queue has been empty for two seconds, so that every stage had its turn."""
    deadline = time.monotonic() + FILL_SECONDS
    empty_since: float | None = None
    while time.monotonic() < deadline:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
            ended = ("done", "failed", "dead", "cancelled")
            marks = ",".join("?" * len(ended))
            query = f"SELECT count(*) FROM jobs_job WHERE state NOT IN ({marks}) AND due_at <= ?"  # noqa: S608  marks only
            soon = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 5))
            [(open_jobs,)] = connection.execute(query, (*ended, soon))
        now = time.monotonic()
        empty_since = (empty_since or now) if open_jobs == 0 else None
        if empty_since and now - empty_since > 2:
            return
        time.sleep(0.5)
    raise TimeoutError(f"the site still works on its jobs after {FILL_SECONDS} s")
