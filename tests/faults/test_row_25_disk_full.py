"""Row 25: the disk is full. The job is blocked with its reason, leaves nothing half written, and goes on by itself."""

import os
import shutil
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from analysis import services as analysis
from analysis.models import Change
from jobs import runner, sending
from jobs.models import Job, State
from jobs.services import enqueue
from mlops.registry import artefacts
from tests.faults.disks import small_disk
from tests.faults.workers import installation, until
from tests.gitstory import Story
from tests.servers import Postgres, Redis


@pytest.fixture(autouse=True)
def nothing_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "hint", lambda job: True)


def run_again(job: Job) -> Job:
    Job.objects.filter(pk=job.pk).update(state=State.QUEUED, due_at=timezone.now())
    return run(job)


def run(job: Job) -> Job:
    runner.run_next(job.queue)
    job.refresh_from_db()
    return job


@pytest.mark.django_db
def test_row_25_job_is_blocked_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    from tests.jobapp import tasks  # noqa: F401  registers the kind

    with small_disk(tmp_path / "disk", "1m") as disk:
        (disk.path / "ballast").write_bytes(b"x" * 700_000)
        job = run(enqueue(kind="fill", args={"path": str(disk.path / "artefact"), "size": 600_000}))
        assert (job.state, job.error_code, job.attempts) == (State.WAITING, "blocked_disk", 0)
        assert "Free space" in job.error_hint and [path.name for path in disk.path.iterdir()] == ["ballast"]
        (disk.path / "ballast").unlink()
        run_again(job)
        assert (job.state, job.result) == (State.DONE, {"size": 600_000})


@pytest.mark.django_db
def test_row_25_mirror_on_a_full_disk_blocks_the_collection_and_the_site_serves(
    tmp_path: Path, settings: Any, client: Client
) -> None:
    story = Story(tmp_path / "large")
    story.commit({"noise.bin": os.urandom(6 << 20)}, "Bring noise")
    story.finish()
    with small_disk(tmp_path / "var", "4m") as disk:
        settings.VAR_DIR = disk.path
        job = run(analysis.request_collection(source=str(story.path)))
        assert (job.state, job.error_code, job.attempts) == (State.WAITING, "blocked_disk", 0), job.error_message
        assert not list(disk.path.rglob("*.part-*")) and not Change.objects.exists()
        assert client.get("/").status_code == 200
        disk.resize("64m")
        assert run_again(job).state == State.DONE
        assert Change.objects.get().title == "Bring noise"


@pytest.mark.django_db
def test_row_25_artefact_and_backup_leave_nothing_half_written(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTEST_BACKUP_PASSPHRASE", "a made-up passphrase")
    with small_disk(tmp_path / "var", "1m") as disk:
        settings.VAR_DIR = disk.path
        with pytest.raises(OSError, match="No space left"):
            artefacts.keep(os.urandom(2 << 20))
        assert [path for path in disk.path.rglob("*") if path.is_file()] == []
        (disk.path / "media").mkdir()
        (disk.path / "media" / "picture").write_bytes(os.urandom(700_000))
        with pytest.raises((CommandError, OSError)):
            call_command("backup", str(disk.path / "attest.backup"))
        assert [path.name for path in disk.path.rglob("*") if path.is_file()] == ["picture"]


def tablespace_on(folder: Path, postgres: Postgres) -> str:
    """A database whose tables lie in ``folder``; returns its URL."""
    place = folder / "space"
    place.mkdir()
    if postgres.user:
        shutil.chown(place, postgres.user)
        folder.chmod(0o755)
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
        connection.execute("CREATE DATABASE small TABLESPACE small")
    return postgres.url.rsplit("/", 1)[0] + "/small"


@pytest.mark.long
def test_row_25_postgresql_without_room_blocks_the_job_and_answers_on(
    own_postgres: Postgres, own_redis: Redis, tmp_path: Path
) -> None:
    with small_disk(own_postgres.folder / "disk", "64m") as disk:
        url = tablespace_on(disk.path, own_postgres)
        with installation(tmp_path, database=url, redis=own_redis.url) as place:
            place.migrate()
            place.ask("from jobs.services import enqueue\nenqueue(kind='hoard', args={'name': 'much', 'count': 100})")
            place.worker("--concurrency", "1")
            until(lambda: place.select("SELECT error_code FROM jobs_job") == [("blocked_disk",)], 120)
            assert place.select("SELECT count(*) FROM effect") == [(0,)], "the transaction rolled back whole"
            place.ask("from django.test import Client\nassert Client().get('/').status_code == 200")
            disk.resize("256m")
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("UPDATE jobs_job SET due_at = now()")
            until(lambda: place.select("SELECT state FROM jobs_job") == [("done",)], 120)
            assert place.select("SELECT count(*) FROM effect") == [(100,)]
        own_postgres.stop()
