"""Environments of the tools that benchmarks measure beside ours: made once under var/bench, before anything is timed.

    .venv/bin/python -m benchmarks.peers        makes those of collecting, which take a minute or two

The product depends on none of them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parents[1] / "var" / "bench"
COLLECTING = {
    "pydriller": ("pydriller==2.9",),
    "perceval": ("perceval==1.6.1", "setuptools<81"),
    "PyGithub": ("PyGithub==2.10.0",),
    "github-to-sqlite": ("github-to-sqlite==2.9.1", "setuptools<81"),
}


def interpreter(name: str) -> Path:
    """The interpreter of a peer's own environment, made on first use. Raises CalledProcessError."""
    folder = HOME / name
    python, finished = folder / "bin" / "python", folder / "finished"
    if not finished.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *COLLECTING[name]], check=True)
        finished.write_text("\n".join(COLLECTING[name]) + "\n")
    return python


def main() -> None:
    """Make all of them."""
    for name in COLLECTING:
        print(interpreter(name))


if __name__ == "__main__":
    main()
