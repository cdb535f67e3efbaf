"""Collections in processes of their own, on a database of their own, for tests that kill them."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def environment(var: Path) -> dict[str, str]:
    """SQLite of its own; the leg's servers are left alone."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "config.settings.embedded",
        "ATTEST_VAR": str(var),
        "PYTHONPATH": str(ROOT),
        "SECRET_KEY": "made-up key of a test, long enough for nobody to mind at all",
    }


def prepare(var: Path) -> None:
    """Make the tables."""
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
    subprocess.run(command, check=True, env=environment(var), timeout=120)


def start(story: Path, var: Path, **more: str) -> subprocess.Popen[str]:
    """Begin a collection; ``more`` is added to its environment."""
    command = [sys.executable, "-m", "tests.faults.kill_collect", str(story)]
    return subprocess.Popen(
        command, env={**environment(var), **more}, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def finish(story: Path, var: Path) -> tuple[str, float]:
    """Collect to the end; (table hash, seconds)."""
    began = time.monotonic()
    process = start(story, var)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.split()[-1], time.monotonic() - began
