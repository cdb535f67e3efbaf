"""What every source yields: frozen records in plain Python, without Django.

A source (git mirror, GitHub GraphQL, webhook) turns what it reads into `ChangeRecord`s; the pipeline of
analysis.collection redacts, validates and stores them. `None` always means "this source does not say", never zero;
`ChangeRecord.unknown` holds the reason for each. E-mail addresses live in memory only: collection keeps a keyed hash.

Times are timezone-aware with the offset that the source states. Line counts are lines, sizes are bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

Kind = Literal["merge", "squash", "rebase", "ancestor", "direct", "unlanded_or_unknown"]
Certainty = Literal["certain", "likely", "unknown"]
PersonKind = Literal["human", "bot", "ai"]
FileStatus = Literal["added", "modified", "deleted", "renamed", "copied", "type_changed"]
Category = Literal["source", "test", "docs", "config", "generated", "vendored"]
TextKind = Literal["title", "body", "commit_message"]
LinkKind = Literal["double_landing", "backport", "contains", "contained_in", "reverts", "also_named"]

KINDS: tuple[Kind, ...] = (
    "merge",
    "squash",
    "rebase",
    "ancestor",
    "direct",
    "unlanded_or_unknown",
)
CERTAINTIES: tuple[Certainty, ...] = ("certain", "likely", "unknown")
PERSON_KINDS: tuple[PersonKind, ...] = ("human", "bot", "ai")
FILE_STATUSES: tuple[FileStatus, ...] = (
    "added",
    "modified",
    "deleted",
    "renamed",
    "copied",
    "type_changed",
)
CATEGORIES: tuple[Category, ...] = (
    "source",
    "test",
    "docs",
    "config",
    "generated",
    "vendored",
)
TEXT_KINDS: tuple[TextKind, ...] = ("title", "body", "commit_message")
LINK_KINDS: tuple[LinkKind, ...] = (
    "double_landing",
    "backport",
    "contains",
    "contained_in",
    "reverts",
    "also_named",
)


class SourceError(Exception):
    """A source cannot be used: one line for a person; `code` is stable, `retry` says if trying again can help."""

    def __init__(self, message: str, *, code: str, retry: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retry = retry


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who took part. Never stored as it is: collection makes a pseudonym with a keyed hash of the identity.

    `kind_reason` says what made us call it a bot or an AI ("e-mail noreply@… of a known assistant"), so that the label
    can be judged and reversed.
    """

    name: str
    email: str = field(default="", repr=False)
    login: str | None = None
    github_id: int | None = None
    kind: PersonKind = "human"
    kind_reason: str = ""


@dataclass(frozen=True, slots=True)
class Alias:
    """The repository's own word that two identities are one person: as commits name them, and who is meant."""

    committed: Person
    means: Person


@dataclass(frozen=True, slots=True)
class FileChange:
    """One path of a diff. Lines are None for binary files, where git counts none."""

    path: str
    status: FileStatus
    additions: int | None
    deletions: int | None
    category: Category
    language: str
    old_path: str | None = None
    binary: bool = False


@dataclass(frozen=True, slots=True)
class DiffStat:
    """The size of a diff and, unless the source gives totals only, its files. `method` states base, head and flags."""

    additions: int
    deletions: int
    changed_files: int
    method: str
    binary_files: int = 0
    files: tuple[FileChange, ...] | None = None


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """One commit of a change. `message` is the whole text; `co_authors` come from its trailers."""

    sha: str
    parents: tuple[str, ...]
    author: Person
    committer: Person | None
    authored_at: datetime
    committed_at: datetime
    message: str
    co_authors: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A text that claims may quote. `ref` is the commit of a commit message, else empty; `source` is its origin."""

    kind: TextKind
    text: str
    source: str
    ref: str = ""
    written_at: datetime | None = None
    edited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """How this change relates to another (`key`: its natural key) or to a commit outside any change (`sha`)."""

    kind: LinkKind
    key: str = ""
    sha: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """A review of a pull request, from the API only. `external_id` is GitHub's node id."""

    external_id: str
    state: Literal["approved", "changes_requested", "commented", "dismissed", "pending"]
    reviewer: Person | None
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class PullDetails:
    """What only the API knows of a pull request. None for the git source; empty tuples mean "none", not "unknown"."""

    external_id: str
    url: str
    state: Literal["open", "closed", "merged"]
    opened_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    ready_at: datetime | None = None
    is_draft: bool | None = None
    base_ref: str = ""
    head_ref: str = ""
    author: Person | None = None
    merged_by: Person | None = None
    labels: tuple[str, ...] = ()
    reviews: tuple[Review, ...] = ()
    comment_count: int | None = None
    linked_issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One unit of work: a pull request, or a direct commit to the default branch.

    `fingerprint` is a hash of all that the record was read from (refs, commits, method version): the same fingerprint
    means that there is nothing new to read. `landed` is None when nothing landed or that is not known; `proposed` is
    None when the head is not at hand. `landed_identity` hashes paths and contents of what landed: equal ones landed
    twice. `merged` is None when the source cannot say. `incomplete` lists parts that the source failed to give, which
    makes the collection partial.
    """

    source: str
    source_version: str
    fingerprint: str
    number: int | None
    kind: Kind
    merged: bool | None
    certainty: Certainty
    certainty_reason: str
    title: str
    title_source: str
    body: str | None = None
    body_source: str = ""
    merge_commit: str | None = None
    base_sha: str | None = None
    head_sha: str | None = None
    merged_at: datetime | None = None
    first_commit_time: datetime | None = None
    last_commit_time: datetime | None = None
    commits: int | None = None
    commit_list: tuple[CommitInfo, ...] = ()
    authors: tuple[Person, ...] = ()
    merged_by: Person | None = None
    landed: DiffStat | None = None
    proposed: DiffStat | None = None
    landed_identity: str = ""
    texts: tuple[TextPiece, ...] = ()
    links: tuple[Link, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    incomplete: tuple[str, ...] = ()
    details: PullDetails | None = None
    payload: bytes | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """The natural key inside a repository: the same change has the same key from every source."""
        return natural_key(self.number, self.merge_commit)


def natural_key(number: int | None, sha: str | None) -> str:
    """`pull:12` for a pull request, `commit:<sha>` for a direct commit."""
    if number is not None:
        return f"pull:{number}"
    if not sha:
        raise ValueError("a change needs a number or a commit")
    return f"commit:{sha}"


@dataclass(frozen=True, slots=True)
class Gone:
    """A change that the source held before and holds no more: collection marks it, and never drops it."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A change that the source holds but cannot give whole: it goes to the ledger with its reason."""

    key: str
    reason: str


Item = ChangeRecord | Gone | Unreadable


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """What a source is, once opened. `held` counts what it holds by name ("pulls", "changes"); None is unknown.

    `limits` are reasons why a collection from it must be partial (shallow clone, missing objects), empty when whole.
    """

    name: str
    location: str
    default_branch: str
    tip: str
    held: Mapping[str, int | None]
    limits: tuple[str, ...] = ()
    licence: str | None = None
    aliases: tuple[Alias, ...] = ()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is stored already: fingerprint by natural key of this source, and the source's own cursor (opaque text)."""

    known: Mapping[str, str] = field(default_factory=dict)
    cursor: str = ""


@runtime_checkable
class Source(Protocol):
    """An outside system that yields changes. Use as: open, iter_changes, close (always)."""

    name: str
    version: str

    def open(self) -> None:
        """Reach the source (mirror, log in); raises SourceError."""

    def describe(self) -> SourceDescription:
        """What it is and how much it holds; after open."""

    def iter_changes(self, since: Checkpoint) -> Iterator[Item]:
        """Every change that differs from what `since` knows, and a Gone for each known one that is held no more.

        Streams: memory does not grow with the number of changes. A consumer may stop after any record.
        """

    def cursor(self) -> str:
        """The cursor that is safe to store once everything yielded so far is stored."""

    def close(self) -> None:
        """Release processes and connections; safe to call twice."""
