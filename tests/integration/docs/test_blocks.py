"""The blocks of the tutorial and of the owner's guide run as they stand, in order, in a fresh place."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.gitstory import Story

ROOT = Path(__file__).resolve().parents[3]
BLOCK = re.compile(r"^```bash\n(.*?)^```", re.M | re.S)
FRESH = ".venv/bin/python manage.py migrate --no-input -v 0"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An empty installation on SQLite, and a made-up repository to collect."""
    story = Story(tmp_path / "made-up")
    first = story.commit({"shelf.py": "x = 1\n"}, "Put up the shelf")
    story.commit(
        {"shelf.py": "x = 2\n"}, "Load the shelf twice as fast\n\nLoading takes 2 s instead of 4 s.", parents=[first]
    )
    story.finish()
    unset = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    return {
        **{name: value for name, value in os.environ.items() if name not in unset},
        "ATTEST_VAR": str(tmp_path / "var"), "REPOSITORY": str(story.path), "FOLDER": str(tmp_path / "out"),
    }  # fmt: skip


@pytest.mark.long
@pytest.mark.timeout(600)
def test_blocks_run_as_pasted(environment: dict[str, str]) -> None:
    Path(environment["FOLDER"]).mkdir()
    collect = '.venv/bin/python manage.py collect "$REPOSITORY"'  # what `make run SOURCE=…` of the tutorial does
    blocks = [FRESH, collect]
    for name in ("tutorials/first-case-study.md", "how-to/owner.md"):
        blocks += BLOCK.findall((ROOT / "docs" / name).read_text(encoding="utf-8"))
    assert len(blocks) == 11
    script = "\n".join(f'echo "== block {number}" >&2\n{block}' for number, block in enumerate(blocks))
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=500, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-2000:]
    out = Path(environment["FOLDER"])
    # The made-up history ends before the year that the guide names: the report says that it has nothing to say.
    assert "No change landed in this period" in (out / "report.md").read_text(encoding="utf-8")
    assert (out / "bundle" / "bundle.json").is_file()
    assert "differs" not in result.stdout
