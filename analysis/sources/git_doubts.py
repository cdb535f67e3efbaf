"""Rules 2 and 5 of git_landings: which unresolved pull stands on the default branch in another form.

A rebase keeps author and author time of each commit, so these find candidates; a squash under another subject changes
the same paths to the same contents, or at least the same paths. Candidates are then judged by content or by
`git patch-id`, never by their names alone.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from analysis.sources.git_failures import GitFailed
from analysis.sources.git_graph import Graph
from analysis.sources.git_landings import Landing, Plan
from analysis.sources.git_patches import patch_ids
from analysis.sources.git_process import Conversation, Git, chunks
from analysis.sources.records import Link

# Commits of one pull that are compared one by one, and candidates for one by its paths: beyond, nothing is claimed.
MOST_COMMITS = 400
MOST_CANDIDATES = 12

Pair = tuple[int | None, int]


@dataclass(frozen=True, slots=True)
class Outline:
    """What a diff touches, without reading contents: hash of paths with blobs, hash of paths."""

    exact: bytes
    paths: bytes
    empty: bool


def resolve(git: Git, graph: Graph, plan: Plan) -> None:
    """Settle what patch identity can settle; mutates the plan."""
    open_pulls = [p for p in plan.landings.values() if p.kind == "unlanded_or_unknown" and p.head is not None and p.own]
    if open_pulls:
        _rebases(git, graph, plan, open_pulls)
        _renamed(
            git,
            graph,
            plan,
            [p for p in open_pulls if p.kind == "unlanded_or_unknown" and p.base is not None],
        )


def _single(graph: Graph, commit: int) -> Pair:
    parents = graph.parents[commit]
    return (parents[0] if parents else None), commit


def _whole(pull: Landing) -> Pair:
    """The proposed diff of a pull whose head is known."""
    if pull.head is None:
        raise ValueError("the pull has no head")
    return pull.base, pull.head


def _rebases(git: Git, graph: Graph, plan: Plan, pulls: list[Landing]) -> None:
    by_identity: dict[int, list[int]] = defaultdict(list)
    for commit in graph.chain:
        if commit not in plan.claimed and len(graph.parents[commit]) <= 1:
            by_identity[graph.identity[commit]].append(commit)
    found: list[tuple[Landing, list[tuple[int, list[int]]]]] = []
    for pull in pulls:
        own = [c for c in pull.own if len(graph.parents[c]) <= 1]
        if own and len(own) <= MOST_COMMITS:
            matches = [(c, by_identity.get(graph.identity[c], [])) for c in own]
            if any(candidates for _, candidates in matches):
                found.append((pull, matches))
    wanted = {c for _, matches in found for c, candidates in matches if candidates for c in (c, *candidates)}
    identities = _identities(git, graph, {_single(graph, commit) for commit in wanted})
    for pull, matches in found:
        _judge_rebase(graph, plan, pull, matches, identities)


def _identities(git: Git, graph: Graph, pairs: Iterable[Pair]) -> dict[Pair, str]:
    named = {(graph.sha(base) if base is not None else None, graph.sha(head)): (base, head) for base, head in pairs}
    return {named[pair]: identity for pair, identity in patch_ids(git, named).items()}


def _judge_rebase(
    graph: Graph,
    plan: Plan,
    pull: Landing,
    matches: list[tuple[int, list[int]]],
    identities: dict[Pair, str],
) -> None:
    same, alike = _matched(graph, plan, matches, identities)
    landed = sorted({*same, *alike}, key=graph.place.__getitem__)
    if not landed:
        return
    if len(same) + len(alike) < len(matches):
        note = "one of its commits stands on the default branch"
        pull.links += [Link("also_named", sha=graph.sha(commit), note=note) for commit in landed]
        pull.reason = f"{len(landed)} of {len(matches)} commits stand on the default branch, the rest does not"
        return
    pull.kind, pull.merged, pull.commit = "rebase", True, landed[-1]
    pull.certainty = "likely" if alike else "certain"
    pull.reason = "every commit stands on the default branch with its author" + (
        " and author time; some patches differ" if alike else ", author time and patch"
    )
    pull.unknown.pop("landed", None)
    places = [graph.place[c] for c in landed]
    if places[-1] - places[0] == len(places) - 1:
        pull.landed = [(graph.parents[landed[0]][0] if graph.parents[landed[0]] else None, landed[-1])]
    else:
        pull.landed = [_single(graph, c) for c in landed]
    for commit in landed:
        plan.claimed[commit] = pull.number or 0


def _matched(
    graph: Graph, plan: Plan, matches: list[tuple[int, list[int]]], identities: dict[Pair, str]
) -> tuple[list[int], list[int]]:
    """Unclaimed commits of the default branch that match a pull's: (with the same patch, with the same subject)."""
    same, alike = [], []
    for commit, candidates in matches:
        mine = identities.get(_single(graph, commit))
        free = [c for c in candidates if c not in plan.claimed]
        exact = [c for c in free if mine is not None and identities.get(_single(graph, c)) == mine]
        named = [c for c in free if graph.subject[c] == graph.subject[commit]]
        if exact:
            same.append(exact[0])
        elif named:
            alike.append(named[0])
    return same, alike


def _renamed(git: Git, graph: Graph, plan: Plan, pulls: list[Landing]) -> None:
    """Rule 5: the whole proposed diff as one commit of the chain that nobody claims."""
    commits = [c for c in graph.chain if c not in plan.claimed and len(graph.parents[c]) == 1]
    asked = [_whole(p) for p in pulls] + [_single(graph, c) for c in commits]
    try:
        outlines = list(_outlines(git, graph, asked))
    except GitFailed:
        outlines = []
    if len(outlines) != len(asked):
        return  # trees are missing: the rule cannot speak, and the diffs will say what is missing
    by_exact: dict[bytes, list[int]] = defaultdict(list)
    by_paths: dict[bytes, list[int]] = defaultdict(list)
    for commit, outline in zip(commits, outlines[len(pulls) :], strict=True):
        if not outline.empty:
            by_exact[outline.exact].append(commit)
            by_paths[outline.paths].append(commit)
    doubtful: list[tuple[Landing, list[int]]] = []
    for pull, outline in zip(pulls, outlines, strict=False):
        if outline.empty:
            continue
        if exact := _after(graph, pull, by_exact.get(outline.exact, [])):
            _take(graph, plan, pull, exact[0])
        elif near := _after(graph, pull, by_paths.get(outline.paths, []))[:MOST_CANDIDATES]:
            doubtful.append((pull, near))
    pairs = {_whole(p) for p, _ in doubtful}
    identities = _identities(git, graph, pairs | {_single(graph, c) for _, near in doubtful for c in near})
    for pull, near in doubtful:
        mine = identities.get(_whole(pull))
        for commit in near:
            if mine is not None and commit not in plan.claimed and identities.get(_single(graph, commit)) == mine:
                _take(graph, plan, pull, commit)
                break


def _after(graph: Graph, pull: Landing, commits: list[int]) -> list[int]:
    """Candidates that were committed after the pull began, nearest first: what stood there before is no landing."""
    begin = min(graph.committed[c] for c in pull.own)
    return [c for c in commits if graph.committed[c] >= begin]


def _take(graph: Graph, plan: Plan, pull: Landing, commit: int) -> None:
    if commit in plan.claimed:
        key = plan.claimed[commit]
        pull.links.append(
            Link(
                "double_landing",
                key=f"pull:{key}",
                sha=graph.sha(commit),
                note="the same patch",
            )
        )
        return
    pull.kind, pull.merged, pull.certainty, pull.commit = (
        "squash",
        True,
        "likely",
        commit,
    )
    pull.reason = "a commit on the default branch has the same patch under another subject"
    pull.landed = [_single(graph, commit)]
    pull.unknown.pop("landed", None)
    plan.claimed[commit] = pull.number or 0


def _outlines(git: Git, graph: Graph, pairs: list[Pair]) -> Iterator[Outline]:
    questions = (
        (f"{graph.sha(head)} {graph.sha(base)}\n" if base is not None else f"{graph.sha(head)}\n").encode()
        for base, head in pairs
    )
    arguments = ["diff-tree", "--stdin", "--root", "--always", "-r", "-z", "--no-renames", "--no-abbrev"]
    with closing(Conversation(git, arguments, questions)) as talk:
        outline: _Outline | None = None
        rest = b""
        for piece in chunks(talk.out, 1 << 18, talk.check):
            *tokens, rest = (rest + piece).split(b"\0")
            for token in tokens:
                if outline is not None and outline.take(token):
                    continue
                if outline is not None:
                    yield outline.done()
                outline = _Outline()
        talk.finish()
        if outline is not None:
            yield outline.done()


class _Outline:
    """Takes the NUL-separated tokens of one raw diff."""

    def __init__(self) -> None:
        self._exact = hashlib.blake2b(digest_size=12)
        self._paths = hashlib.blake2b(digest_size=12)
        self._entry = b""
        self._empty = True

    def take(self, token: bytes) -> bool:
        """Use the token if it belongs to this diff; False means that it begins the next one."""
        if self._entry:
            self._exact.update(self._entry + b"\0" + token)
            self._paths.update(token + b"\0")
            self._entry, self._empty = b"", False
            return True
        if token.startswith(b":"):
            self._entry = token[15:]  # without the modes: old blob, new blob, status
            return True
        return False

    def done(self) -> Outline:
        """The finished outline."""
        return Outline(self._exact.digest(), self._paths.digest(), self._empty)
