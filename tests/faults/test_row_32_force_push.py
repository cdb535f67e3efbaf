"""Row 32: a fetch that was killed leaves a whole mirror; what a force-push took away is marked, and comes back."""

from pathlib import Path

import pytest
from pytest_django import Settings

from analysis.collection.runs import collect_git, find_repository
from analysis.models import Change, ChangeText
from analysis.sources.records import SourceError
from tests.gitstory import Story, every_style, git

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(tmp_path: Path, settings: Settings) -> Story:
    settings.VAR_DIR = tmp_path / "var"
    return every_style(tmp_path / "shelf")


def collect(story: Story) -> None:
    repository, located = find_repository(str(story.path), allow_local=True)
    collect_git(repository, located)


def test_row_32_removed_commits_are_marked_and_their_texts_stay(story: Story) -> None:
    collect(story)
    tip = git(story.path, "rev-parse", "main")
    git(story.path, "update-ref", "refs/heads/main", f"{tip}~2")
    collect(story)
    gone = Change.objects.exclude(vanished_at=None)
    assert {change.title for change in gone} == {"Mend the last line", "Add nine again (#9)"}
    assert ChangeText.objects.filter(change__in=gone).exists()
    git(story.path, "update-ref", "refs/heads/main", tip)
    collect(story)
    assert not Change.objects.exclude(vanished_at=None).exists()


def test_row_32_what_a_killed_fetch_left_is_in_nobodys_way(story: Story, tmp_path: Path) -> None:
    collect(story)
    [mirror] = (tmp_path / "var" / "mirrors").glob("*.git")
    (mirror / "objects" / "pack" / "tmp_pack_left").write_bytes(b"half a pack")
    for lock in ("refs/heads/main.lock", "packed-refs.lock", "HEAD.lock"):
        (mirror / lock).parent.mkdir(parents=True, exist_ok=True)
        (mirror / lock).write_text("")
    story.commit({"late.py": "x\n"}, "Come late")
    story.finish()
    collect(story)
    assert Change.objects.filter(title="Come late").exists()
    assert not list(mirror.rglob("*.lock")) and not list(mirror.rglob("tmp_*"))


def test_row_32_lost_source_keeps_all_that_is_stored(story: Story) -> None:
    collect(story)
    story.path.rename(story.path.with_name("moved"))
    repository = Change.objects.all()[0].repository
    with pytest.raises(SourceError):
        collect_git(repository)
    assert Change.objects.filter(vanished_at=None).count() == 13
