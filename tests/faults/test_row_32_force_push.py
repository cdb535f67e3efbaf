"""Row 32: a fetch that was killed leaves a whole mirror; what a force-push took away is marked, and comes back."""

import random
import shutil
from pathlib import Path

import pytest
from pytest_django import Settings

from analysis.collection.runs import collect_git, find_repository
from analysis.models import Change, ChangeText
from analysis.sources.records import SourceError
from tests.faults import collecting
from tests.faults.collecting import prepare
from tests.faults.gate import Gate
from tests.faults.workers import until
from tests.gitstory import Story, every_style, git


@pytest.fixture
def story(tmp_path: Path, settings: Settings) -> Story:
    settings.VAR_DIR = tmp_path / "var"
    return every_style(tmp_path / "shelf")


def collect(story: Story) -> None:
    repository, located = find_repository(str(story.path), allow_local=True)
    collect_git(repository, located)


@pytest.mark.django_db
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


@pytest.mark.timeout(600)
@pytest.mark.parametrize("stage", ["clone", "fetch"])
def test_row_32_killed_fetch_is_made_good_by_the_next(tmp_path: Path, stage: str) -> None:
    story = every_style(tmp_path / "shelf")
    var, calm = tmp_path / "killed", tmp_path / "calm"
    prepare(var)
    shutil.copytree(var, calm)
    if stage == "fetch":
        collecting.finish(story.path, var)
    noise = random.Random(32)
    for number in range(60):  # more objects than git unpacks one by one, and bytes that do not compress
        story.commit({f"late/{number}.bin": noise.randbytes(8192)}, f"Come late {number}")
    story.finish()
    gate = Gate(tmp_path, after=150_000 if stage == "fetch" else 0)
    collector = collecting.start(story.path, var, PATH=gate.path)
    try:
        until(lambda: gate.reached.exists() or collector.poll() is not None, 240)
        assert gate.reached.exists(), collector.communicate()
        left = "*.git.part-*/HEAD" if stage == "clone" else "*.git/objects/pack/tmp_pack_*"
        until(lambda: list((var / "mirrors").glob(left)), 240)
        collector.kill()  # -9, and git itself lives on, as it would: it waits for the rest
        collector.communicate()
        faultless, _ = collecting.finish(story.path, calm)
        assert collecting.finish(story.path, var)[0] == faultless
        gate.open()  # what was left alive comes to its end now, in nobody's way
        until(lambda: gate.ended, 240)
        assert collecting.finish(story.path, var)[0] == faultless
    finally:
        collector.kill()
        collector.communicate()
        gate.open()
    mirrors = var / "mirrors"
    assert not [*mirrors.glob("*.git/**/*.lock"), *mirrors.glob("*.git/**/tmp_*"), *mirrors.glob("*.part-*")]
    [mirror] = mirrors.glob("*.git")
    assert git(mirror, "fsck", "--connectivity-only") is not None


@pytest.mark.django_db
def test_row_32_lost_source_keeps_all_that_is_stored(story: Story) -> None:
    collect(story)
    story.path.rename(story.path.with_name("moved"))
    repository = Change.objects.all()[0].repository
    with pytest.raises(SourceError):
        collect_git(repository)
    assert Change.objects.filter(vanished_at=None).count() == 13
