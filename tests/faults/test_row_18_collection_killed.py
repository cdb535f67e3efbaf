"""Row 18 for collections: kill -9 at random moments; the run after it ends in the state of a faultless one."""

import random
import shutil
import time
from pathlib import Path

import pytest

from tests.faults.collecting import finish, prepare, start
from tests.gitstory import Story, every_style, numbered


def long_story(path: Path, commits: int) -> Path:
    story: Story = every_style(path)
    for number in range(commits):
        story.commit({f"part/{number % 7}.py": numbered(number % 40 + 1), "log.txt": f"{number}\n"}, f"Step {number}")
    story.finish()
    return path


@pytest.mark.long
@pytest.mark.timeout(1800)  # minutes of one core, and others may have it
def test_row_18_twenty_kills_end_in_the_faultless_state(tmp_path: Path) -> None:
    path = long_story(tmp_path / "shelf", 600)
    prepare(tmp_path / "empty")
    shutil.copytree(tmp_path / "empty", tmp_path / "calm")
    faultless, seconds = finish(path, tmp_path / "calm")
    dice = random.Random(20)
    for number in range(20):
        var = tmp_path / f"killed-{number}"
        shutil.copytree(tmp_path / "empty", var)
        process = start(path, var)
        time.sleep(dice.uniform(0.5, 1.0) * seconds)
        process.kill()
        process.communicate()
        assert finish(path, var)[0] == faultless, f"kill number {number}"
