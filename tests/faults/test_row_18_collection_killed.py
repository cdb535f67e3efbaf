"""Row 18 for collections: kill -9 at random moments; the run after it ends in the state of a faultless one."""

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.gitstory import Story, every_style, numbered

ROOT = Path(__file__).resolve().parents[2]


def environment(var: Path) -> dict[str, str]:
    """SQLite of its own; the leg's servers are left alone."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "config.settings.embedded",
        "ATTEST_VAR": str(var),
        "PYTHONPATH": str(ROOT),
        "SECRET_KEY": "made-up key of a test, long enough for nobody to mind at all",
    }


def prepare(var: Path) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
    subprocess.run(command, check=True, env=environment(var), timeout=120)


def start(story: Path, var: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.kill_collect", str(story)]
    return subprocess.Popen(
        command, env=environment(var), cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def finish(story: Path, var: Path) -> tuple[str, float]:
    began = time.monotonic()
    process = start(story, var)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.split()[-1], time.monotonic() - began


def long_story(path: Path, commits: int) -> Path:
    story: Story = every_style(path)
    for number in range(commits):
        story.commit({f"part/{number % 7}.py": numbered(number % 40 + 1), "log.txt": f"{number}\n"}, f"Step {number}")
    story.finish()
    return path


@pytest.mark.long
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
