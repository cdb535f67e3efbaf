"""Totals of estimates: draws are added, and one outcome counts once."""

from __future__ import annotations

from collections.abc import Iterable

from analysis.collection.browse import change_ref
from analysis.estimates.methods import value_1_0
from analysis.estimates.models import Estimate
from analysis.estimates.quantities import Role
from evidence.receipts import Derived, Input, Kind, derive

ROLES = frozenset(role.value for role in Role)


class NothingToTotal(ValueError):
    """No estimate of these has a figure, or they are of several units; the message says which."""


def total_of(rows: Iterable[Estimate], subject: str = "estimates:chosen") -> Derived:
    """Return the receipt of the total of L3 or of L4 estimates of one unit. Raises NothingToTotal.

    Each part names its estimate's change; the total's inputs are the parts' own inputs, so that the receipt verifies
    without a look at the database.
    """
    known = [row for row in rows if row.status == Estimate.Status.OK and row.level in {"L3", "L4"}]
    kinds = {(row.level, row.unit, row.whose) for row in known}
    if len(kinds) != 1:
        raise NothingToTotal(f"a total needs estimates of one level, unit and share, not {sorted(kinds) or 'none'}")
    return derive(
        kind=Kind.ESTIMATED,
        subject=subject,
        method="value.total",
        version=value_1_0.VERSION,
        inputs=[_part(row) for row in sorted(known, key=lambda row: (change_ref(row.change), row.outcome))],
        parameters={"whose": known[0].whose},
        seed=value_1_0.SEED,
    )


def _part(row: Estimate) -> Input:
    inputs = {entry["name"]: entry["value"] for entry in row.inputs if entry["name"] in ROLES}
    reference = change_ref(row.change)
    said = {"outcome": row.outcome_key or row.outcome, "level": row.level, "inputs": inputs}
    return Input(f"{reference} {row.outcome}", reference, said)
