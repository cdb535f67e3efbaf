"""A production start refuses what is unsafe, before it listens, in one line that says what to do."""

import os
import subprocess
import sys

import pytest

from tests.deploy_check import PRODUCTION
from tests.faults.workers import ROOT

SAFE = {**PRODUCTION, "SECRET_KEY": "made up for this test, and long enough for Django's own check of keys"}


# How each process of the Procfile starts, and the exit code that its host is to see.
STARTS = {
    "manage.py": (["manage.py", "release"], 1),
    "gunicorn": (["-m", "gunicorn", "config.wsgi", "--bind", "127.0.0.1:0", "--workers", "1"], 3),
    "celery": (["-m", "celery", "--app", "config", "inspect", "ping"], 1),
}


def start(command: list[str], changes: dict[str, str | None]) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL", "DEBUG")}
    given = {key: value for key, value in {**SAFE, **changes}.items() if value is not None}
    return subprocess.run(
        [sys.executable, *command], env={**kept, **given}, cwd=ROOT, text=True, capture_output=True, check=False,
        timeout=120,
    )  # fmt: skip


def test_a_safe_start_is_not_refused() -> None:
    assert start(["-c", "import config.wsgi; print('starts')"], {}).stdout == "starts\n"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY is not set. Set it in the environment"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter"),
        ({"SECRET_KEY": "# python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"}, "the recipe of a key"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": "*"}, "Name the hosts"),
        ({"ALLOWED_HOSTS": "portfolio.example.org, *"}, "Name the hosts"),
        ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS is not set"),
        ({"DATABASE_URL": None}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "sqlite:///attest.sqlite3"}, "Name a PostgreSQL database"),
        ({"DATABASE_URL": "portfolio"}, "DATABASE_URL names no PostgreSQL database"),
        ({"REDIS_URL": None}, "REDIS_URL is not set"),
        ({"DEBUG": "1"}, "Unset DEBUG"),
    ],
)
def test_an_unsafe_start_is_refused_in_one_line_with_what_to_do(changes: dict[str, str | None], what: str) -> None:
    done = start(["-c", "import config.wsgi; print('starts')"], changes)
    assert (done.returncode, done.stdout) == (3, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("Attest does not start: ") and what in line


@pytest.mark.parametrize("process", STARTS)
def test_every_process_of_the_procfile_says_it_without_a_traceback(process: str) -> None:
    command, code = STARTS[process]
    done = start(command, {"ALLOWED_HOSTS": "*"})
    assert done.returncode == code
    assert "Attest does not start: ALLOWED_HOSTS accepts any host name. Name the hosts" in done.stderr
    assert "Traceback" not in done.stderr
