"""Stores what the API says beyond the shared rows. Runs inside the pipeline's transaction, after changes and people."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from typing import Any

from analysis.collection.contributors import ContributorBook
from analysis.collection.github_models import Label, PullDetail, PullEvent, RawPayload, Review
from analysis.collection.models import Change
from analysis.sources.github.details import GitHubPullDetails
from analysis.sources.records import ChangeRecord
from evidence.redaction import redact, redact_bytes

_CHUNK = 500
_SHORTEST_SECRET = 6  # an address such as a@b.io
_DETAIL_FIELDS = tuple(f.name for f in PullDetail._meta.get_fields() if f.name not in ("id", "change"))

Pair = tuple[Change, ChangeRecord]


def store_api_details(pairs: Sequence[Pair], book: ContributorBook) -> int:
    """Replace details, reviews, labels, events and payloads of these changes; returns rows written."""
    written = _payloads([(change, record) for change, record in pairs if record.payload is not None])
    told = [
        (change, record, record.details) for change, record in pairs if isinstance(record.details, GitHubPullDetails)
    ]
    if not told:
        return written
    ids = [change.pk for change, _, _ in told]
    rows = [_detail(change, record, details) for change, record, details in told]
    PullDetail.objects.bulk_create(
        rows, batch_size=_CHUNK, update_conflicts=True, unique_fields=["change"], update_fields=_DETAIL_FIELDS
    )
    reviews = [review for change, _, details in told for review in _reviews(change, details, book)]
    labels = [Label(change=change, name=_safe(name, 100)) for change, _, details in told for name in details.labels]
    events = [event for change, _, details in told for event in _events(change, details)]
    for model, new in ((Review, reviews), (Label, labels), (PullEvent, events)):
        model.objects.filter(change__in=ids).delete()
        model.objects.bulk_create(new, batch_size=_CHUNK, ignore_conflicts=True)  # type: ignore[arg-type]
    return written + len(rows) + len(reviews) + len(labels) + len(events)


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
    rows = [
        RawPayload(change=change, source=record.source, erased_at=None, **pack(record.payload or b""))
        for change, record in pairs
    ]
    RawPayload.objects.bulk_create(
        rows,
        batch_size=200,
        update_conflicts=True,
        unique_fields=["change", "source"],
        update_fields=["sha256", "size", "body", "erased_at"],
    )
    return len(rows)


def _detail(change: Change, record: ChangeRecord, details: GitHubPullDetails) -> PullDetail:
    return PullDetail(
        change=change,
        external_id=details.external_id,
        profile=details.profile,
        state=details.state,
        is_draft=details.is_draft,
        updated_at=details.updated_at,
        edited_at=details.edited_at,
        edits=details.counts["userContentEdits"].held if "userContentEdits" in details.counts else None,
        base_ref=_safe(details.base_ref, 255),
        head_ref=_safe(details.head_ref, 255),
        author_association=details.author_association[:32],
        review_decision=details.review_decision[:32],
        checks=details.checks[:16],
        milestone=_safe(details.milestone, 255),
        comment_count=details.comment_count,
        threads=details.threads,
        unresolved_threads=details.unresolved_threads,
        linked_issues=list(details.linked_issues),
        counts={name: [count.held, count.given] for name, count in sorted(details.counts.items())},
    )


def _reviews(change: Change, details: GitHubPullDetails, book: ContributorBook) -> list[Review]:
    return [
        Review(
            change=change,
            external_id=review.external_id[:100],
            reviewer_id=book.id_of(review.reviewer),
            by_machine=review.reviewer is not None and review.reviewer.kind != "human",
            state=review.state,
            submitted_at=review.submitted_at,
        )
        for review in details.reviews
    ]


def _events(change: Change, details: GitHubPullDetails) -> list[PullEvent]:
    moments = [(event.at, str(event.kind)) for event in details.events]
    moments += [(comment.at, "commented") for comment in details.comments]
    moments += [(at, "edited") for at in details.edits]
    return [
        PullEvent(change=change, position=position, kind=kind, at=at)
        for position, (at, kind) in enumerate(sorted(moments))
    ]
