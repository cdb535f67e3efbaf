"""What lint, types and complexity say of the code, as numbers for the build's record."""

import json
import re
import subprocess
import sys
from pathlib import Path

from radon.complexity import cc_visit

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("config", "evidence", "jobs", "mlops", "analysis", "portfolio")


def _run(*command: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout


def measure() -> dict[str, object]:
    """Findings of ruff and mypy, files, lines, mean and highest cyclomatic complexity of the product's own code."""
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]
    texts = [path.read_text(encoding="utf-8") for path in files]
    blocks = [block.complexity for text in texts for block in cc_visit(text)]
    ruff = json.loads(_run("ruff", "check", "--output-format", "json", ".") or "[]")
    mypy = re.search(r"Found (\d+) error", _run("mypy"))
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "revision": head.stdout.strip(), "ruff findings": len(ruff), "mypy findings": int(mypy[1]) if mypy else 0,
        "files": len(files), "lines": sum(text.count("\n") for text in texts),
        "mean complexity": round(sum(blocks) / len(blocks), 2), "highest complexity": max(blocks),
    }  # fmt: skip
