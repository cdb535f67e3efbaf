"""Expand and contract: the code of the release before must go on serving and collecting on the new schema.

While a deploy runs, old processes meet the migrated database. The release before is the newest tag v* that is not this
commit; while there is none, it is the last commit whose migrations differ from today's.
"""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.faults.workers import Installation, installation
from tests.gitstory import every_style
from tests.servers import Postgres, Redis

ROOT = Path(__file__).resolve().parents[3]
_PAGES = """
import os, django
django.setup()
from django.test import Client
from django.core.management import call_command
from django.contrib.auth import get_user_model
from django.urls import reverse
call_command("collect", os.environ["STORY"], verbosity=0)
client = Client(raise_request_exception=True)
for url in ("/", "/evidence/", "/repositories/", "/receipts/", "/work/", "/writing/", "/models/", "/router/",
            "/reports/", "/resume/", "/status/", "/search/?q=add", "/api/v1/changes/", "/api/v1/claims/"):
    assert client.get(url).status_code in (200, 404), url
user = get_user_model().objects.create_superuser("made-up", "a@example.org", "made up, but long enough")
client.force_login(user)
for url in ("admin:index", "admin:jobs_job_changelist", "admin:analysis_change_changelist"):
    assert client.get(reverse(url)).status_code in (200, 302), url
from jobs.services import enqueue
from jobs import runner
from jobs.models import Job
while any(runner.run_next(queue) for queue in ("default", "collect")):
    pass
bad = list(Job.objects.filter(state__in=("failed", "dead")).values_list("kind", "error_code", "error_message"))
assert not bad, bad
print("served")
"""


def git(*arguments: str) -> str:
    result = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else ""


def release_before() -> str:
    """The revision to go back to, or "" where there is no history."""
    for tag in git("tag", "--list", "v*", "--sort=-v:refname").splitlines():
        if git("rev-parse", f"{tag}^{{commit}}") != git("rev-parse", "HEAD"):
            return tag
    newest = git("log", "-1", "--format=%H", "--", "*/migrations/*.py")
    return git("rev-parse", f"{newest}^") if newest else ""


def unpack(revision: str, folder: Path) -> None:
    archive = folder.with_suffix(".tar")
    subprocess.run(["git", "-C", str(ROOT), "archive", "-o", str(archive), revision], check=True)
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


def run_old(place: Installation, code: Path, story: Path) -> subprocess.CompletedProcess[str]:
    environment = {**place.environment, "DJANGO_SETTINGS_MODULE": "config.settings.test", "STORY": str(story)}
    environment.pop("PYTHONPATH", None)
    return subprocess.run(
        [sys.executable, "-c", _PAGES], cwd=code, env=environment, text=True, capture_output=True, check=False,
        timeout=280,
    )  # fmt: skip


@pytest.mark.long
def test_previous_release_serves_on_the_new_schema(own_postgres: Postgres, own_redis: Redis, tmp_path: Path) -> None:
    revision = release_before()
    if not revision:
        pytest.skip("no history here to take the release before from")
    unpack(revision, tmp_path / "old")
    every_style(tmp_path / "shelf")
    with installation(tmp_path, database=own_postgres.url, redis=own_redis.url) as place:
        place.migrate()
        done = run_old(place, tmp_path / "old", tmp_path / "shelf")
        assert done.returncode == 0 and done.stdout.endswith("served\n"), done.stderr[-3000:]
        assert place.select("SELECT count(*) FROM analysis_change")[0][0] > 5


def test_the_release_before_is_an_ancestor() -> None:
    revision = release_before()
    if not revision:
        pytest.skip("no history here to take the release before from")
    assert git("merge-base", revision, "HEAD") == git("rev-parse", f"{revision}^{{commit}}")
