"""A production start refuses what is unsafe, before it listens, in one line that says what to do."""

import os
import subprocess
import sys

import pytest

from tests.deploy_check import PRODUCTION
from tests.faults.workers import ROOT

SAFE = {**PRODUCTION, "SECRET_KEY": "made up for this test, and long enough for Django's own check of keys"}


def start(**changes: str | None) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL", "DEBUG")}
    given = {key: value for key, value in {**SAFE, **changes}.items() if value is not None}
    code = "from django.conf import settings; settings.DEBUG; print('starts')"
    return subprocess.run(
        [sys.executable, "-c", code], env={**kept, **given}, cwd=ROOT, text=True, capture_output=True, check=False
    )


def test_a_safe_start_is_not_refused() -> None:
    assert start().stdout == "starts\n"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY is not set. Set it in the environment"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": "*"}, "Name the hosts"),
        ({"DATABASE_URL": None}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "sqlite:///attest.sqlite3"}, "Name a PostgreSQL database"),
        ({"REDIS_URL": None}, "REDIS_URL is not set"),
        ({"DEBUG": "1"}, "Unset DEBUG"),
    ],
)
def test_an_unsafe_start_is_refused_with_what_to_do(changes: dict[str, str | None], what: str) -> None:
    done = start(**changes)
    assert done.returncode == 1 and done.stdout == ""
    assert what in done.stderr.strip().splitlines()[-1]
