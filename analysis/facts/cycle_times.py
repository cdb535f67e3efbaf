"""Derived times of a pull: the stages from first commit to merge, which add up exactly, and what reviews say of it.

No Django here. A stage is the time from one event to the next one of the fixed order; where an event is missing, the
stages on both of its sides are unknown. Seconds throughout.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ORDER = ("first_commit", "opened", "ready", "first_review", "approved", "merged")
WORDS = {
    "first_commit": "first commit",
    "opened": "opened",
    "ready": "ready for review",
    "first_review": "first review",
    "approved": "approved",
    "merged": "merged",
}
MISSING = {
    "first_commit": "no commit of it is known",
    "opened": "only the API says when a pull was opened",
    "ready": "only the API says when a draft became ready",
    "first_review": "no person reviewed it before it ended",
    "approved": "nobody approved it before it ended",
    "merged": "it was not merged",
}


@dataclass(frozen=True)
class Reviewed:
    """One review: its state as the API words it in lower case, when, and whether a machine wrote it."""

    state: str
    at: datetime
    by_machine: bool = False


@dataclass(frozen=True)
class Pull:
    """The events of a pull. `is_draft` tells whether it is one now; `turns` are (time, "ready" | "draft")."""

    first_commit: datetime | None = None
    opened: datetime | None = None
    merged: datetime | None = None
    closed: datetime | None = None
    is_draft: bool | None = None
    turns: Sequence[tuple[datetime, str]] = ()
    reviews: Sequence[Reviewed] = ()


@dataclass(frozen=True)
class CycleTimes:
    """`stages` holds seconds or None by "from→to"; `unknown` the reason for each missing event.

    `total` is first commit to merge; if every stage is known they add up to it exactly.
    """

    moments: dict[str, datetime | None]
    stages: dict[str, float | None]
    total: float | None
    draft_seconds: float | None
    review_rounds: int
    machine_reviews: int
    unknown: dict[str, str] = field(default_factory=dict)


def cycle_times(pull: Pull) -> CycleTimes:
    """The stages of one pull."""
    moments = _moments(pull)
    stages: dict[str, float | None] = {}
    for start, end in itertools.pairwise(ORDER):
        first, second = moments[start], moments[end]
        stages[f"{start}→{end}"] = (second - first).total_seconds() if first and second else None
    known = moments["first_commit"], moments["merged"]
    return CycleTimes(
        moments=moments,
        stages=stages,
        total=(known[1] - known[0]).total_seconds() if known[0] and known[1] else None,
        draft_seconds=_draft_seconds(pull),
        review_rounds=_rounds(pull.reviews),
        machine_reviews=sum(review.by_machine for review in pull.reviews),
        unknown={name: MISSING[name] for name in ORDER if moments[name] is None},
    )


def pull_of(events: Mapping[str, Any]) -> Pull:
    """A pull from the plain values that a receipt holds: ISO times, turns [[time, what]], reviews [[state, time,
    whether a machine wrote it]].
    """

    def time(name: str) -> datetime | None:
        return datetime.fromisoformat(events[name]) if events[name] else None

    return Pull(
        first_commit=time("first_commit"),
        opened=time("opened"),
        merged=time("merged"),
        closed=time("closed"),
        is_draft=events["is_draft"],
        turns=[(datetime.fromisoformat(at), what) for at, what in events["turns"]],
        reviews=[Reviewed(state, datetime.fromisoformat(at), machine) for state, at, machine in events["reviews"]],
    )


def _moments(pull: Pull) -> dict[str, datetime | None]:
    """Each event's time, none before the one that precedes it: a stage is never negative.

    Commits may be rewritten after the pull was opened (a rebase): then the first known commit counts as of the
    opening, since work on it had begun by then. A review before the last turn to ready counts as of that turn.
    """
    people = sorted((r for r in pull.reviews if not r.by_machine), key=lambda r: r.at)
    if pull.merged is not None:
        people = [r for r in people if r.at <= pull.merged]
    found: dict[str, datetime | None] = {
        "first_commit": _earlier(pull.first_commit, pull.opened),
        "opened": pull.opened,
        "ready": _ready(pull),
        "first_review": next((r.at for r in people), None),
        "approved": max((r.at for r in people if r.state == "approved"), default=None),
        "merged": pull.merged,
    }
    latest: datetime | None = None
    for name in ORDER:
        time = found[name]
        if time is not None:
            found[name] = latest = max(time, latest) if latest else time
    return found


def _earlier(first: datetime | None, opened: datetime | None) -> datetime | None:
    return min(first, opened) if first and opened else first


def _ready(pull: Pull) -> datetime | None:
    """The last turn to ready; the opening where it never was a draft; None while it is one or nothing is known."""
    if pull.opened is None or pull.is_draft:
        return None
    turns = [at for at, what in pull.turns if what == "ready" and (pull.merged is None or at <= pull.merged)]
    return max(turns) if turns else pull.opened


def _draft_seconds(pull: Pull) -> float | None:
    """Seconds as a draft until it was merged or closed, None where that is not known or not over."""
    if pull.opened is None or pull.is_draft is None:
        return None
    turns = sorted(pull.turns)
    drafted = pull.opened if turns and turns[0][1] == "ready" else None
    total = 0.0
    for at, what in turns:
        if what == "draft":
            drafted = drafted or at
        elif drafted is not None:
            total += (at - drafted).total_seconds()
            drafted = None
    end = pull.merged or pull.closed
    if drafted is not None or (pull.is_draft and not turns):
        if end is None:
            return None
        total += max(0.0, (end - (drafted or pull.opened)).total_seconds())
    return total


def _rounds(reviews: Sequence[Reviewed]) -> int:
    """How often people asked for changes, plus the approval that ended it."""
    states = [r.state for r in reviews if not r.by_machine]
    return states.count("changes_requested") + ("approved" in states)
