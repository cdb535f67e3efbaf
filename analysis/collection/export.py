"""Changes as plain JSON objects, one a line, in the order of landing: what `manage.py changes` prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Prefetch, Q

from analysis.collection.models import Change, Repository
from analysis.collection.part_models import ChangeContributor

_PAGE = 500


def change_objects(repository: Repository) -> Iterator[dict[str, Any]]:
    """One object a change, oldest first. Streams by pages; times carry their offset (UTC)."""
    people = ChangeContributor.objects.filter(role__in=["author", "co_author"]).select_related("contributor")
    rows = (
        Change.objects.filter(repository=repository)
        .order_by("sorted_at", "pk")
        .prefetch_related(Prefetch("participations", people.order_by("pk")), "links")
    )
    page = list(rows[:_PAGE])
    while page:
        yield from map(change_object, page)
        last = page[-1]
        later = Q(sorted_at__gt=last.sorted_at) | Q(sorted_at=last.sorted_at, pk__gt=last.pk)
        page = list(rows.filter(later)[:_PAGE])


def change_object(change: Change) -> dict[str, Any]:
    """One change with all that a program may want of it; null means unknown, and `unknown` says why."""
    return {
        "key": change.key,
        "number": change.number,
        "kind": change.kind,
        "merged": change.merged,
        "certainty": change.certainty,
        "certainty_reason": change.certainty_reason,
        "merge_commit": change.merge_commit or None,
        "base_sha": change.base_sha or None,
        "head_sha": change.head_sha or None,
        "title": change.title,
        "title_source": change.title_source,
        "body": change.body,
        "merged_at": _time(change.merged_at),
        "first_commit_time": _time(change.first_commit_at),
        "last_commit_time": _time(change.last_commit_at),
        "commits": change.commit_count,
        "authors": [
            {"name": one.contributor.display_name, "kind": one.contributor.kind, "role": one.role}
            for one in change.participations.all()
        ],
        "additions": change.landed_additions,
        "deletions": change.landed_deletions,
        "changed_files": change.landed_files,
        "proposed": {
            "additions": change.proposed_additions,
            "deletions": change.proposed_deletions,
            "changed_files": change.proposed_files,
        },
        "diff_method": change.diff_method,
        "language": change.language or None,
        "size_class": change.size_class or None,
        "counted_here": change.is_credited,
        "links": [{"kind": one.kind, "key": one.key, "sha": one.sha} for one in change.links.all()],
        "unknown": change.unknown,
        "vanished": change.vanished_reason or None,
    }


def _time(value: Any) -> str | None:
    return value.isoformat() if value else None
