"""Row 31: what is too large is stopped by a limit with a clear line; others go on."""

import resource
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest

from analysis import services as analysis
from analysis.sources import git_mirror
from analysis.sources.git import GitSource
from analysis.sources.git_process import Git, Limits
from analysis.sources.records import ChangeRecord, Checkpoint, SourceError
from jobs import runner, sending
from tests.faults.disks import small_disk
from tests.gitstory import Story, git

REFS = 5_000_000
BLOB = 10 << 30


def test_row_31_blob_bomb_is_not_inflated_into_our_memory(tmp_path: Path) -> None:
    """60 MB of zeros in 60 KB of pack: git counts it as binary; nothing of it comes to us."""
    story = Story(tmp_path / "bomb")
    story.commit({"bomb.bin": b"\0" * (60 << 20)}, "Blow up")
    story.finish()
    packed = sum(file.stat().st_size for file in story.path.rglob("*") if file.is_file())
    assert packed < len(zlib.compress(b"\0" * (60 << 20))) + (1 << 20)
    source = GitSource(str(story.path), tmp_path / "mirrors", limits=Limits(seconds=60, memory=1 << 30))
    source.open()
    [found] = [item for item in source.iter_changes(Checkpoint()) if isinstance(item, ChangeRecord)]
    assert found.landed is not None and found.landed.binary_files == 1 and found.landed.additions == 0


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits a running process from outside")
def test_row_31_every_git_process_is_limited(tmp_path: Path) -> None:
    limited = Git(home=tmp_path, limits=Limits(memory=1 << 30, file_size=5 << 20))
    with limited.started(["cat-file", "--batch"], stdin=subprocess.PIPE) as process:
        assert resource.prlimit(process.pid, resource.RLIMIT_AS) == (1 << 30, 1 << 30)
        assert resource.prlimit(process.pid, resource.RLIMIT_FSIZE) == (5 << 20, 5 << 20)
        assert resource.prlimit(process.pid, resource.RLIMIT_CORE) == (0, 0)


def test_row_31_too_many_refs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_mirror, "REFS_LIMIT", 50)
    story = Story(tmp_path / "refs")
    story.commit({"a": "1"}, "Begin")
    story.finish()
    tip = git(story.path, "rev-parse", "main")
    lines = "".join(f"create refs/pull/{number}/head {tip}\n" for number in range(1, 60))
    git(story.path, "update-ref", "--stdin", data=lines.encode())
    with pytest.raises(SourceError, match="more than 50 refs") as caught:
        GitSource(str(story.path), tmp_path / "mirrors").open()
    assert caught.value.code == "too_large"


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_row_31_five_million_refs_fill_their_own_disk_and_the_next_repository_runs(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "hint", lambda job: True)
    story, fine = Story(tmp_path / "refs"), Story(tmp_path / "fine")
    for one in (story, fine):
        one.commit({"a": "1"}, "Begin")
        one.finish()
    tip = git(story.path, "rev-parse", "main")
    with (story.path / "packed-refs").open("w") as packed:
        packed.write("# pack-refs with: peeled fully-peeled sorted\n")
        packed.writelines(f"{tip} refs/pull/{number:07}/head\n" for number in range(REFS))
    with small_disk(tmp_path / "var", "32m") as disk:
        settings.VAR_DIR = disk.path
        stopped = analysis.request_collection(source=str(story.path))
        runner.run_next("collect")
        stopped.refresh_from_db()
        assert stopped.error_code in ("blocked_disk", "too_large"), stopped.error_message
        assert stopped.state in ("waiting", "failed") and stopped.error_message
        assert not list(disk.path.rglob("*.part-*"))
        assert _collected(fine) == "done"


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_row_31_blob_of_ten_gigabytes_is_counted_without_being_read(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten gigabytes of zeros in ten megabytes of pack, within the memory that git is allowed."""
    monkeypatch.setattr(sending, "hint", lambda job: True)
    settings.VAR_DIR = tmp_path / "var"
    story, fine = Story(tmp_path / "huge"), Story(tmp_path / "fine")
    for one in (story, fine):
        one.commit({"a.py": "x = 1\n"}, "Begin")
        one.finish()
    sparse = tmp_path / "zeros"
    with sparse.open("wb") as file:
        file.truncate(BLOB)
    blob = git(
        story.path, "-c", "core.compression=1", "-c", "core.bigFileThreshold=1m", "hash-object", "-w", str(sparse)
    )
    tree = git(story.path, "mktree", data=f"100644 blob {blob}\thuge.bin\n".encode())
    commit = git(
        story.path, "-c", "user.name=Ada Example", "-c", "user.email=ada@example.org", "commit-tree", tree,
        "-p", "main", "-m", "Bring ten gigabytes",
    )  # fmt: skip
    git(story.path, "update-ref", "refs/heads/main", commit)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert _collected(story) in ("done", "partial", "failed")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000, "kilobytes of our own"
    assert _collected(fine) == "done"


def _collected(story: Story) -> str:
    job = analysis.request_collection(source=str(story.path))
    while runner.run_next("collect") is not None:
        pass
    job.refresh_from_db()
    assert job.state == "done" or job.error_message
    return str(job.state)
