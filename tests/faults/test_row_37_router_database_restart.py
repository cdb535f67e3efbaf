"""Row 37: the database restarts while calls are under way: no decision lost, no bill missing, nothing overspent."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
@pytest.mark.servers
def test_nothing_is_lost_when_postgresql_restarts_under_load() -> None:
    """Three hundred calls at twenty at once with random faults; PostgreSQL is killed after a third of them."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.router_soak", "300", "20", "--restart"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert json.loads(done.stdout)["broken"] == []
