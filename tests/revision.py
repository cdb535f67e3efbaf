"""Which state of the code something was measured on."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def revision() -> str:
    """The commit that is checked out, marked where the work tree differs from it; "" outside a clone."""
    command = ["git", "describe", "--always", "--abbrev=40", "--dirty"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
