"""The state of running collections as plain values for a template."""

from dataclasses import dataclass
from datetime import datetime

from analysis import queries as analysis


@dataclass(frozen=True)
class Progress:
    """One collection at work: what is stored so far of what the source holds; `held` 0 means not counted yet."""

    name: str
    stored: int
    held: int
    started_at: datetime


def running() -> list[Progress]:
    """The collections at work now, newest first, in one query."""
    return [
        Progress(
            name=run.repository.name,
            stored=int(run.stored.get("changes", 0)),
            held=int(run.held.get("changes", 0)),
            started_at=run.started_at,
        )
        for run in analysis.running_collections()
    ]
