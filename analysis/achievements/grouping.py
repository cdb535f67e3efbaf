"""Which changes are one piece of work: rules over plain records, each link with its reason (no Django).

Four rules link two changes: they landed the same diff, one is stacked on the other, they close the same issue, or they
touch the same uncommon files within a fortnight. Links are taken strongest first; one that would make a group too
long or too large is left out, so that a busy file cannot chain a year together.
"""

import datetime as dt
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

WINDOW = dt.timedelta(days=14)
LONGEST = dt.timedelta(days=90)
LARGEST = 24
# A file that more than this share of all changes touch (a change log, a lock file) says nothing about belonging.
COMMON_SHARE = 0.05
COMMON_AT_LEAST = 8
OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Work:
    """One change as grouping sees it. ``paths`` are source and test files; ``issues`` are "owner/name#12"."""

    id: int
    label: str
    at: dt.datetime
    paths: frozenset[str] = frozenset()
    issues: frozenset[str] = frozenset()
    head_sha: str = ""
    base_sha: str = ""
    same_as: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """Two changes that belong together; a lower ``rank`` is a stronger reason."""

    rank: float
    left: int
    right: int
    rule: str = field(compare=False)
    reason: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """Changes that are one piece of work, oldest first, with the links that hold them together."""

    members: tuple[int, ...]
    links: tuple[Link, ...]


def group(works: Iterable[Work]) -> list[Group]:
    """Group changes; singles are groups of one. Deterministic; time grows linearly with changes and touched paths."""
    ordered = sorted(works, key=lambda work: (work.at, work.id))
    by_id = {work.id: work for work in ordered}
    forest = _Forest(by_id)
    links = sorted([*_same(by_id), *_stacked(ordered), *_issues(ordered), *_files(ordered)])
    kept = [link for link in links if forest.join(link.left, link.right)]
    held: dict[int, list[Link]] = defaultdict(list)
    for link in kept:
        held[forest.root(link.left)].append(link)
    members: dict[int, list[int]] = defaultdict(list)
    for work in ordered:
        members[forest.root(work.id)].append(work.id)
    return [Group(tuple(ids), tuple(held[root])) for root, ids in members.items()]


class _Forest:
    """Union-find that refuses a union which would be too large or span too long a time."""

    def __init__(self, works: dict[int, Work]) -> None:
        self.parent = {id_: id_ for id_ in works}
        self.size = dict.fromkeys(works, 1)
        self.span = {id_: (work.at, work.at) for id_, work in works.items()}

    def root(self, id_: int) -> int:
        while self.parent[id_] != id_:
            self.parent[id_] = self.parent[self.parent[id_]]
            id_ = self.parent[id_]
        return id_

    def join(self, left: int, right: int) -> bool:
        """Whether the link holds: both are in one group now (or were before)."""
        a, b = self.root(left), self.root(right)
        if a == b:
            return True
        first = min(self.span[a][0], self.span[b][0])
        last = max(self.span[a][1], self.span[b][1])
        if self.size[a] + self.size[b] > LARGEST or last - first > LONGEST:
            return False
        self.parent[b] = a
        self.size[a] += self.size[b]
        self.span[a] = (first, last)
        return True


def _same(by_id: dict[int, Work]) -> Iterator[Link]:
    for work in by_id.values():
        if work.same_as in by_id:
            other = by_id[work.same_as]
            yield Link(0.0, other.id, work.id, "same", f"{work.label} lands the same diff as {other.label}")


def _stacked(works: Sequence[Work]) -> Iterator[Link]:
    heads = {work.head_sha: work for work in works if work.head_sha}
    for work in works:
        below = heads.get(work.base_sha) if work.base_sha else None
        if below and below.id != work.id:
            yield Link(0.1, below.id, work.id, "stacked", f"{work.label} is stacked on {below.label}")


def _issues(works: Sequence[Work]) -> Iterator[Link]:
    latest: dict[str, Work] = {}
    for work in works:
        for issue in sorted(work.issues):
            if issue in latest:
                earlier = latest[issue]
                yield Link(0.2, earlier.id, work.id, "issue", f"{earlier.label} and {work.label} both name {issue}")
            latest[issue] = work


def _files(works: Sequence[Work]) -> Iterator[Link]:
    """Neighbours in time on an uncommon file are compared: shared weight over the lighter change's weight."""
    touched: dict[str, list[Work]] = defaultdict(list)
    for work in works:
        for path in work.paths:
            touched[path].append(work)
    common = max(COMMON_AT_LEAST, COMMON_SHARE * len(works))
    weight = {path: math.log(1 + len(works) / len(by)) for path, by in touched.items() if len(by) <= common}
    shared: dict[tuple[int, int], float] = defaultdict(float)
    for path, by in touched.items():
        if path in weight:
            for earlier, later in itertools.pairwise(by):
                if later.at - earlier.at <= WINDOW:
                    shared[earlier.id, later.id] += weight[path]
    by_id = {work.id: work for work in works}
    for (left, right), common_weight in shared.items():
        a, b = by_id[left], by_id[right]
        lighter = min(sum(weight.get(path, 0.0) for path in work.paths) for work in (a, b))
        overlap = common_weight / lighter if lighter else 0.0
        if overlap >= OVERLAP:
            count = len(a.paths & b.paths)
            days = (b.at - a.at).days
            near = "the same day" if days == 0 else f"{days} day{'s' if days > 1 else ''} apart"
            files = "a file" if count == 1 else f"{count} files"
            reason = f"{a.label} and {b.label} touch {files} in common, {near}"
            yield Link(1.3 - min(overlap, 1.0), left, right, "files", reason)
