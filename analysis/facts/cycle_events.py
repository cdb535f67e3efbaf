"""The events of pulls that the API told of, as the plain values from which receipts compute cycle times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import BooleanField, Value

from analysis.collection.github_models import PullDetail, PullEvent, Review
from analysis.collection.models import Change

_TURNS = (PullEvent.Kind.READY, PullEvent.Kind.DRAFT)


def iso(time: datetime) -> str:
    """A time as receipts hold it: ISO 8601 in UTC."""
    return time.astimezone(UTC).isoformat()


def cycle_events(changes: Sequence[Change], authored: Mapping[int, Sequence[str]]) -> dict[int, dict[str, Any]]:
    """{change: its events} of the changes that GitHub spoke of, in at most two queries; see cycle_times.pull_of."""
    drafts = _drafts(changes)
    turns: dict[int, list[list[str]]] = defaultdict(list)
    reviews: dict[int, list[list[Any]]] = defaultdict(list)
    for change, at, what, machine in _happened(list(drafts)):
        if machine is None:
            turns[change].append([at, what])
        else:
            reviews[change].append([what, at, machine])
    return {
        change.pk: {
            "first_commit": min(authored[change.pk], default=_text(change.first_commit_at)),
            "opened": _text(change.opened_at),
            "merged": _text(change.merged_at),
            "closed": _text(change.closed_at),
            "is_draft": drafts[change.pk],
            "turns": turns[change.pk],
            "reviews": reviews[change.pk],
        }
        for change in changes
        if change.pk in drafts
    }


def _happened(changes: list[int]) -> list[tuple[int, str, str, bool | None]]:
    """(change, when, what, whether a machine did it) of turns (None) and reviews, in order of time, in one query."""
    if not changes:
        return []
    nobody = Value(None, output_field=BooleanField(null=True))
    turns = PullEvent.objects.filter(change__in=changes, kind__in=_TURNS)
    reviews = Review.objects.filter(change__in=changes, submitted_at__isnull=False)
    found = turns.values_list("change_id", "at", "kind", nobody).union(
        reviews.values_list("change_id", "submitted_at", "state", "by_machine"), all=True
    )
    rows = [(change, iso(at), what, machine) for change, at, what, machine in found if at is not None]
    return sorted(rows, key=lambda row: (row[0], row[1], row[2]))


def _drafts(changes: Sequence[Change]) -> dict[int, bool | None]:
    """{change: whether it is a draft now} of those that GitHub spoke of."""
    if all("pull_detail" in change._state.fields_cache for change in changes):
        found = ((change.pk, change._state.fields_cache["pull_detail"]) for change in changes)
        return {pk: detail.is_draft for pk, detail in found if detail is not None}
    pulls = [change.pk for change in changes if change.number is not None]
    return dict(PullDetail.objects.filter(change__in=pulls).values_list("change_id", "is_draft")) if pulls else {}


def _text(time: datetime | None) -> str | None:
    return iso(time) if time else None
