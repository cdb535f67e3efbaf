"""Totals of estimates: draws are added, and one outcome counts once.

A total is computed after its parts, in the background, and its receipt is frozen since a page shows it. It adds public
estimates only: of one repository, and of all. The owner's share and the team's figures are never added to each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet, Sum

from analysis.collection.browse import change_ref, public_changes
from analysis.estimates.methods import value_1_0
from analysis.estimates.models import Estimate, EstimateTotal
from analysis.estimates.quantities import Role
from evidence.receipts import Derived, Input, Kind, derive
from evidence.services import freeze

ROLES = frozenset(role.value for role in Role)
ADDED = (Estimate.Level.L3, Estimate.Level.L4)
MOST_PARTS = 5000
"""Of more parts than this there is no total: its receipt would name every one of them."""


class NothingToTotal(ValueError):
    """No estimate of these has a figure, or they are of several units; the message says which."""


@dataclass(frozen=True, slots=True)
class Group:
    """What may be added: estimates of one level, unit and share, of one repository or (None) of all."""

    repository_id: int | None
    level: str
    unit: str
    whose: str


@dataclass(frozen=True, slots=True)
class Parts:
    """Which estimates a group has now: how many, and the sum of their ids (a changed estimate is another row)."""

    count: int
    mark: int


def total_of(rows: Iterable[Estimate], subject: str = "estimates:chosen") -> Derived:
    """Return the receipt of the total of L3 or of L4 estimates of one unit. Raises NothingToTotal.

    Each part names its estimate's change; the total's inputs are the parts' own inputs, so that the receipt verifies
    without a look at the database.
    """
    known = [row for row in rows if row.status == Estimate.Status.OK and row.level in ADDED]
    kinds = {(row.level, row.unit, row.whose) for row in known}
    if len(kinds) != 1:
        raise NothingToTotal(f"a total needs estimates of one level, unit and share, not {sorted(kinds) or 'none'}")
    return derive(
        kind=Kind.ESTIMATED,
        subject=subject,
        method="value.total",
        version=value_1_0.VERSION,
        inputs=[_part(at, row) for at, row in enumerate(sorted(known, key=_order), start=1)],
        parameters={"whose": known[0].whose},
        seed=value_1_0.SEED,
    )


def groups() -> dict[Group, Parts]:
    """Return every group of public estimates with figures, and its parts; two queries."""
    rows = _added().values("change__repository_id", "level", "unit", "whose")
    counted = rows.annotate(many=Count("pk"), mark=Sum("pk")).order_by("change__repository_id", "level", "unit")
    found: dict[Group, Parts] = {}
    for row in counted:
        for repository_id in (row["change__repository_id"], None):
            group = Group(repository_id, row["level"], row["unit"], row["whose"])
            known = found.get(group, Parts(0, 0))
            found[group] = Parts(known.count + row["many"], known.mark + row["mark"])
    return found


@transaction.atomic
def refresh() -> int:
    """Compute again each total whose parts have changed, drop those that have none; return how many rows changed."""
    stored = {_group(row): row for row in EstimateTotal.objects.select_for_update().order_by("pk")}
    changed = 0
    for group, parts in groups().items():
        old = stored.pop(group, None)
        if old is not None and (old.parts, old.mark) == (parts.count, parts.mark):
            continue
        if old is not None:
            old.delete()
        if parts.count <= MOST_PARTS:
            _store(group)
        changed += 1
    for row in stored.values():
        row.delete()
        changed += 1
    return changed


def current_totals() -> list[EstimateTotal]:
    """Return the totals whose parts are what they were: all before one repository's, money last."""
    now = groups()
    rows = EstimateTotal.objects.select_related("repository").order_by("repository__name", "level", "unit", "whose")
    found = [row for row in rows if now.get(_group(row)) == Parts(row.parts, row.mark)]
    return sorted(found, key=lambda row: row.repository_id is not None)


def subject_of(group: Group, repository_key: str) -> str:
    """Return how receipts name what a total is about."""
    return f"total:{repository_key or 'all'}#{group.level}/{group.whose}/{group.unit}"


def _store(group: Group) -> None:
    rows = list(
        _added()
        .filter(level=group.level, unit=group.unit, whose=group.whose)
        .filter(**({} if group.repository_id is None else {"change__repository_id": group.repository_id}))
        .select_related("change__repository")
        .order_by("pk")[: MOST_PARTS + 1]
    )
    key = rows[0].change.repository.key if group.repository_id is not None else ""
    receipt = total_of(rows, subject_of(group, key))
    result: Mapping[str, Any] = receipt.result
    EstimateTotal.objects.create(
        repository_id=group.repository_id,
        level=group.level,
        unit=group.unit,
        whose=group.whose,
        p10=result["p10"],
        p50=result["p50"],
        p90=result["p90"],
        outcomes=result["outcomes"],
        left_out=result["left_out_as_the_same_outcome"],
        parts=len(rows),
        mark=sum(row.pk for row in rows),
        receipt=freeze(receipt).id,
    )


def _added() -> QuerySet[Estimate]:
    return Estimate.objects.filter(status=Estimate.Status.OK, level__in=ADDED, change__in=public_changes())


def _group(row: EstimateTotal) -> Group:
    return Group(row.repository_id, row.level, row.unit, row.whose)


def _order(row: Estimate) -> tuple[str, str]:
    return change_ref(row.change), row.outcome


def _part(at: int, row: Estimate) -> Input:
    """Parts are numbered in the order of change and outcome: of one outcome's parts the first counts."""
    inputs = {entry["name"]: entry["value"] for entry in row.inputs if entry["name"] in ROLES}
    said = {"outcome": row.outcome_key or row.outcome, "level": row.level, "receipt": row.receipt, "inputs": inputs}
    return Input(f"part {at:05d}", change_ref(row.change), said)
