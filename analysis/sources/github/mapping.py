"""From a pull's GraphQL node to the records that every source yields. Pure functions over parsed JSON."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from analysis.sources.file_kinds import classify
from analysis.sources.git_commits import co_authors
from analysis.sources.github.details import Comment, Count, Event, EventKind, GitHubPullDetails
from analysis.sources.people import distinct, label
from analysis.sources.records import (
    Certainty,
    ChangeRecord,
    CommitInfo,
    DiffStat,
    FileChange,
    FileStatus,
    Kind,
    Person,
    Review,
    TextPiece,
)

NAME = "github"
VERSION = "1"
Node = dict[str, Any]

LISTS = {
    "core": ("reviews", "labels", "timelineItems"),
    "full": (
        "reviews",
        "labels",
        "timelineItems",
        "commits",
        "files",
        "comments",
        "reviewThreads",
        "closingIssuesReferences",
        "userContentEdits",
    ),
}
"""The nested lists that each profile asks for."""
_EVENTS: dict[str, EventKind] = {
    "ReadyForReviewEvent": "ready",
    "ConvertToDraftEvent": "draft",
    "ReopenedEvent": "reopened",
    "ReviewRequestedEvent": "review_requested",
}
_REVIEW_STATES = {"APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"}
_FILE_STATUS: dict[str, FileStatus] = {
    "ADDED": "added",
    "DELETED": "deleted",
    "RENAMED": "renamed",
    "COPIED": "copied",
    "CHANGED": "type_changed",
}
DIFF_METHOD = "GitHub API: the pull's own diff, merge base to head, renames detected by GitHub"


def payload_of(node: Node) -> bytes:
    """The node as canonical JSON: what is stored (redacted) and hashed."""
    return json.dumps(node, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def record_of(node: Node, profile: str, failed: Iterable[str] = ()) -> ChangeRecord:
    """One pull; `failed` names nested lists that GitHub could not give.

    Raises KeyError, TypeError or ValueError for a node that is not a pull as the schema describes it.
    """
    raw = payload_of(node)
    merged = node["state"] == "MERGED"
    kind, certainty, reason = _landing(node, merged)
    commits = _commits(node)
    author = person_of(node.get("author"))
    body = node.get("body") or ""
    incomplete = tuple(sorted({*failed, *(n for n, c in counts_of(node, profile).items() if c.given < c.held)}))
    return ChangeRecord(
        source=NAME,
        source_version=VERSION,
        fingerprint=hashlib.sha256(f"{VERSION}/{profile}/{','.join(incomplete)}\n".encode() + raw).hexdigest(),
        number=node["number"],
        kind=kind,
        merged=merged,
        certainty=certainty,
        certainty_reason=reason,
        title=node["title"],
        title_source=NAME,
        body=body,
        body_source=NAME,
        merge_commit=(node.get("mergeCommit") or {}).get("oid"),
        base_sha=node.get("baseRefOid"),
        head_sha=node.get("headRefOid"),
        merged_at=moment(node.get("mergedAt")),
        first_commit_time=min((c.authored_at for c in commits), default=None),
        last_commit_time=max((c.authored_at for c in commits), default=None),
        commits=(node.get("commits") or {}).get("totalCount"),
        commit_list=commits,
        authors=_authors(author, commits),
        merged_by=person_of(node.get("mergedBy")),
        proposed=_diff(node),
        texts=_texts(node, body, commits),
        unknown=_unknown(node, profile),
        incomplete=incomplete,
        details=_details(node, profile, author),
        payload=raw,
    )


def _texts(node: Node, body: str, commits: Sequence[CommitInfo]) -> tuple[TextPiece, ...]:
    """Title, description and commit messages, each with when it was written."""
    written, edited = moment(node["createdAt"]), moment(node.get("lastEditedAt"))
    return (
        TextPiece("title", node["title"], NAME),
        TextPiece("body", body, NAME, written_at=written, edited_at=edited),
        *(TextPiece("commit_message", c.message, NAME, ref=c.sha, written_at=c.authored_at) for c in commits),
    )


def moment(text: str | None) -> datetime | None:
    """A GitHub time, aware."""
    return datetime.fromisoformat(text) if text else None


def person_of(actor: Node | None) -> Person | None:
    """An actor as a person; a deleted account ("ghost", null) is nobody."""
    if not actor or not actor.get("login"):
        return None
    login, made = str(actor["login"]), actor.get("__typename")
    kind, reason = label("", login=login)
    if made == "Bot" and kind == "human":
        kind, reason = "bot", "GitHub says it is a bot"
    return Person(name="", login=login, github_id=actor.get("databaseId"), kind=kind, kind_reason=reason)


def counts_of(node: Node, profile: str) -> dict[str, Count]:
    """Held and given items of each list that tells its total."""
    found: dict[str, Count] = {}
    for name in LISTS[profile]:
        part = node.get(name)
        if part and "totalCount" in part:
            found[name] = Count(int(part["totalCount"]), len(part["nodes"]))
    return found


def _nodes(node: Node, name: str) -> list[Node]:
    return [n for n in (node.get(name) or {}).get("nodes") or [] if n]


def _landing(node: Node, merged: bool) -> tuple[Kind, Certainty, str]:
    """How it landed, by what the API tells: parents of the merge commit if asked, else its headline."""
    if not merged:
        return "unlanded_or_unknown", "certain", f"GitHub says it is {node['state'].lower()} and not merged"
    commit = node.get("mergeCommit") or {}
    parents = len((commit.get("parents") or {}).get("nodes") or [])
    headline, number = commit.get("messageHeadline") or "", node["number"]
    if parents == 2:
        return "merge", "certain", "GitHub says merged; its merge commit has two parents"
    if not parents and re.match(rf"Merge pull request #{number}\b", headline):
        return "merge", "likely", "GitHub says merged; the merge commit has GitHub's merge headline"
    if headline.endswith(f"(#{number})"):
        sure: Certainty = "certain" if parents == 1 else "likely"
        return "squash", sure, "GitHub says merged; the commit carries the pull's number, as squashes do"
    if parents == 1:
        return "rebase", "likely", "GitHub says merged; one parent and no number in the headline"
    return "unlanded_or_unknown", "likely", "GitHub says merged; how it landed is not told by its merge commit"


def _commits(node: Node) -> tuple[CommitInfo, ...]:
    found = []
    for one in _nodes(node, "commits"):
        commit = one["commit"]
        author = _git_author(commit.get("author") or {})
        found.append(
            CommitInfo(
                sha=commit["oid"],
                parents=(),
                author=author,
                committer=None,
                authored_at=datetime.fromisoformat(commit["authoredDate"]),
                committed_at=datetime.fromisoformat(commit["committedDate"]),
                message=commit["message"],
                co_authors=co_authors(commit["message"]),
            )
        )
    return tuple(found)


def _git_author(author: Node) -> Person:
    known = person_of(author.get("user"))
    name = author.get("name") or ""
    if known:
        return Person(
            name, login=known.login, github_id=known.github_id, kind=known.kind, kind_reason=known.kind_reason
        )
    kind, reason = label(name)
    return Person(name, kind=kind, kind_reason=reason)


def _authors(author: Person | None, commits: tuple[CommitInfo, ...]) -> tuple[Person, ...]:
    if commits:
        return distinct(p for c in commits for p in (c.author, *c.co_authors))
    return (author,) if author else ()


def _diff(node: Node) -> DiffStat:
    files = None
    if node.get("files") is not None:
        files = tuple(_file(f) for f in _nodes(node, "files"))
    return DiffStat(node["additions"], node["deletions"], node["changedFiles"], DIFF_METHOD, files=files)


def _file(node: Node) -> FileChange:
    category, language = classify(node["path"])
    status = _FILE_STATUS.get(node["changeType"], "modified")
    return FileChange(node["path"], status, node["additions"], node["deletions"], category, language)


def _unknown(node: Node, profile: str) -> Mapping[str, str]:
    reasons = {"landed": "the API does not say what reached the default branch; the git mirror does"}
    if profile == "core":
        reasons["commits"] = "the core profile leaves commits to the git mirror"
    if not node.get("author"):
        reasons["author"] = "GitHub names no author: the account was deleted"
    return reasons


def _details(node: Node, profile: str, author: Person | None) -> GitHubPullDetails:
    threads = _nodes(node, "reviewThreads") if node.get("reviewThreads") is not None else None
    events = _events(node)
    return GitHubPullDetails(
        external_id=node["id"],
        url=node["url"],
        state=node["state"].lower(),
        opened_at=moment(node["createdAt"]),
        updated_at=moment(node["updatedAt"]),
        closed_at=moment(node.get("closedAt")),
        ready_at=max((e.at for e in events if e.kind == "ready"), default=None),
        is_draft=node["isDraft"],
        base_ref=node.get("baseRefName") or "",
        head_ref=node.get("headRefName") or "",
        author=author,
        merged_by=person_of(node.get("mergedBy")),
        labels=tuple(sorted(n["name"] for n in _nodes(node, "labels"))),
        reviews=_reviews(node),
        comment_count=node.get("totalCommentsCount"),
        linked_issues=tuple(
            f"{n['repository']['nameWithOwner']}#{n['number']}" for n in _nodes(node, "closingIssuesReferences")
        ),
        profile=profile,
        events=events,
        comments=tuple(
            Comment(str(n["fullDatabaseId"]), cast(datetime, moment(n["createdAt"])), person_of(n.get("author")))
            for n in _nodes(node, "comments")
        ),
        counts=counts_of(node, profile),
        edited_at=moment(node.get("lastEditedAt")),
        edits=tuple(sorted(cast(datetime, moment(n["editedAt"])) for n in _nodes(node, "userContentEdits"))),
        author_association=node.get("authorAssociation") or "",
        review_decision=node.get("reviewDecision") or "",
        checks=(node.get("statusCheckRollup") or {}).get("state") or "",
        milestone=(node.get("milestone") or {}).get("title") or "",
        threads=None if threads is None else len(threads),
        unresolved_threads=None if threads is None else sum(not t["isResolved"] for t in threads),
    )


def _events(node: Node) -> tuple[Event, ...]:
    found = []
    for item in _nodes(node, "timelineItems"):
        kind = _EVENTS.get(item.get("__typename", ""))
        if kind and item.get("createdAt"):
            found.append(
                Event(kind, datetime.fromisoformat(item["createdAt"]), person_of(item.get("requestedReviewer")))
            )
    return tuple(found)


def _reviews(node: Node) -> tuple[Review, ...]:
    return tuple(
        Review(
            external_id=n["id"],
            state=n["state"].lower(),
            reviewer=person_of(n.get("author")),
            submitted_at=moment(n.get("submittedAt")),
        )
        for n in _nodes(node, "reviews")
        if n["state"] in _REVIEW_STATES
    )
