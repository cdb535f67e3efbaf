"""Bad input of the git source: one clear line, and nothing lost."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analysis.sources.git import GitSource
from analysis.sources.git_failures import GitFailed, failure
from analysis.sources.git_process import Git, Limits
from analysis.sources.records import ChangeRecord, Checkpoint, SourceError, Unreadable
from tests.gitstory import Story, every_style, git, numbered


def opened(path: Path | str, tmp_path: Path) -> GitSource:
    source = GitSource(str(path), tmp_path / "mirrors")
    source.open()
    return source


def items(path: Path | str, tmp_path: Path) -> list[object]:
    return list(opened(path, tmp_path).iter_changes(Checkpoint()))


def changes(path: Path | str, tmp_path: Path) -> list[ChangeRecord]:
    return [item for item in items(path, tmp_path) if isinstance(item, ChangeRecord)]


def test_missing_path(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist") as caught:
        opened(tmp_path / "nowhere", tmp_path)
    assert caught.value.code == "not_found"


def test_file_and_plain_folder_are_no_repositories(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    for name in ("file", "folder"):
        with pytest.raises(SourceError, match="not a git repository") as caught:
            opened(tmp_path / name, tmp_path)
        assert caught.value.code == "not_a_repository"


def test_empty_repository(tmp_path: Path) -> None:
    Story(tmp_path / "repo")
    with pytest.raises(SourceError, match="empty repository") as caught:
        opened(tmp_path / "repo", tmp_path)
    assert caught.value.code == "empty_repository"


def test_head_that_names_no_branch(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    story.commit({"a": "1"}, "One", branch="left")
    story.commit({"a": "2"}, "Two", branch="right", parents=[])
    story.finish()
    with pytest.raises(SourceError, match="no default branch: HEAD names main") as caught:
        opened(tmp_path / "repo", tmp_path)
    assert caught.value.code == "no_default_branch"


def test_only_branch_stands_in_for_an_unborn_head(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    story.commit({"a": "1"}, "One", branch="only")
    story.finish()
    assert opened(tmp_path / "repo", tmp_path).describe().default_branch == "only"


def test_shallow_clone_is_partial(tmp_path: Path) -> None:
    every_style(tmp_path / "repo")
    git(tmp_path, "clone", "--quiet", "--depth", "3", f"file://{tmp_path}/repo", "shallow")
    source = opened(tmp_path / "shallow", tmp_path)
    found = [item for item in source.iter_changes(Checkpoint()) if isinstance(item, ChangeRecord)]
    assert any("shallow" in limit for limit in source.describe().limits)
    assert 2 <= len(found) <= 4


def test_missing_blob_costs_one_diff_and_is_told(tmp_path: Path) -> None:
    story = every_style(tmp_path / "repo")
    blob = git(story.path, "rev-parse", "main:two.py")
    _loosen(story.path)
    (story.path / "objects" / blob[:2] / blob[2:]).unlink()
    found = {one.key: one for one in changes(story.path, tmp_path)}
    assert found["pull:2"].landed is None and found["pull:2"].incomplete
    assert found["pull:2"].unknown["landed"] == "objects are missing or damaged"
    assert found["pull:1"].landed is not None and found["pull:9"].landed is not None
    assert len(found) == 13


def _loosen(path: Path) -> None:
    """Every object of a repository in a file of its own, so that one can be taken away or damaged."""
    packs = [pack.read_bytes() for pack in (path / "objects" / "pack").glob("*.pack")]
    for file in (path / "objects" / "pack").iterdir():
        file.unlink()
    for pack in packs:
        git(path, "unpack-objects", "-q", data=pack)


def test_missing_commit_of_a_pull_is_unreadable_or_cut(tmp_path: Path) -> None:
    story = every_style(tmp_path / "repo")
    _loosen(story.path)
    head = git(story.path, "rev-parse", "refs/pull/6/head")
    (story.path / "objects" / head[:2] / head[2:]).unlink()
    with pytest.raises(SourceError) as caught:
        items(story.path, tmp_path)
    assert "\n" not in str(caught.value)
    assert caught.value.code in ("objects_missing", "not_found", "git_failed")


def test_damaged_object_is_told_and_the_rest_kept(tmp_path: Path) -> None:
    story = every_style(tmp_path / "repo")
    _loosen(story.path)
    blob = git(story.path, "rev-parse", "main:seven.py")
    file = story.path / "objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(b"damaged")
    found = {one.key: one for one in changes(story.path, tmp_path)}
    assert found["pull:7"].incomplete
    assert found["pull:1"].landed is not None


def test_messages_and_paths_that_are_no_utf8(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    story.commit({"caf\udce9.py": "x\n", "a\nb.py": "y\n"}, b"Caf\xe9 opens\n\nbody \xff")
    story.finish()
    [found] = changes(story.path, tmp_path)
    assert found.title == "Caf\N{REPLACEMENT CHARACTER} opens"
    assert found.landed is not None
    assert {file.path for file in found.landed.files or ()} == {"caf\\xe9.py", "a\nb.py"}


def test_subject_of_a_megabyte(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    story.commit({"a": "1"}, "long " * 200_000)
    story.finish()
    [found] = changes(story.path, tmp_path)
    assert len(found.title) == 1000 and found.title.endswith("…")
    assert len(found.texts[0].text) > 900_000


@pytest.mark.parametrize("seconds", [0, 4_070_908_800, 253_402_300_799, 99_999_999_999])
def test_clocks_in_1970_2099_and_beyond(tmp_path: Path, seconds: int) -> None:
    story = Story(tmp_path / "repo")
    story.commit({"a": "1"}, "Odd clock", committed=seconds, authored=seconds, zone="+0000")
    story.finish()
    [found] = changes(story.path, tmp_path)
    limit = datetime(9999, 12, 31, tzinfo=UTC)
    assert found.merged_at == (limit if seconds > 253_402_300_799 else datetime.fromtimestamp(seconds, UTC))


def test_path_with_spaces_and_leading_dash(tmp_path: Path) -> None:
    for name in ("a repo with spaces", "-dash", "--upload-pack=touch canary"):
        story = Story(tmp_path / name)
        story.commit({"a": "1"}, f"In {name}")
        story.finish()
        assert [one.title for one in changes(story.path, tmp_path)] == [f"In {name}"]
    assert not list(tmp_path.rglob("canary"))


def test_detached_head_falls_back_to_main(tmp_path: Path) -> None:
    every_style(tmp_path / "repo")
    git(tmp_path, "clone", "--quiet", str(tmp_path / "repo"), "clone")
    git(tmp_path / "clone", "checkout", "--quiet", "--detach", "HEAD~1")
    assert opened(tmp_path / "clone", tmp_path).describe().default_branch == "main"


def test_killed_clone_leaves_nothing_that_looks_finished(tmp_path: Path) -> None:
    story = every_style(tmp_path / "repo")
    source = GitSource(str(story.path), tmp_path / "mirrors")
    mirror = source._mirror.path
    part = mirror.with_name(f"{mirror.name}.part-99999")
    part.mkdir(parents=True)
    (part / "HEAD").write_text("ref: refs/heads/main")
    source.open()
    assert not part.exists() and (mirror / "HEAD").exists()


def test_limits_stop_a_large_file(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    story.commit({"big.bin": os.urandom(3 << 20)}, "Add a lot")
    story.finish()
    git(tmp_path, "clone", "--quiet", "--bare", str(story.path), "bare")
    limits = Limits(seconds=60, file_size=1 << 20)
    source = GitSource(f"file://{tmp_path}/bare", tmp_path / "mirrors", limits=limits)
    with pytest.raises(SourceError) as caught:
        source.open()
    assert caught.value.code in ("too_large", "git_failed")
    assert not list((tmp_path / "mirrors").glob("*.git"))


def test_time_limit_kills_the_whole_group(tmp_path: Path) -> None:
    limited = Git(home=tmp_path, limits=Limits(seconds=0.2))
    with pytest.raises(SourceError, match="took too long") as caught:
        limited.run("-c", "alias.wait=!sleep 30", "wait")
    assert caught.value.retry
    assert subprocess.run(["pgrep", "-x", "-f", "sleep 30"], capture_output=True).returncode == 1


def test_git_missing_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="git is not installed"):
        Git(home=tmp_path).run("version")


@pytest.mark.parametrize(
    ("line", "code", "retry"),
    [
        (b"fatal: write error: No space left on device", "disk_full", True),
        (b"fatal: unable to access 'https://x/': Could not resolve host: x", "no_network", True),
        (b"fatal: transport 'ext' not allowed", "protocol_refused", False),
        (b"fatal: could not read Username for 'https://github.com'", "not_found", False),
        (b"fatal: bad object deadbeef", "objects_missing", False),
        (b"fatal: odd", "git_failed", False),
        (b"", "git_failed", False),
    ],
)
def test_what_git_says_becomes_one_line(line: bytes, code: str, retry: bool) -> None:
    found = failure("fetch", 128, line)
    assert isinstance(found, GitFailed)
    assert (found.code, found.retry) == (code, retry)
    assert "\n" not in str(found)


def test_huge_diff_keeps_totals_and_the_first_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.sources.git_diffs.FILE_LIMIT", 5)
    story = Story(tmp_path / "repo")
    story.commit({f"f{number}": numbered(2) for number in range(9)}, "Import all")
    story.finish()
    [found] = changes(story.path, tmp_path)
    assert found.landed is not None
    assert (found.landed.changed_files, found.landed.additions, len(found.landed.files or ())) == (9, 18, 5)
    assert "first 5 files" in found.incomplete[0]


def test_commit_lost_after_the_graph_was_read_is_unreadable(tmp_path: Path) -> None:
    story = every_style(tmp_path / "repo")
    source = opened(story.path, tmp_path)
    _loosen(source._mirror.path)
    head = git(story.path, "rev-parse", "refs/pull/6/head")
    (source._mirror.path / "objects" / head[:2] / head[2:]).unlink()
    lost = [item for item in source.iter_changes(Checkpoint()) if isinstance(item, Unreadable)]
    assert [item.key for item in lost] == ["pull:6"]


def test_missing_tree_leaves_the_landings_and_tells_the_diffs(tmp_path: Path) -> None:
    story = every_style(tmp_path / "repo")
    _loosen(story.path)
    tree = git(story.path, "rev-parse", "refs/pull/6/head^{tree}")
    (story.path / "objects" / tree[:2] / tree[2:]).unlink()
    found = {one.key: one for one in changes(story.path, tmp_path)}
    assert found["pull:6"].proposed is None and found["pull:6"].incomplete
    assert found["pull:1"].kind == "merge" and found["pull:3"].kind == "rebase"
    assert len(found) >= 13


def test_damaged_object_among_candidates_leaves_the_others(tmp_path: Path) -> None:
    story = every_style(tmp_path / "repo")
    _loosen(story.path)
    blob = git(story.path, "rev-parse", "refs/pull/3/head:three.py")
    file = story.path / "objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(b"damaged")
    found = {one.key: one for one in changes(story.path, tmp_path)}
    assert found["pull:3"].kind in ("rebase", "unlanded_or_unknown")
    assert found["pull:1"].kind == "merge"
