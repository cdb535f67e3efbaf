"""Load what facts are computed from, for many changes in a bounded number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import models

from analysis.collection.browse import change_ref
from analysis.collection.models import Change
from analysis.collection.part_models import ChangeContributor, ChangedFile, Commit
from analysis.facts.cycle_events import cycle_events, iso
from analysis.facts.definitions import Material
from analysis.facts.models import ChangeFacts, LineSurvival

Row = TypeVar("Row", bound=models.Model)
_ROLES = (ChangeContributor.Role.AUTHOR, ChangeContributor.Role.CO_AUTHOR)


def load(changes: Sequence[Change], tip: str | None = None) -> dict[int, Material]:
    """Material of each change by id, in at most seven queries; `repository` must be loaded with the changes."""
    ids = [change.pk for change in changes]
    files = _files(ids)
    people = _people(ids)
    authored = _authored(ids)
    later = {row.pk: row.later for row in _beside(changes, "facts", ChangeFacts)}
    blame = {row.pk: row for row in _beside(changes, "survival", LineSurvival)}
    cycle = cycle_events(changes, authored)
    return {
        change.pk: _material(
            change,
            files[change.pk],
            people[change.pk],
            authored[change.pk],
            later.get(change.pk, {}),
            blame.get(change.pk),
            cycle.get(change.pk),
        )
        for change in changes
    }


def _beside(changes: Sequence[Change], name: str, model: type[Row]) -> list[Row]:
    """The rows that lie beside the changes, one to one; no query where they were loaded with the changes."""
    if all(name in change._state.fields_cache for change in changes):
        return [row for change in changes if (row := change._state.fields_cache[name]) is not None]
    return list(model._default_manager.filter(pk__in=[change.pk for change in changes]))


def totals(change: Change, side: str) -> dict[str, Any] | None:
    """The stated totals of a diff with the commits and flags that it was taken from; needs no query."""
    if getattr(change, f"{side}_files") is None:
        return None
    return {
        "additions": getattr(change, f"{side}_additions"),
        "deletions": getattr(change, f"{side}_deletions"),
        "files": getattr(change, f"{side}_files"),
        "head": change.merge_commit if side == "landed" else change.head_sha,
        "base": change.base_sha,
        "flags": change.diff_method,
    }


def _material(
    change: Change,
    files: list[list[Any]],
    people: list[list[str]],
    authored: list[str],
    later: dict[str, Any],
    blame: LineSurvival | None,
    cycle: dict[str, Any] | None,
) -> Material:
    landed = totals(change, "landed")
    return Material(
        ref=change_ref(change),
        landed=landed,
        proposed=totals(change, "proposed"),
        files=files if landed is not None else None,
        proposed_lines=change.proposed_lines if change.proposed_files is not None else None,
        commits=change.commit_count,
        people=people,
        authored=authored,
        merged_at=iso(change.merged_at) if change.merged_at else None,
        unknown=change.unknown,
        reverted=later.get("reverted"),
        fixed=later.get("fixed"),
        tip=later.get("tip", "") if blame is None else blame.tip_sha,
        blame={"alive": blame.alive, "added": blame.added, "tip": blame.tip_sha} if blame else None,
        cycle=cycle,
    )


def _files(ids: list[int]) -> dict[int, list[list[Any]]]:
    rows = ChangedFile.objects.filter(change__in=ids).order_by("change_id", "path")
    out: dict[int, list[list[Any]]] = defaultdict(list)
    for change, *row in rows.values_list("change_id", "path", "additions", "deletions", "category", "language"):
        out[change].append(row)
    return out


def files_of(change: Change) -> list[list[Any]]:
    """The files of one change as receipts name them."""
    return _files([change.pk])[change.pk]


def _people(ids: list[int]) -> dict[int, list[list[str]]]:
    rows = ChangeContributor.objects.filter(change__in=ids, role__in=_ROLES)
    out: dict[int, list[list[str]]] = defaultdict(list)
    for change, name, kind in rows.values_list("change_id", "contributor__display_name", "contributor__kind"):
        out[change].append([name, kind])
    return defaultdict(
        list, {change: sorted(map(list, {tuple(one) for one in found})) for change, found in out.items()}
    )


def _authored(ids: list[int]) -> dict[int, list[str]]:
    rows = Commit.objects.filter(change__in=ids, is_merge=False).values_list("change_id", "authored_at")
    out: dict[int, list[str]] = defaultdict(list)
    for change, time in rows:
        out[change].append(iso(time))
    return defaultdict(list, {change: sorted(times) for change, times in out.items()})
