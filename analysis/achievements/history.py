"""The history of every field of an achievement: who changed what, when, from which value to which."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from analysis.achievements.models import Achievement
from analysis.achievements.services import KEPT, snapshot

# Fields that a reader of the history knows by these words; evidence hashes and the like are left out.
WORDS = {
    "state": "state", "title": "title", "summary": "summary", "part": "part", "changes": "changes",
    "stale_reason": "evidence changed", "landed_source_lines": "source lines",
}  # fmt: skip
LONGEST = 160


@dataclass(frozen=True, slots=True)
class Step:
    """One decision with the fields that it changed, as (field, before, after)."""

    version: int
    action: str
    by: str
    at: dt.datetime
    undone: bool
    fields: list[tuple[str, str, str]]


def history(achievement: Achievement, limit: int = 20) -> list[Step]:
    """The newest decisions first; two queries."""
    rows = list(achievement.revisions.select_related("decided_by").order_by("-version")[:limit])
    after = snapshot(achievement)
    found = []
    for row in rows:
        changed = [
            (word, _told(row.before.get(name)), _told(after.get(name)))
            for name, word in WORDS.items()
            if row.before.get(name) != after.get(name)
        ]
        who = row.decided_by.get_username()
        found.append(Step(row.version, row.action.replace("_", " "), who, row.decided_at, row.undone, changed))
        after = row.before
    return found


def _told(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} changes"
    text = " ".join(str(value if value is not None else "").split()) or "–"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


assert set(WORDS) - {"changes"} <= set(KEPT)  # noqa: S101  a field that no revision keeps has no history
