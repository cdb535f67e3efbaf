"""Row 25: the disk is full. The job is blocked with its reason, leaves nothing half written, and goes on by itself."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from jobs import runner, sending
from jobs.models import Job, State
from jobs.services import enqueue


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount the small tmpfs that this test fills")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.django_db
def test_job_is_blocked_and_goes_on_when_there_is_room(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.jobapp import tasks  # noqa: F401  registers the kind

    monkeypatch.setattr(sending, "hint", lambda job: True)
    (small_disk / "ballast").write_bytes(b"x" * 700_000)
    job = enqueue(kind="fill", args={"path": str(small_disk / "artefact"), "size": 600_000})
    runner.run_next("default")
    job.refresh_from_db()
    assert (job.state, job.error_code, job.attempts) == (State.WAITING, "blocked_disk", 0)
    assert "Free space" in job.error_hint and [path.name for path in small_disk.iterdir()] == ["ballast"]
    (small_disk / "ballast").unlink()
    Job.objects.update(state=State.QUEUED, due_at=timezone.now())
    runner.run_next("default")
    job.refresh_from_db()
    assert (job.state, job.result) == (State.DONE, {"size": 600_000})
