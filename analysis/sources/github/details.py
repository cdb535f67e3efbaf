"""What the API says of a pull beyond the shared records: its events, and how complete each list is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from analysis.sources.records import Person, PullDetails

EventKind = Literal["ready", "draft", "reopened", "review_requested"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a pull; `who` is the requested reviewer, None for a team."""

    kind: EventKind
    at: datetime
    who: Person | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """That somebody commented, and when. The text is not asked for: it belongs to other people."""

    external_id: str
    at: datetime
    who: Person | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many items of a list GitHub holds and how many were given; equal means complete."""

    held: int
    given: int


@dataclass(frozen=True, slots=True)
class GitHubPullDetails(PullDetails):
    """Pull details of the GitHub source. Empty tuples mean none; `counts` lacks the lists that were not asked for."""

    profile: str = ""
    events: tuple[Event, ...] = ()
    comments: tuple[Comment, ...] = ()
    counts: Mapping[str, Count] = field(default_factory=dict)
    edited_at: datetime | None = None
    edits: tuple[datetime, ...] = ()
    author_association: str = ""
    review_decision: str = ""
    checks: str = ""
    milestone: str = ""
    threads: int | None = None
    unresolved_threads: int | None = None
