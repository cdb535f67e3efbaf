"""From a classified landing with its diffs and commits to the ChangeRecord that collection stores."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.sources.git_commits import rest_of, subject_of
from analysis.sources.git_diffs import Diff
from analysis.sources.git_graph import Graph
from analysis.sources.git_landings import Landing
from analysis.sources.people import distinct
from analysis.sources.records import (
    ChangeRecord,
    CommitInfo,
    Link,
    Person,
    TextPiece,
)

TITLE_LIMIT = 1000
_SUFFIX = re.compile(r"\s*\(#\d{1,9}\)\s*$")
_REVERTED = re.compile(r"\bThis reverts (?:commit|merge) ([0-9a-f]{7,64})\b")
_REVERTED_PULL = re.compile(r"\bReverts (?:[\w.-]+/[\w.-]+)?#(\d{1,9})\b")
_GITHUB_COMMITTER = frozenset({"noreply@github.com"})


def build(
    graph: Graph,
    landing: Landing,
    *,
    landed: Diff | None,
    proposed: Diff | None,
    commits: Sequence[CommitInfo],
    merge: CommitInfo | None,
    fingerprint: str,
    version: str,
    incomplete: tuple[str, ...] = (),
) -> ChangeRecord:
    """The record. `commits` are the change's own, newest first; `merge` the landing commit when it is none of them."""
    title, title_source, body, body_source = _texts(landing, commits, merge)
    unknown = _unknown(landing, body, commits, {"landed": landed, "proposed": proposed} if incomplete else {})
    times = sorted(commit.committed_at for commit in commits)
    happened = landing.merged is True and merge is not None
    return ChangeRecord(
        source="git",
        source_version=version,
        fingerprint=fingerprint,
        number=landing.number,
        kind=landing.kind,
        merged=landing.merged,
        certainty=landing.certainty,
        certainty_reason=landing.reason,
        title=shorten(title),
        title_source=title_source,
        body=body,
        body_source=body_source,
        merge_commit=graph.sha(landing.commit) if landing.commit is not None else None,
        base_sha=_base(graph, landing),
        head_sha=graph.sha(landing.head) if landing.head is not None else None,
        merged_at=merge.committed_at if happened and merge else None,
        first_commit_time=times[0] if times else None,
        last_commit_time=times[-1] if times else None,
        commits=None if "commits" in unknown else len(landing.own) or None,
        commit_list=tuple(commits),
        authors=_authors(commits, merge, landing),
        merged_by=_merger(merge, landing),
        landed=landed.stat if landed else None,
        proposed=proposed.stat if proposed and landing.kind != "direct" else None,
        landed_identity=landed.exact if landed and landed.stat.changed_files else "",
        texts=_pieces(landing, title, title_source, body, body_source, commits, merge),
        links=tuple(landing.links) + _reverts(title, body),
        unknown=unknown,
        incomplete=incomplete + _cut(landed=landed, proposed=proposed),
    )


def _unknown(
    landing: Landing, body: str | None, commits: Sequence[CommitInfo], damaged: Mapping[str, Diff | None]
) -> dict[str, str]:
    """{field: reason} of what git could not say; ``damaged`` are the diffs where objects are missing."""
    unknown = dict(landing.unknown)
    if body is None:
        unknown.setdefault("body", "git holds no description of this pull request")
    for name, diff in damaged.items():
        if diff is None:
            unknown.setdefault(name, "objects are missing or damaged")
    if landing.kind == "direct":
        unknown["proposed"] = "a direct commit was proposed nowhere"
    if len(landing.own) > len(commits):
        unknown["commit_list"] = f"{len(commits)} of {len(landing.own)} commits are listed"
    return unknown


def _cut(**diffs: Diff | None) -> tuple[str, ...]:
    """Which diffs list only a part of their files."""
    return tuple(
        f"{name} diff: only the first {len(diff.stat.files or ())} files are listed"
        for name, diff in diffs.items()
        if diff and diff.cut
    )


def shorten(title: str) -> str:
    """A title that fits a line of a page; the whole text is kept among the change's texts."""
    return title if len(title) <= TITLE_LIMIT else title[: TITLE_LIMIT - 1] + "…"


def _base(graph: Graph, landing: Landing) -> str | None:
    """Where the change began: the landing's first parent for a merge or squash, else the merge base."""
    base = landing.landed[0][0] if landing.landed else landing.base
    return graph.sha(base) if base is not None else None


def _texts(
    landing: Landing, commits: Sequence[CommitInfo], merge: CommitInfo | None
) -> tuple[str, str, str | None, str]:
    """(title, its source, body or None, its source)."""
    if landing.kind == "merge" and merge is not None and landing.number is not None:
        rest = rest_of(merge.message)
        first, _, more = rest.partition("\n")
        if first.strip() and subject_of(merge.message).startswith("Merge"):
            return (
                first.strip(),
                "merge-body",
                more.strip() or None,
                "merge-body" if more.strip() else "",
            )
    if landing.kind == "squash" and merge is not None:
        subject = subject_of(merge.message)
        return (
            _SUFFIX.sub("", subject),
            "squash-subject",
            rest_of(merge.message),
            "squash-message",
        )
    if landing.kind == "direct" and merge is not None:
        return (
            subject_of(merge.message),
            "commit-subject",
            rest_of(merge.message),
            "commit-message",
        )
    own = [commit for commit in commits if len(commit.parents) <= 1] or list(commits)
    if not own:
        return "", "", None, ""
    # GitHub proposes the only commit's subject as title; of several, the first names the work best.
    source = "only-commit-subject" if len(own) == 1 else "first-commit-subject"
    return subject_of(own[-1].message), source, None, ""


def _pieces(
    landing: Landing,
    title: str,
    title_source: str,
    body: str | None,
    body_source: str,
    commits: Sequence[CommitInfo],
    merge: CommitInfo | None,
) -> tuple[TextPiece, ...]:
    written = merge.committed_at if merge else None
    pieces = [TextPiece("title", title, title_source, written_at=written)] if title else []
    if body:
        pieces.append(TextPiece("body", body, body_source, written_at=written))
    pieces.extend(
        TextPiece(
            "commit_message",
            commit.message,
            "commit",
            ref=commit.sha,
            written_at=commit.committed_at,
        )
        for commit in commits
        if commit.message.strip() and not (merge and landing.kind == "direct" and commit.sha == merge.sha)
    )
    return tuple(pieces)


def _authors(commits: Sequence[CommitInfo], merge: CommitInfo | None, landing: Landing) -> tuple[Person, ...]:
    """Authors and co-authors, oldest commit first. A squash commit speaks for pulls whose commits are not at hand."""
    spoken = list(reversed(commits)) or ([merge] if merge else [])
    if merge and landing.kind in ("squash", "direct") and merge not in spoken:
        spoken.append(merge)
    people = [commit.author for commit in spoken]
    people += [who for commit in spoken for who in commit.co_authors]
    return distinct(people)


def _merger(merge: CommitInfo | None, landing: Landing) -> Person | None:
    if merge is None or landing.kind == "direct" or landing.merged is not True:
        return None
    if landing.kind == "merge":
        return merge.author
    by = merge.committer
    return by if by and by.email.lower() not in _GITHUB_COMMITTER else None


def _reverts(title: str, body: str | None) -> tuple[Link, ...]:
    """What this change says it reverts, by commit or by pull."""
    text = body or ""
    links = [Link("reverts", sha=sha) for sha in _REVERTED.findall(text)]
    if title.lower().startswith("revert"):
        links += [Link("reverts", key=f"pull:{number}") for number in _REVERTED_PULL.findall(text)]
        if found := re.search(r"\(#(\d{1,9})\)[\"”']", title):
            links.append(Link("reverts", key=f"pull:{found[1]}"))
    return tuple(dict.fromkeys(links))


def judge_squash(
    landing: Landing,
    landed: Diff,
    proposed: Diff,
    commits: Sequence[CommitInfo],
    message: str,
) -> Landing:
    """Compare what a "(#N)" commit landed with what the pull's head proposed; a suffix alone has been wrong.

    The same content or shape is certain. Mostly the same files is likely. No common file and no common subject means
    that the commit only mentions the pull, unless it landed nothing at all.
    """
    if landed.exact == proposed.exact or landed.shape == proposed.shape:
        return replace(landing, certainty="certain", reason=f"{landing.reason}, and its diff is the pull's own")
    common = len(landed.paths & proposed.paths)
    overlap = common / max(1, len(landed.paths | proposed.paths))
    told = [subject for commit in commits if len(subject := subject_of(commit.message)) > 8 and subject in message]
    if overlap >= 0.5:
        shared = f"{common} of its {len(landed.paths)} files are the pull's"
        return replace(landing, reason=f"{landing.reason}, and {shared}")
    if common or told or not landed.paths:
        why = f"{common} common files, {len(told)} common subjects" if landed.paths else "it landed nothing new"
        return replace(landing, reason=f"{landing.reason}; the diffs differ ({why})")
    return replace(
        landing,
        kind="unlanded_or_unknown",
        merged=None,
        certainty="unknown",
        reason="a landed commit ends in its number but shares no file and no subject with it",
        landed=[],
        commit=None,
        links=[*landing.links, Link("also_named", sha="", note="a landed commit names it without sharing its diff")],
        unknown={**landing.unknown, "landed": "no landing was found"},
    )
