"""Predict the types of a repository's changes and keep them; take reviews; hand labels on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from analysis.change_types.labels import TYPES
from analysis.change_types.models import ChangeType, TypeReview
from analysis.change_types.spec import MODEL, inputs_of
from analysis.collection.models import Change, Repository
from evidence import audit
from mlops import queries as platform
from mlops import services as mlops

BATCH = 500
Progress = Callable[[int, int, str], None]


class ReviewRefused(ValueError):
    """The review does not fit the prediction; the message says why."""


def predict_types(
    repository: Repository, *, progress: Progress | None = None, guard: Callable[[], None] | None = None
) -> int:
    """Bring the predicted types of a repository up to date with titles, paths and the champion; returns rows written.

    A change is asked about again only when its input or the champion changed, so that a second run writes nothing.
    """
    version = platform.champion_name(MODEL)
    total = Change.objects.filter(repository=repository).count()
    written = done = 0
    last = 0
    while batch := list(
        Change.objects.filter(repository=repository, pk__gt=last).order_by("pk").prefetch_related("files")[:BATCH]
    ):
        last = batch[-1].pk
        with transaction.atomic():
            if guard:
                guard()
            written += _predict(batch, version)
        done += len(batch)
        if progress:
            progress(done, total, "predicting types")
    return written


def _predict(changes: Sequence[Change], version: str) -> int:
    current = {row.change_id: row for row in ChangeType.objects.filter(change__in=changes, is_current=True)}
    asked: list[tuple[Change, dict[str, Any], str]] = []
    for change in changes:
        inputs = inputs_of(change.title, sorted(file.path for file in change.files.all()))
        digest = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
        known = current.get(change.pk)
        if known is None or known.input_sha256 != digest or known.version != version or known.degraded:
            asked.append((change, inputs, digest))
    served = mlops.predict(MODEL, [inputs for _, inputs, _ in asked], keys=[f"change:{c.pk}" for c, _, _ in asked])
    rows = []
    for (change, _, digest), one in zip(asked, served, strict=True):
        row = ChangeType(
            change=change,
            version=one.version,
            type=one.answer["type"] or "",
            probability=one.answer["probability"] if one.answer["type"] else 0.0,
            reason=str(one.answer.get("reason") or "")[:80],
            degraded=one.degraded,
            input_sha256=digest,
        )
        known = current.get(change.pk)
        if known is None or (known.version, known.input_sha256) != (row.version, row.input_sha256):
            rows.append(row)
    ids = [row.change_id for row in rows]
    ChangeType.objects.filter(change_id__in=ids, is_current=True).update(is_current=False)
    for row in rows:
        ChangeType.objects.filter(change_id=row.change_id, version=row.version, input_sha256=row.input_sha256).delete()
    ChangeType.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def review(*, change: Change, type_: str, actor: Any, note: str = "") -> TypeReview:
    """Say what type a change has ("": none of the ten). It stands over predictions and is told to the monitors."""
    if type_ not in ("", *TYPES):
        raise ReviewRefused(f"{type_} is none of the ten types: {', '.join(TYPES)}.")
    predicted = ChangeType.objects.filter(change=change, is_current=True).first()
    said = predicted.type if predicted else ""
    decision = TypeReview.Decision.REJECTED if not type_ else (
        TypeReview.Decision.ACCEPTED if type_ == said else TypeReview.Decision.CORRECTED
    )  # fmt: skip
    before = TypeReview.objects.filter(change=change).values("decision", "type", "note").first()
    row, _ = TypeReview.objects.update_or_create(
        change=change,
        defaults={
            "decision": decision,
            "type": type_,
            "predicted": said,
            "version": predicted.version if predicted else "",
            "note": note,
            "reviewed_by": actor,
            "reviewed_at": timezone.now(),
        },
    )
    after = {"decision": decision, "type": type_, "note": note}
    audit.record(actor=actor, action="change_types.review", target=change, before=before, after=after)
    mlops.label(MODEL, key=f"change:{change.pk}", label=type_, is_right=lambda answer: answer.get("type") == type_)
    return row


def consider_training() -> None:
    """Let the platform count the labels that collection and curation gave, and train when there are enough."""
    mlops.consider_training(model=MODEL)


def export_labels() -> Iterator[dict[str, Any]]:
    """Every decision as a labelled row: id, inputs, label, decision, who decided is left out."""
    rows = TypeReview.objects.select_related("change__repository").order_by("id")
    for row in rows.prefetch_related("change__files").iterator(chunk_size=500):
        paths = sorted(file.path for file in row.change.files.all())
        yield {
            "id": f"{row.change.repository.key} {row.change.key}",
            **inputs_of(row.change.title, paths),
            "label": row.type,
            "decision": row.decision,
            "predicted": row.predicted,
            "version": row.version,
            "at": row.reviewed_at.isoformat(),
        }


def type_of(change: Change) -> tuple[str, str]:
    """The type that counts and where it comes from: "reviewed" before "predicted"; ("", "unknown") without either."""
    given = TypeReview.objects.filter(change=change).first()
    if given is not None:
        return given.type, "reviewed"
    found = ChangeType.objects.filter(change=change, is_current=True).first()
    return (found.type, "predicted") if found else ("", "unknown")


def counts_by_type() -> dict[str, int]:
    """How many changes the present predictions put under each type."""
    rows = ChangeType.objects.filter(is_current=True).exclude(type="").order_by().values("type").annotate(n=Count("id"))
    return {row["type"]: row["n"] for row in rows}
