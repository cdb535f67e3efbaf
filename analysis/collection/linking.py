"""Count once: which changes landed the same diff, and which lines are counted with another change.

Derived from what is stored, after every collection; writes only what differs.
"""

from __future__ import annotations

from django.db.models import Count

from analysis.collection.models import Change, Repository
from analysis.collection.part_models import ChangeLink


def link(repository: Repository) -> int:
    """Set `same_as` and `is_credited` of a repository's changes; returns rows written.

    The first landing of a diff gets the credit. A landing that carries other pulls' commits leaves the credit to them
    when it is a bare merge of branches, and takes it when it is a pull request of its own.
    """
    first = _first_landings(repository)
    uncredited = _carried(repository) | set(first)
    changes = Change.objects.filter(repository=repository)
    current: dict[int, int | None] = dict(changes.exclude(same_as=None).values_list("pk", "same_as_id"))
    written = 0
    for pk in sorted(current.keys() | first.keys()):
        if current.get(pk) != first.get(pk):
            written += Change.objects.filter(pk=pk).update(same_as=first.get(pk))
    credited = set(changes.filter(is_credited=False).values_list("pk", flat=True))
    written += _set(uncredited - credited, False) + _set(credited - uncredited, True)
    return written


def _set(ids: set[int], value: bool) -> int:
    rows, size = sorted(ids), 500
    return sum(
        Change.objects.filter(pk__in=rows[start : start + size]).update(is_credited=value)
        for start in range(0, len(rows), size)
    )


def _first_landings(repository: Repository) -> dict[int, int]:
    """{change: the earlier change that landed the same diff}."""
    landed = Change.objects.filter(repository=repository, vanished_at=None).exclude(patch_id="")
    twice = landed.values("patch_id").annotate(count=Count("pk")).filter(count__gt=1).values("patch_id")
    rows = landed.filter(patch_id__in=twice).order_by("patch_id", "sorted_at", "key").values_list("patch_id", "pk")
    first: dict[str, int] = {}
    out: dict[int, int] = {}
    for patch, pk in rows:
        if patch in first:
            out[pk] = first[patch]
        else:
            first[patch] = pk
    return out


def _carried(repository: Repository) -> set[int]:
    """Changes whose lines are counted with another: inside a pull of its own, or a bare merge around pulls."""
    out: set[int] = set()
    inside = ChangeLink.objects.filter(change__repository=repository, kind=ChangeLink.Kind.CONTAINED_IN)
    for pk, kind, key in inside.values_list("change_id", "change__kind", "key"):
        if key.startswith("pull:") or kind == Change.Kind.ANCESTOR:
            out.add(pk)
    around = ChangeLink.objects.filter(
        change__repository=repository, kind=ChangeLink.Kind.CONTAINS, change__kind=Change.Kind.DIRECT
    )
    keys = set(around.values_list("change_id", "key"))
    landed = set(
        Change.objects.filter(repository=repository, key__in={key for _, key in keys})
        .exclude(kind=Change.Kind.ANCESTOR)
        .values_list("key", flat=True)
    )
    return out | {pk for pk, key in keys if key in landed}
