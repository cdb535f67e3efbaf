"""GitHub's webhooks in plain Python: is a delivery genuine, what is it about, and what pull does it describe?

No Django here. The signature covers the raw bytes only: neither the headers nor a time are signed, so a body may come
again under another delivery id. What it says is therefore compared by the pull's own update time (see `newness`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from analysis.sources.github.details import GitHubPullDetails
from analysis.sources.github.mapping import person_of
from analysis.sources.records import Certainty, ChangeRecord, DiffStat, Kind, Person, TextPiece

VERSION = "1"
DELIVERY_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
EVENT = re.compile(r"[a-z0-9_]{1,64}")
PULL_EVENTS = frozenset(
    {"pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_review_thread"}
)
HINT_EVENTS = PULL_EVENTS | {"issue_comment", "issues", "push", "label", "check_suite", "status", "milestone"}
"""Events after which a repository may hold something new."""
Fate = Literal["pull", "hint", "repository", "ignored"]


class Refused(Exception):
    """A delivery that is not taken. `status` is the HTTP answer, `reason` a stable word for the counter."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


@dataclass(frozen=True)
class Event:
    """A genuine delivery, read."""

    name: str
    action: str
    delivery_id: str
    repository_id: int | None
    repository_name: str
    number: int | None
    payload: dict[str, Any]

    @property
    def fate(self) -> Fate:
        """What it is good for: the state of a pull, a hint to look, news of the repository, or nothing."""
        if self.name in PULL_EVENTS and isinstance(self.payload.get("pull_request"), dict):
            return "pull"
        if self.name == "repository":
            return "repository"
        return "hint" if self.name in HINT_EVENTS else "ignored"


def require_signature(secrets: Sequence[str], raw: bytes, header: str) -> None:
    """Raise Refused unless one of the secrets signed exactly these bytes."""
    usable = [secret for secret in secrets if secret]
    if not usable:
        raise Refused(401, "no_secret", "No webhook secret is set here: put it into GITHUB_WEBHOOK_SECRETS.")
    if not header.startswith("sha256="):
        raise Refused(401, "no_signature", "X-Hub-Signature-256 is missing: set a secret in the webhook's settings.")
    given = header.removeprefix("sha256=").encode("ascii", "replace")
    matches = [
        hmac.compare_digest(hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest().encode(), given)
        for secret in usable
    ]
    if not any(matches):
        raise Refused(401, "bad_signature", "The signature does not match: is the secret the same on both sides?")


def read(raw: bytes, *, event: str, delivery_id: str, content_type: str) -> Event:
    """The delivery as an Event. Raises Refused for what no GitHub sends."""
    if not EVENT.fullmatch(event):
        raise Refused(400, "no_event", "X-GitHub-Event is missing or is no event's name.")
    if not DELIVERY_ID.fullmatch(delivery_id):
        raise Refused(400, "no_delivery_id", "X-GitHub-Delivery is missing or is no delivery id.")
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "content_type", "Choose the content type application/json in the webhook's settings.")
    try:
        payload = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused(400, "bad_json", "The body is not JSON in UTF-8, or is nested too deep.") from None
    if not isinstance(payload, dict):
        raise Refused(400, "bad_json", "The body is JSON but not an object.")
    repository = payload.get("repository")
    if not isinstance(repository, dict):
        repository = {}
    return Event(
        name=event,
        action=_text(payload.get("action"), 64),
        delivery_id=delivery_id,
        repository_id=_number(repository.get("id"), 1 << 62),
        repository_name=_text(repository.get("full_name"), 200),
        number=_pull_number(payload),
        payload=payload,
    )


def _text(value: Any, longest: int) -> str:
    return value.replace("\0", "")[:longest] if isinstance(value, str) else ""


def _number(value: Any, largest: int) -> int | None:
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 < value < largest
    return value if usable else None


def _pull_number(payload: dict[str, Any]) -> int | None:
    pull, issue = payload.get("pull_request"), payload.get("issue")
    if isinstance(pull, dict):
        return _number(pull.get("number"), 1 << 31)
    if isinstance(issue, dict) and issue.get("pull_request"):
        return _number(issue.get("number"), 1 << 31)
    return None


def newness(record: ChangeRecord) -> tuple[str, bool, bool]:
    """Sorts what was said of one pull: by update time, and within a second the final state goes last."""
    details = record.details
    at = details.updated_at if details else None
    ended = details is not None and details.state != "open"
    return (at.isoformat() if at else "", ended, bool(record.merged))


def record_of(payload: dict[str, Any]) -> ChangeRecord:
    """The pull that a payload describes, in REST's words. Raises KeyError, TypeError or ValueError if it is none."""
    pull = payload["pull_request"]
    raw = json.dumps(pull, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    merged_at = _when(pull.get("merged_at"))
    merged = merged_at is not None
    author, merger = _person(pull.get("user")), _person(pull.get("merged_by"))
    body = pull.get("body") or ""
    kind: Kind = "unlanded_or_unknown"
    certainty: Certainty = "likely" if merged else "certain"
    return ChangeRecord(
        source="webhook",
        source_version=VERSION,
        fingerprint=hashlib.sha256(f"{VERSION}\n".encode() + raw).hexdigest(),
        number=int(pull["number"]),
        kind=kind,
        merged=merged,
        certainty=certainty,
        certainty_reason="GitHub's webhook says " + ("merged, not how" if merged else "not merged"),
        title=str(pull["title"]),
        title_source="webhook",
        body=body,
        body_source="webhook",
        merge_commit=pull.get("merge_commit_sha") if merged else None,
        base_sha=pull["base"]["sha"],
        head_sha=pull["head"]["sha"],
        merged_at=merged_at,
        commits=pull.get("commits"),
        authors=(author,) if author else (),
        merged_by=merger,
        proposed=_proposed(pull),
        texts=(
            TextPiece("title", str(pull["title"]), "webhook"),
            TextPiece("body", body, "webhook", written_at=_when(pull["created_at"])),
        ),
        unknown={"landed": "a webhook does not say what reached the default branch"},
        details=_details(pull, author, merger),
        payload=raw,
    )


def _proposed(pull: dict[str, Any]) -> DiffStat | None:
    """The totals of the pull, None where one of them is missing."""
    sizes = [pull.get(name) for name in ("additions", "deletions", "changed_files")]
    added, deleted, files = (size if isinstance(size, int) else -1 for size in sizes)
    if -1 in (added, deleted, files):
        return None
    return DiffStat(added, deleted, files, "GitHub webhook: the pull's own totals")


def _details(pull: dict[str, Any], author: Person | None, merger: Person | None) -> GitHubPullDetails:
    """What GitHub alone knows of a pull."""
    merged = pull.get("merged_at") is not None
    return GitHubPullDetails(
        external_id=str(pull["node_id"]),
        url=str(pull["html_url"]),
        state="merged" if merged else ("closed" if pull["state"] == "closed" else "open"),
        opened_at=_when(pull["created_at"]),
        updated_at=_when(pull["updated_at"]),
        closed_at=_when(pull.get("closed_at")),
        is_draft=pull.get("draft"),
        base_ref=pull["base"].get("ref") or "",
        head_ref=pull["head"].get("ref") or "",
        author=author,
        merged_by=merger,
        labels=tuple(sorted(label["name"] for label in pull.get("labels") or [])),
        comment_count=pull.get("comments"),
        profile="webhook",
        author_association=pull.get("author_association") or "",
    )


def _when(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def _person(user: Any) -> Person | None:
    if not isinstance(user, dict):
        return None
    return person_of({"__typename": user.get("type"), "login": user.get("login"), "databaseId": user.get("id")})
