"""Stores what the API says beyond the shared rows. Runs inside the pipeline's transaction, after changes and people."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Model

from analysis.collection.bulk import insert
from analysis.collection.contributors import ContributorBook
from analysis.collection.github_models import Label, PullDetail, PullEvent, RawPayload, Review
from analysis.sources.github.details import GitHubPullDetails
from analysis.sources.records import ChangeRecord
from evidence.redaction import redact, redact_bytes

_SHORTEST_SECRET = 6  # an address such as a@b.io
_DETAIL_FIELDS = tuple(f.name for f in PullDetail._meta.get_fields() if f.name != "id")

Pair = tuple[int, ChangeRecord]  # a change's id, and what GitHub says of it
Told = tuple[int, GitHubPullDetails]


def store_api_details(pairs: Sequence[Pair], fresh: set[int], book: ContributorBook) -> int:
    """Replace details, reviews, labels, events and payloads of these changes; returns rows written."""
    written = _payloads([(change, record) for change, record in pairs if record.payload is not None])
    told = [(change, record.details) for change, record in pairs if isinstance(record.details, GitHubPullDetails)]
    if not told:
        return written
    written += insert(PullDetail, _DETAIL_FIELDS, map(_detail, told), unique=("change",))
    lists: tuple[tuple[type[Model], tuple[str, ...], Iterator[tuple[Any, ...]]], ...] = (
        (Review, _REVIEW_FIELDS, _reviews(told, book)),
        (Label, ("change", "name"), ((change, _safe(name, 100)) for change, one in told for name in one.labels)),
        (PullEvent, ("change", "position", "kind", "at"), _events(told)),
    )
    old = [change for change, _ in told if change not in fresh]
    for model, fields, rows in lists:
        if old:
            model._default_manager.filter(change__in=old).delete()
        written += insert(model, fields, rows)
    return written


def pack(raw: bytes) -> dict[str, Any]:
    """Columns of raw bytes: hash and size as they came, body redacted in memory and then compressed."""
    return {
        "sha256": hashlib.sha256(raw).hexdigest(),
        "size": len(raw),
        "body": zlib.compress(_without_secrets(raw), 6),
    }


def _without_secrets(raw: bytes) -> bytes:
    """JSON with each text in it redacted by itself: in raw bytes an escaped line break hides where a secret begins."""
    try:
        return json.dumps(_clean(json.loads(raw)), ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return redact_bytes(raw)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value).text if len(value) >= _SHORTEST_SECRET else value
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(item) for name, item in value.items()}
    return value


def unpack(body: bytes | memoryview) -> bytes:
    """The redacted bytes of a stored body."""
    return zlib.decompress(bytes(body)) if body else b""


def _safe(name: str, longest: int) -> str:
    """A name that people type (label, branch, milestone), without secrets."""
    return redact(name).text[:longest]


def _payloads(pairs: Sequence[Pair]) -> int:
    fields = ("change", "source", "erased_at", "sha256", "size", "body")
    rows = ((change, record.source, None, *pack(record.payload or b"").values()) for change, record in pairs)
    return insert(RawPayload, fields, rows, unique=("change", "source"))


def _detail(told: Told) -> tuple[Any, ...]:
    change, details = told
    values = {
        "change": change,
        "external_id": details.external_id,
        "profile": details.profile,
        "state": details.state,
        "is_draft": details.is_draft,
        "updated_at": details.updated_at,
        "edited_at": details.edited_at,
        "edits": details.counts["userContentEdits"].held if "userContentEdits" in details.counts else None,
        "base_ref": _safe(details.base_ref, 255),
        "head_ref": _safe(details.head_ref, 255),
        "author_association": details.author_association[:32],
        "review_decision": details.review_decision[:32],
        "checks": details.checks[:16],
        "milestone": _safe(details.milestone, 255),
        "comment_count": details.comment_count,
        "threads": details.threads,
        "unresolved_threads": details.unresolved_threads,
        "linked_issues": list(details.linked_issues),
        "counts": {name: [count.held, count.given] for name, count in sorted(details.counts.items())},
    }
    return tuple(map(values.__getitem__, _DETAIL_FIELDS))


_REVIEW_FIELDS = ("change", "external_id", "reviewer", "by_machine", "state", "submitted_at")


def _reviews(told: Sequence[Told], book: ContributorBook) -> Iterator[tuple[Any, ...]]:
    for change, details in told:
        for review in details.reviews:
            machine = review.reviewer is not None and review.reviewer.kind != "human"
            who = book.id_of(review.reviewer)
            yield change, review.external_id[:100], who, machine, review.state, review.submitted_at


def _events(told: Sequence[Told]) -> Iterator[tuple[Any, ...]]:
    for change, details in told:
        moments = [(event.at, str(event.kind)) for event in details.events]
        moments += [(comment.at, "commented") for comment in details.comments]
        moments += [(at, "edited") for at in details.edits]
        for position, (at, kind) in enumerate(sorted(moments)):
            yield change, position, kind, at
