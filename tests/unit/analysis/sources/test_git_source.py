"""Every way to land, told apart on a repository written for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.sources.git import GitSource
from analysis.sources.records import ChangeRecord, Checkpoint, Gone, Item, SourceError
from tests.gitstory import ADA, BO, GITHUB, Story, every_style, git, numbered


def read(path: Path, mirrors: Path, known: dict[str, str] | None = None) -> list[Item]:
    source = GitSource(str(path), mirrors)
    try:
        source.open()
        return list(source.iter_changes(Checkpoint(known=known or {})))
    finally:
        source.close()


def records(items: list[Item]) -> dict[str, ChangeRecord]:
    return {item.key: item for item in items if isinstance(item, ChangeRecord)}


@pytest.fixture(scope="module")
def styles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ChangeRecord]]:
    folder = tmp_path_factory.mktemp("styles")
    every_style(folder / "repo")
    yield records(read(folder / "repo", folder / "mirrors"))


@pytest.mark.parametrize(
    ("number", "kind", "merged", "certainty"),
    [
        (1, "merge", True, "certain"),
        (2, "squash", True, "certain"),
        (3, "rebase", True, "certain"),
        (4, "ancestor", True, "likely"),
        (5, "merge", True, "certain"),
        (6, "unlanded_or_unknown", None, "unknown"),
        (7, "squash", True, "likely"),
        (8, "unlanded_or_unknown", None, "unknown"),
        (9, "squash", True, "certain"),
    ],
)
def test_each_landing_is_told_apart(
    styles: dict[str, ChangeRecord], number: int, kind: str, merged: bool | None, certainty: str
) -> None:
    found = styles[f"pull:{number}"]
    assert (found.kind, found.merged, found.certainty) == (kind, merged, certainty)
    assert found.certainty_reason


def test_merge_gives_title_body_and_both_diffs(styles: dict[str, ChangeRecord]) -> None:
    found = styles["pull:1"]
    assert (found.title, found.title_source, found.body) == ("Add the first part", "merge-body", "It was missing.")
    assert found.landed is not None and found.proposed is not None
    assert (found.landed.additions, found.landed.deletions, found.landed.changed_files) == (5, 0, 1)
    assert found.commits == 1
    assert [who.name for who in found.authors] == [BO[0]]
    assert found.merged_at is not None and found.merged_at.utcoffset() is not None


def test_squash_loses_its_suffix_and_names_co_authors(styles: dict[str, ChangeRecord]) -> None:
    found = styles["pull:2"]
    assert (found.title, found.title_source, found.commits) == ("Add the second part", "squash-subject", 2)
    assert {who.name for who in found.authors} == {ADA[0], BO[0]}
    assert found.merged_by is None  # GitHub committed it, and says not for whom


def test_rebase_claims_its_commits_from_the_direct_ones(styles: dict[str, ChangeRecord]) -> None:
    found = styles["pull:3"]
    assert found.landed is not None and found.landed.additions == 4
    assert not [one for one in styles.values() if one.number is None and one.title.endswith("three")]


def test_ancestor_is_counted_with_its_carrier(styles: dict[str, ChangeRecord]) -> None:
    assert styles["pull:4"].landed is None
    assert [link.key for link in styles["pull:4"].links if link.kind == "contained_in"] == ["pull:5"]
    assert [link.key for link in styles["pull:5"].links if link.kind == "contains"] == ["pull:4"]


def test_commit_that_only_mentions_a_pull_is_direct(styles: dict[str, ChangeRecord]) -> None:
    [direct] = [one for one in styles.values() if one.title == "Answer what was asked (#8)"]
    assert direct.kind == "direct" and direct.number is None
    assert styles["pull:8"].landed is None and styles["pull:8"].proposed is not None


def test_second_commit_of_a_number_is_linked_as_backport(styles: dict[str, ChangeRecord]) -> None:
    assert [link.kind for link in styles["pull:9"].links] == ["backport"]
    assert "Add nine again (#9)" in [one.title for one in styles.values() if one.kind == "direct"]


def test_what_git_lacks_is_unknown_with_a_reason(styles: dict[str, ChangeRecord]) -> None:
    assert styles["pull:6"].body is None
    assert set(styles["pull:6"].unknown) == {"landed", "body"}
    assert styles["pull:6"].merged_at is None


def test_plain_clone_speaks_by_subjects_alone(tmp_path: Path) -> None:
    every_style(tmp_path / "repo")
    git(tmp_path, "clone", "--quiet", str(tmp_path / "repo"), "clone")
    found = records(read(tmp_path / "clone", tmp_path / "mirrors"))
    assert found["pull:1"].kind == "merge" and found["pull:1"].certainty == "certain"
    assert found["pull:2"].kind == "squash" and found["pull:2"].certainty == "likely"
    assert "pull:6" not in found
    assert sum(one.kind == "direct" for one in found.values()) > 3


def test_known_fingerprints_are_not_read_again(tmp_path: Path) -> None:
    every_style(tmp_path / "repo")
    first = records(read(tmp_path / "repo", tmp_path / "mirrors"))
    known = {key: one.fingerprint for key, one in first.items()}
    assert read(tmp_path / "repo", tmp_path / "mirrors", known) == []


def test_new_commit_alone_is_read(tmp_path: Path) -> None:
    story = every_style(tmp_path / "repo")
    known = {key: one.fingerprint for key, one in records(read(story.path, tmp_path / "mirrors")).items()}
    story.commit({"late.py": "x\n"}, "Come late")
    story.finish()
    [item] = read(story.path, tmp_path / "mirrors", known)
    assert isinstance(item, ChangeRecord) and item.title == "Come late"


def test_force_push_and_lost_pull_are_told(tmp_path: Path) -> None:
    story = every_style(tmp_path / "repo")
    known = {key: one.fingerprint for key, one in records(read(story.path, tmp_path / "mirrors")).items()}
    git(story.path, "update-ref", "-d", "refs/pull/6/head")
    git(story.path, "update-ref", "refs/heads/main", "refs/heads/main~1")
    gone = [item.key for item in read(story.path, tmp_path / "mirrors", known) if isinstance(item, Gone)]
    assert "pull:6" in gone and len(gone) == 2


def test_new_head_of_an_open_pull_is_read_again(tmp_path: Path) -> None:
    story = every_style(tmp_path / "repo")
    known = {key: one.fingerprint for key, one in records(read(story.path, tmp_path / "mirrors")).items()}
    more = story.commit({"six.py": numbered(12)}, "More of six", branch="six")
    story.pull(6, more)
    story.finish()
    [item] = read(story.path, tmp_path / "mirrors", known)
    assert isinstance(item, ChangeRecord) and item.number == 6 and item.commits == 2


def test_merge_on_another_branch_is_merged_but_credited_to_nobody(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    root = story.commit({"a": "1\n"}, "Begin")
    work = story.commit({"b": "1\n"}, "Work", parents=[root], branch="work")
    story.merge(root, work, "Merge pull request #1 from bo/work\n\nFor the old line", {"b": "1\n"}, branch="stable")
    story.pull(1, work)
    story.finish()
    found = records(read(story.path, tmp_path / "mirrors"))["pull:1"]
    assert (found.kind, found.merged, found.certainty, found.landed) == ("merge", True, "certain", None)
    assert "default branch" in found.unknown["landed"]


def test_merge_without_name_counts_by_its_head(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    root = story.commit({"a": "1\n"}, "Begin")
    work = story.commit({"b": "1\n"}, "Work on b", parents=[root], branch="work")
    story.merge(root, work, "Merge branch 'work'", {"b": "1\n"})
    story.pull(4, work)
    story.finish()
    found = records(read(story.path, tmp_path / "mirrors"))["pull:4"]
    assert (found.kind, found.certainty, found.title) == ("merge", "certain", "Work on b")


def test_fast_forwarded_pull_stands_on_the_branch_itself(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    root = story.commit({"a": "1\n"}, "Begin")
    work = story.commit({"b": "1\n"}, "Work on b", parents=[root])
    story.pull(2, work)
    story.finish()
    found = records(read(story.path, tmp_path / "mirrors"))
    assert (found["pull:2"].kind, found["pull:2"].commits) == ("ancestor", None)
    assert found[f"commit:{story.sha(work)}"].kind == "direct"


def test_partly_landed_pull_is_not_called_merged(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    root = story.commit({"a": "1\n"}, "Begin")
    when = story.time
    first = story.commit({"b": "1\n"}, "First half", parents=[root], branch="work", authored=when)
    second = story.commit({"c": "1\n"}, "Second half", parents=[first], branch="work", authored=when + 5)
    story.commit({"b": "1\n"}, "First half", parents=[root], authored=when, committer=GITHUB)
    story.pull(3, second)
    story.finish()
    found = records(read(story.path, tmp_path / "mirrors"))["pull:3"]
    assert (found.kind, found.merged) == ("unlanded_or_unknown", None)
    assert [link.kind for link in found.links] == ["also_named"]


def test_rename_binary_and_kinds_of_files(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    story.commit({"old name.py": numbered(30), "logo.png": b"\x89PNG\0\0"}, "Begin")
    story.commit(
        {
            "old name.py": None,
            "new.py": numbered(31),
            "logo.png": b"\x89PNG\0\1",
            "tests/test_a.py": "x\n",
            "docs/a.md": "x\n",
            "uv.lock": "x\n",
            "vendor/lib/b.js": "x\n",
            "setup.cfg": "x\n",
        },
        "Move things",
    )
    story.finish()
    [found] = [one for one in records(read(story.path, tmp_path / "mirrors")).values() if one.title == "Move things"]
    assert found.landed is not None
    files = {file.path: file for file in found.landed.files or ()}
    assert (files["new.py"].status, files["new.py"].old_path) == ("renamed", "old name.py")
    assert (files["logo.png"].binary, files["logo.png"].additions, found.landed.binary_files) == (True, None, 1)
    kinds = {path: file.category for path, file in files.items()}
    assert kinds["tests/test_a.py"] == "test" and kinds["docs/a.md"] == "docs" and kinds["uv.lock"] == "generated"
    assert kinds["vendor/lib/b.js"] == "vendored" and kinds["setup.cfg"] == "config" and kinds["new.py"] == "source"
    assert files["new.py"].language == "Python"


def test_revert_names_what_it_reverts(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    bad = story.commit({"a": "1\n"}, "Break it")
    story.finish()
    story.commit({"a": None}, f'Revert "Break it"\n\nThis reverts commit {story.sha(bad)}.')
    story.finish()
    found = records(read(story.path, tmp_path / "mirrors"))
    [revert] = [one for one in found.values() if one.title.startswith("Revert")]
    assert [(link.kind, link.sha) for link in revert.links] == [("reverts", story.sha(bad))]


def test_use_before_open_is_refused(tmp_path: Path) -> None:
    source = GitSource(str(tmp_path), tmp_path / "mirrors")
    with pytest.raises(SourceError, match="not open"):
        source.describe()
    with pytest.raises(SourceError, match="not open"):
        list(source.iter_changes(Checkpoint()))


def test_rebase_with_somebody_elses_commit_between_adds_up(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    root = story.commit({"a": "1\n"}, "Begin")
    when = story.time
    first = story.commit({"b": numbered(3)}, "First half", parents=[root], branch="work", authored=when)
    second = story.commit(
        {"b": numbered(5), "c": "1\n"}, "Second half", parents=[first], branch="work", authored=when + 5
    )
    story.commit({"b": numbered(3)}, "First half", parents=[root], authored=when, committer=GITHUB)
    story.commit({"z": "1\n"}, "Somebody else", author=BO)
    story.commit({"b": numbered(5), "c": "1\n"}, "Second half", authored=when + 5, committer=GITHUB)
    story.pull(3, second)
    story.finish()
    found = records(read(story.path, tmp_path / "mirrors"))["pull:3"]
    assert (found.kind, found.certainty) == ("rebase", "certain")
    assert found.landed is not None and "sum over 2 commits" in found.landed.method
    assert (found.landed.additions, found.landed.changed_files) == (6, 2)
    files = {file.path: file for file in found.landed.files or ()}
    assert (files["b"].status, files["b"].additions) == ("added", 5)


def test_rebase_with_a_mended_patch_is_likely(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    root = story.commit({"a": numbered(9)}, "Begin")
    when = story.time
    work = story.commit({"a": numbered(10)}, "Add a line", parents=[root], branch="work", authored=when)
    story.commit({"a": numbered(11)}, "Add a line", parents=[root], authored=when, committer=GITHUB)
    story.pull(3, work)
    story.finish()
    found = records(read(story.path, tmp_path / "mirrors"))["pull:3"]
    assert (found.kind, found.certainty) == ("rebase", "likely")


def test_same_patch_on_a_moved_file_is_found_by_patch_identity(tmp_path: Path) -> None:
    """Blobs differ, for the file changed elsewhere meanwhile; the lines of the patch are the same."""
    story = Story(tmp_path / "repo")
    root = story.commit({"a": numbered(40)}, "Begin")
    work = story.commit({"a": numbered(40) + "the end\n"}, "Close it", parents=[root], branch="work", author=BO)
    meanwhile = story.commit({"a": "top\n" + numbered(40)}, "Open it", parents=[root])
    story.commit({"a": "top\n" + numbered(40) + "the end\n"}, "Bring the closing of Bo", parents=[meanwhile])
    story.pull(8, work)
    story.finish()
    found = records(read(story.path, tmp_path / "mirrors"))["pull:8"]
    assert (found.kind, found.merged, found.certainty) == ("squash", True, "likely")
    assert "same patch" in found.certainty_reason


def test_two_pulls_of_one_landed_patch_are_linked(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    root = story.commit({"a": "1\n"}, "Begin")
    one = story.commit({"b": "1\n"}, "One try", parents=[root], branch="one")
    two = story.commit({"b": "1\n"}, "Another try", parents=[root], branch="two", author=BO)
    story.commit({"b": "1\n"}, "Landed by hand", parents=[root])
    story.pull(1, one)
    story.pull(2, two)
    story.finish()
    found = records(read(story.path, tmp_path / "mirrors"))
    assert found["pull:1"].kind == "squash"
    assert [(link.kind, link.key) for link in found["pull:2"].links] == [("double_landing", "pull:1")]


def test_pull_that_changes_nothing_is_left_open(tmp_path: Path) -> None:
    story = Story(tmp_path / "repo")
    root = story.commit({"a": "1\n"}, "Begin")
    empty = story.commit({}, "Nothing at all", parents=[root], branch="empty")
    story.pull(1, empty)
    story.finish()
    found = records(read(story.path, tmp_path / "mirrors"))["pull:1"]
    assert (found.kind, found.commits) == ("unlanded_or_unknown", 1)


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("Fix it (#12)", 12),
        ("Fix it (#3) (#12)", 12),
        ("Fix it (octo/repo#12)", None),
        ("Fix #12", None),
        ('Revert "Fix it (#12)"', None),
    ],
)
def test_only_a_suffix_of_its_own_names_a_pull(tmp_path: Path, subject: str, number: int | None) -> None:
    story = Story(tmp_path / "repo")
    story.commit({"a": "1\n"}, "Begin")
    story.commit({"a": "2\n"}, subject)
    story.finish()
    numbers = [one.number for one in records(read(story.path, tmp_path / "mirrors")).values() if one.title != "Begin"]
    assert numbers == [number]


@pytest.mark.parametrize(
    "subject",
    ["Merge pull request #7 from bo/x", "Auto merge of #7 - bo:x, r=ada", "Merge #7: bring x", "Merge PR #7: x"],
)
def test_merges_of_other_tools_name_their_pull(tmp_path: Path, subject: str) -> None:
    story = Story(tmp_path / "repo")
    root = story.commit({"a": "1\n"}, "Begin")
    work = story.commit({"b": "1\n"}, "Work", parents=[root], branch="work")
    story.merge(root, work, subject, {"b": "1\n"})
    story.finish()
    git(story.path, "update-ref", "-d", "refs/heads/work")
    assert records(read(story.path, tmp_path / "mirrors"))["pull:7"].kind == "merge"
