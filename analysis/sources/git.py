"""The git source: every change of a mirror, tokenless, as records.

Steps of a collection: 1. mirror or update it; 2. read the commit graph once; 3. classify landings on the graph, doubts
by patch identity; 4. for what is new, stream diffs and commits through three long-lived git processes and yield one
record a change, in the order of landing, unlanded pulls last.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from analysis.sources.git_commits import Missing, read_commits
from analysis.sources.git_diffs import METHOD, Diff, Lost, combine, read_diffs
from analysis.sources.git_doubts import resolve
from analysis.sources.git_graph import FAR, Graph, load
from analysis.sources.git_landings import Landing, Plan, classify, finish
from analysis.sources.git_mailmap import read_mailmap
from analysis.sources.git_mirror import Mirror
from analysis.sources.git_process import Git, Limits
from analysis.sources.git_records import build, judge_squash
from analysis.sources.records import (
    Alias,
    ChangeRecord,
    Checkpoint,
    CommitInfo,
    Gone,
    Item,
    SourceDescription,
    SourceError,
    Unreadable,
    natural_key,
)

VERSION = "git/1"
# GitHub lists at most 250 commits of a pull; a pull of more is somebody else's history.
COMMITS_LISTED = 250
MENTIONED = "it stands on the default branch; the pull that it mentions holds something else"
_PULL_REF = re.compile(r"^refs/pull/(\d{1,9})/head$")

Pair = tuple[int | None, int]


@dataclass(frozen=True, slots=True)
class Todo:
    """A landing to read, with what is asked of the long-lived processes for it."""

    landing: Landing
    fingerprint: str
    pairs: tuple[Pair, ...]
    commits: tuple[int, ...]

    def distinct(self, graph: Graph) -> dict[tuple[int | None, int], Pair]:
        """The pairs by their trees: a squash of an up-to-date branch needs one diff, not two."""
        return {_trees(graph, pair): pair for pair in self.pairs}


class GitSource:
    """Source over a mirror under `mirrors`. `location` is a path or an https URL that the caller has judged already.

    `progress` is called with (done, total, what) now and then.
    """

    name = "git"
    version = VERSION

    def __init__(
        self,
        location: str,
        mirrors: Path,
        *,
        pin: str = "",
        limits: Limits | None = None,
        progress: Callable[[int, int | None, str], None] | None = None,
    ) -> None:
        self._mirror = Mirror(location, mirrors, pin=pin, limits=limits or Limits())
        self._progress = progress or (lambda done, total, what: None)
        self._graph: Graph | None = None
        self._plan: Plan | None = None
        self._order: list[Landing] = []
        self._limits: tuple[str, ...] = ()
        self._aliases: tuple[Alias, ...] = ()
        self._extra: set[str] = set()  # direct changes found while reading: commits that only mention a pull

    @property
    def git(self) -> Git:
        """git bound to the mirror."""
        return self._mirror.git

    @property
    def graph(self) -> Graph:
        """The commit graph, after open. Raises SourceError before."""
        if self._graph is None:
            raise SourceError("the source is not open", code="not_open")
        return self._graph

    def open(self) -> None:
        """Mirror, read the graph, classify. Raises SourceError with one clear line."""
        self._progress(0, None, "mirroring")
        self._mirror.update()
        self._progress(0, None, "reading the history")
        refs = self._mirror.refs()
        wanted = {
            name: sha
            for name, sha in refs.items()
            if name.startswith(("refs/heads/", "refs/tags/", "refs/remotes/")) or _PULL_REF.match(name)
        }
        tip = refs[self._mirror.default_ref]
        self._aliases = read_mailmap(self.git, tip)
        graph = load(self.git, [tip, *dict.fromkeys(wanted.values())])
        start = graph.find(tip)
        if start is None:
            raise SourceError("the default branch's newest commit is missing", code="objects_missing")
        graph.settle(start)
        heads = {int(found[1]): graph.find(sha) for name, sha in refs.items() if (found := _PULL_REF.match(name))}
        present = {number: commit for number, commit in heads.items() if commit is not None}
        plan = classify(graph, present, has_refs=bool(heads))
        self._progress(0, None, "comparing patches")
        resolve(self.git, graph, plan)
        finish(graph, plan)
        self._graph, self._plan = graph, plan
        self._order = sorted([*plan.landings.values(), *plan.direct], key=lambda one: _position(graph, one))
        self._limits = self._mirror.limits + tuple(
            f"the head of pull {number} is missing" for number, commit in sorted(heads.items()) if commit is None
        )

    def describe(self) -> SourceDescription:
        """Tip, default branch and counts: pulls, direct commits and changes in all."""
        if self._plan is None or self._graph is None:
            raise SourceError("the source is not open", code="not_open")
        return SourceDescription(
            name=self.name,
            location=self._mirror.location,
            default_branch=self._mirror.default_ref.removeprefix("refs/heads/"),
            tip=self._graph.sha(self._graph.chain[-1]),
            held={
                "pulls": len(self._plan.landings),
                "direct": len(self._plan.direct) + len(self._extra),
                "changes": len(self._order) + len(self._extra),
            },
            limits=self._limits,
            licence=self._mirror.licence(),
            aliases=self._aliases,
        )

    def cursor(self) -> str:
        """The tip: what was read last."""
        return self._graph.sha(self._graph.chain[-1]) if self._graph else ""

    def close(self) -> None:
        """Forget the graph; processes end with the iteration that started them."""
        self._graph = self._plan = None
        self._order = []

    def iter_changes(self, since: Checkpoint) -> Iterator[Item]:
        """Records of what is new, then a Gone for each known key that no landing has any more."""
        graph = self.graph
        todo, kept = self._select(graph, since.known)
        emitted: set[str] = set()
        for item in self._read(graph, todo):
            emitted.add(item.key)
            if isinstance(item, ChangeRecord) and item.kind == "direct" and item.certainty_reason == MENTIONED:
                self._extra.add(item.key)
            yield item
        for key in since.known:
            if key not in kept and key not in emitted:
                yield Gone(
                    key,
                    "it is not in the repository any more: force-pushed, deleted or now part of another change",
                )

    def select(self, since: Checkpoint) -> list[Todo]:
        """What `iter_changes` would read, in order."""
        return self._select(self.graph, since.known)[0]

    def _select(self, graph: Graph, known: Mapping[str, str]) -> tuple[list[Todo], set[str]]:
        """What must be read, and the known keys that stay as they are."""
        todo: list[Todo] = []
        kept: set[str] = set()
        for landing in self._order:
            commit = graph.sha(landing.commit) if landing.commit is not None else None
            key = natural_key(landing.number, commit)
            fingerprint = _fingerprint(graph, landing)
            if known.get(key) == fingerprint:
                kept.add(key)
                if landing.verify and f"commit:{commit}" in known:  # found to be a direct change
                    kept.add(f"commit:{commit}")
                    self._extra.add(f"commit:{commit}")
                continue
            listed = (
                landing.own
                if len(landing.own) <= COMMITS_LISTED
                else [*landing.own[: COMMITS_LISTED - 1], landing.own[-1]]
            )
            commits = dict.fromkeys([*listed, *([landing.commit] if landing.commit is not None else [])])
            pairs: tuple[Pair, ...] = tuple(landing.landed)
            if landing.number is not None and landing.head is not None and "proposed" not in landing.unknown:
                pairs += ((landing.base, landing.head),)
            todo.append(Todo(landing, fingerprint, pairs, tuple(commits)))
        return todo, kept

    def _read(self, graph: Graph, todo: list[Todo]) -> Iterator[ChangeRecord | Unreadable]:
        asked = [one.distinct(graph) for one in todo]
        shas = ((graph.sha(b) if b is not None else None, graph.sha(h)) for pairs in asked for b, h in pairs.values())
        wanted = (graph.sha(c) for one in todo for c in one.commits)
        with closing(read_diffs(self.git, shas)) as diffs, closing(read_commits(self.git, wanted)) as commits:
            for one, pairs in zip(todo, asked, strict=True):
                found = dict(zip(pairs, islice(diffs, len(pairs)), strict=True))
                read = dict(zip(one.commits, islice(commits, len(one.commits)), strict=True))
                if lost := [item.sha for item in read.values() if isinstance(item, Missing)]:
                    yield Unreadable(natural_key(one.landing.number, lost[0]), f"commit {lost[0][:12]} is missing")
                    continue
                whole = {c: item for c, item in read.items() if isinstance(item, CommitInfo)}
                yield from _records(graph, one, [found[_trees(graph, pair)] for pair in one.pairs], whole)


def _position(graph: Graph, landing: Landing) -> tuple[int, int]:
    """Order of landing; what did not land comes last, by number."""
    return graph.landed[landing.commit] if landing.commit is not None else FAR, landing.number or 0


def _trees(graph: Graph, pair: Pair) -> tuple[int | None, int]:
    return (graph.tree[pair[0]] if pair[0] is not None else None), graph.tree[pair[1]]


def _records(
    graph: Graph, one: Todo, diffs: list[Diff | Lost], commits: dict[int, CommitInfo]
) -> Iterator[ChangeRecord]:
    """The record of a landing; two when its commit turns out to be a direct change that only mentions the pull."""
    landing = one.landing
    count = len(landing.landed)
    incomplete = tuple(f"diff: {diff.reason}" for diff in diffs if isinstance(diff, Lost))
    there = [diff for diff in diffs[:count] if isinstance(diff, Diff)]
    landed = combine(there) if count and len(there) == count else None
    proposed = next((diff for diff in diffs[count:] if isinstance(diff, Diff)), None)
    merge = commits.get(landing.commit) if landing.commit is not None else None
    own = [commits[c] for c in landing.own if c in commits]
    if landing.verify and landed and proposed and merge:
        judged = judge_squash(landing, landed, proposed, own, merge.message)
        if judged.kind != "squash":
            yield _direct_instead(graph, landing, landed, merge, one.fingerprint)
            landing, landed, merge = judged, None, None
        else:
            landing = judged
    yield build(
        graph,
        landing,
        landed=landed,
        proposed=proposed,
        commits=own,
        merge=merge,
        fingerprint=one.fingerprint,
        version=f"{VERSION}; {METHOD}",
        incomplete=incomplete,
    )


def _direct_instead(graph: Graph, landing: Landing, landed: Diff, merge: CommitInfo, fingerprint: str) -> ChangeRecord:
    commit = landing.landed[0][1]
    direct = Landing(
        number=None,
        kind="direct",
        merged=True,
        certainty="certain",
        reason=MENTIONED,
        commit=commit,
        head=commit,
        own=[commit],
        landed=landing.landed,
    )
    return build(
        graph,
        replace(direct),
        landed=landed,
        proposed=None,
        commits=[merge],
        merge=merge,
        fingerprint=fingerprint,
        version=f"{VERSION}; {METHOD}",
    )


def _fingerprint(graph: Graph, landing: Landing) -> str:
    """A hash of everything that the record is made from; the same means that reading again would give the same."""

    def sha(commit: int | None) -> str:
        return graph.sha(commit) if commit is not None else "-"

    parts = [
        VERSION,
        METHOD,
        landing.kind,
        landing.certainty,
        landing.reason,
        sha(landing.commit),
        sha(landing.head),
        sha(landing.base),
        *(f"{sha(base)}..{sha(head)}" for base, head in landing.landed),
        *(f"{link.kind} {link.key} {link.sha}" for link in landing.links),
        str(len(landing.own)),
    ]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
