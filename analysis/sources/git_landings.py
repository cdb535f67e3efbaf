"""How each pull request landed, decided on the graph alone; the doubtful rest is left to patch identity (git_doubts).

Order of the rules for a pull with head H, first that holds:
1. a merge commit has H as merged-in parent (certain), or its subject names the pull (certain without a ref to compare);
2. commits with H's authors and author times stand on the chain: rebase, once patch identity agrees;
3. a commit's subject ends in "(#N)": squash, to be compared with the head's own diff when both are read;
4. H itself is reachable from the default branch: ancestor;
5. the same patch stands on the chain under another subject: squash or rebase, by patch identity;
6. a merge on another branch only: merged, but nothing of it is credited to the default branch;
7. otherwise unlanded or unknown: git alone cannot tell a refused pull from one that landed in another form.
What no pull claims of the chain is a direct commit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from analysis.sources.git_graph import FAR, Graph
from analysis.sources.records import Certainty, Kind, Link, natural_key


@dataclass(slots=True)
class Landing:
    """A change before its diffs are read. Commits are numbers of the graph.

    `landed` lists (base, head) pairs whose diffs together are what landed (usually one), empty when nothing did;
    `own` are the commits of the change, newest first; `base` is the merge base of the proposed diff base..head.
    """

    number: int | None
    kind: Kind = "unlanded_or_unknown"
    merged: bool | None = None
    certainty: Certainty = "unknown"
    reason: str = ""
    commit: int | None = None
    head: int | None = None
    base: int | None = None
    own: list[int] = field(default_factory=list)
    landed: list[tuple[int | None, int]] = field(default_factory=list)
    verify: bool = False
    links: list[Link] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """Every change of the mirror, and the commits of the chain that pulls claim."""

    landings: dict[int, Landing] = field(default_factory=dict)
    claimed: dict[int, int] = field(default_factory=dict)  # commit -> pull
    direct: list[Landing] = field(default_factory=list)


def classify(graph: Graph, heads: Mapping[int, int], *, has_refs: bool) -> Plan:
    """Rules 1, 3, 4 and 6 for every pull. `heads` are the pull refs; without any (`has_refs` False) subjects speak."""
    plan = Plan()
    merges, suffixes = _named(graph, heads)
    numbers = set(heads) | set(merges)
    if not has_refs:
        numbers |= set(suffixes)
    for number in sorted(numbers):
        landing = Landing(number=number, head=heads.get(number))
        plan.landings[number] = landing
        _ = (
            _by_merge(graph, landing, merges.get(number, []))
            or _by_suffix(graph, landing, suffixes.get(number, []))
            or _by_reach(graph, landing)
            or _elsewhere(graph, landing, merges.get(number, []), suffixes.get(number, []))
        )
        if landing.kind in ("merge", "squash") and landing.commit is not None:
            plan.claimed.setdefault(landing.commit, number)
    return plan


def _named(graph: Graph, heads: Mapping[int, int]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Merge commits by the pull they land (by name or by head), and suffix commits by number, oldest landing first."""
    by_head: dict[int, list[int]] = defaultdict(list)
    for number, head in heads.items():
        by_head[head].append(number)
    merges: dict[int, list[int]] = defaultdict(list)
    suffixes: dict[int, list[int]] = defaultdict(list)
    for commit, parents in enumerate(graph.parents):
        if len(parents) > 1:
            named = graph.names.get(commit)
            if named is not None:
                merges[named].append(commit)
            for parent in parents[1:]:
                # A merge that names nobody counts on the chain only: elsewhere branches are merged into each other.
                if named is None and commit in graph.place and graph.landed[parent] == graph.place[commit]:
                    for number in by_head.get(parent, ()):
                        merges[number].append(commit)
        elif commit in graph.names and graph.names[commit] in heads:
            suffixes[graph.names[commit]].append(commit)
        elif commit in graph.suffixes:
            suffixes[graph.suffixes[commit]].append(commit)
    for table in (merges, suffixes):
        for commits in table.values():
            commits.sort(
                key=lambda c: (
                    graph.landed[c],
                    c not in graph.place,
                    graph.committed[c],
                )
            )
    return merges, suffixes


def _by_merge(graph: Graph, landing: Landing, merges: list[int]) -> bool:
    """Rule 1."""
    landed = [commit for commit in merges if graph.landed[commit] != FAR]
    if not landed:
        return False
    exact = [commit for commit in landed if landing.head in graph.parents[commit][1:]]
    commit = (exact or landed)[0]
    first, brought = graph.parents[commit][:2]
    landing.kind, landing.merged, landing.certainty, landing.commit = "merge", True, "likely", commit
    if exact:
        landing.certainty, landing.reason = "certain", "a merge commit has the head of the pull as its parent"
        brought = landing.head or brought
    elif landing.head is None:
        landing.certainty, landing.reason = "certain", "the merge commit names the pull"
    elif graph.is_ancestor(brought, landing.head) or graph.is_ancestor(landing.head, brought):
        landing.reason = "the merge commit names the pull; commits were added before or after the merge"
    else:
        landing.reason = "the merge commit names the pull, whose head is another commit by now"
    landing.head = brought
    landing.own, landing.base = graph.since(brought, first)
    landing.landed = [(first, commit)]
    _links(graph, landing, [other for other in landed if other != commit])
    return True


def _by_suffix(graph: Graph, landing: Landing, commits: list[int]) -> bool:
    """Rule 3. The first landing after the head was last committed is taken; the others are linked as backports."""
    landed = [commit for commit in commits if graph.landed[commit] != FAR]
    head = landing.head
    if head is not None:
        # A head that had landed before the commit was not squashed by it.
        landed = [c for c in landed if not graph.parents[c] or not graph.is_ancestor(head, graph.parents[c][0])]
    if not landed:
        return False
    later = [c for c in landed if head is None or graph.committed[c] >= graph.committed[head]]
    commit = (later or landed)[0]
    landing.kind, landing.merged, landing.certainty = "squash", True, "likely"
    landing.reason = "the subject of a landed commit ends in the number of the pull"
    landing.commit, landing.verify = commit, head is not None
    first = graph.parents[commit][0] if graph.parents[commit] else None
    if head is not None:
        landing.own, landing.base = graph.since(head, first)
    landing.landed = [(first, commit)]
    _links(graph, landing, [other for other in landed if other != commit])
    return True


def _links(graph: Graph, landing: Landing, others: Iterable[int]) -> None:
    for other in others:
        landing.links.append(
            Link(
                "backport",
                sha=graph.sha(other),
                note="another commit names the same pull",
            )
        )


def _by_reach(graph: Graph, landing: Landing) -> bool:
    """Rule 4."""
    head = landing.head
    if head is None or graph.landed[head] == FAR:
        return False
    carrier = graph.chain[graph.landed[head]]
    landing.kind, landing.merged, landing.certainty = "ancestor", True, "likely"
    landing.commit = carrier
    landing.unknown["landed"] = "its lines are counted with the change that carried them"
    if carrier == head:
        landing.reason = "the head stands on the default branch itself; where the pull began is not recorded"
        landing.unknown["proposed"] = landing.unknown["commits"] = "where the pull began is not recorded in git"
        landing.own = [head]
    else:
        landing.reason = "the head is part of what another landing brought in"
        landing.own, landing.base = graph.since(head, graph.parents[carrier][0])
    return True


def _elsewhere(graph: Graph, landing: Landing, merges: list[int], suffixes: list[int]) -> bool:
    """Rule 6, and what a pull is until patch identity speaks."""
    head = landing.head
    exact = [commit for commit in merges if head is None or head in graph.parents[commit][1:]]
    if exact:
        commit = exact[0]
        landing.kind, landing.merged, landing.certainty = "merge", True, "certain"
        landing.reason = "a merge commit on another branch has the head of the pull as its parent"
        landing.commit, landing.head = commit, graph.parents[commit][1]
        landing.own, landing.base = graph.since(landing.head, graph.parents[commit][0])
        landing.unknown["landed"] = "merged into a branch that the default branch does not contain"
        return True
    landing.reason = "no trace of a landing in git; a refused pull looks the same"
    landing.unknown["landed"] = "no landing was found"
    for commit in suffixes:
        landing.links.append(
            Link(
                "also_named",
                sha=graph.sha(commit),
                note="a commit on another branch names the pull",
            )
        )
    if head is not None:
        landing.own, landing.base = graph.since(head, graph.chain[-1] if graph.chain else None)
    return False


def finish(graph: Graph, plan: Plan) -> None:
    """Make a direct change of every chain commit that no pull claims, and link what lies inside of what."""
    inside: dict[int, list[Landing]] = defaultdict(list)
    for landing in plan.landings.values():
        if landing.commit is not None and graph.landed[landing.commit] != FAR:
            carrier = graph.chain[graph.landed[landing.commit]]
            if landing.kind == "ancestor" or carrier != landing.commit:
                inside[carrier].append(landing)
    for commit in graph.chain:
        if commit not in plan.claimed:
            plan.direct.append(_direct(graph, commit))
        if commit in inside:
            owner = plan.claimed.get(commit)
            whole = plan.landings[owner] if owner is not None else plan.direct[-1]
            key = natural_key(owner, graph.sha(commit))
            for part in inside[commit]:
                if part.number != owner:
                    part.links.append(Link("contained_in", key=key, sha=graph.sha(commit)))
                    whole.links.append(Link("contains", key=natural_key(part.number, None)))


def _direct(graph: Graph, commit: int) -> Landing:
    parents = graph.parents[commit]
    first = parents[0] if parents else None
    own = [commit]
    if len(parents) > 1:
        own = [c for parent in parents[1:] for c in graph.since(parent, first)[0]] or [commit]
    return Landing(
        number=None,
        kind="direct",
        merged=True,
        certainty="certain",
        reason="it stands on the default branch and no pull request claims it",
        commit=commit,
        head=commit,
        base=first,
        own=list(dict.fromkeys(own)),
        landed=[(first, commit)],
    )
