"""Row 31: what is too large is stopped by a limit with a clear line; others go on."""

import resource
import subprocess
import zlib
from pathlib import Path

import pytest

from analysis.sources import git_mirror
from analysis.sources.git import GitSource
from analysis.sources.git_process import Git, Limits
from analysis.sources.records import ChangeRecord, Checkpoint, SourceError
from tests.gitstory import Story, git


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
