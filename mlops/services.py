"""Do: keyword-only, atomic, takes the acting user, writes the audit row."""

from pathlib import Path
from typing import TextIO


def evaluate_router(data: Path, stdout: TextIO) -> None:
    """Print how well learned routers rank prompts; needs the learning libraries, so they are imported here."""
    from mlops.routing.evaluate import run

    run(data, stdout)
