"""From an estimate to its receipt, and back: what it stands on, its hash, and the derived receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.collection.browse import change_ref
from analysis.estimates.methods import effort_1, value_1_0
from analysis.estimates.models import Assumption, Estimate, OwnEffortModel
from analysis.estimates.outcomes import Outcome
from analysis.estimates.quantities import Quantity, Role
from evidence.canonical import sha256_of
from evidence.receipts import Derived, Input, Kind, derive

KINDS = {"value.difference": Kind.QUOTED}


def input_entries(
    inputs: Mapping[Role, Quantity], stands_on: Mapping[str, Assumption], outcome: Outcome
) -> list[dict[str, Any]]:
    """Return the inputs of an estimate as its row keeps them: name, reference and value of each.

    The quotation comes first, so that every receipt of the ladder shows the words it rests on.
    """
    said = {"quote": outcome.quote, "kind": outcome.kind, "unit": outcome.unit}
    entries: list[dict[str, Any]] = [{"name": "claim", "ref": outcome.ref, "value": said}]
    for role in sorted(inputs):
        quantity = inputs[role]
        row = stands_on.get(role.value) or (stands_on.get("before") if role is Role.DELTA else None)
        is_own = row is not None and quantity.key == f"assumption:{row.name}"
        ref = row.ref if row is not None and is_own else quantity.key
        entries.append({"name": role.value, "ref": ref, "value": quantity.document()})
    return entries


def basis_of(row: Estimate) -> str:
    """Return the hash of everything an estimate says, by which an unchanged one is left alone."""
    fields = ("level", "outcome", "outcome_key", "status", "reasons", "statement", "p10", "p50", "p90", "unit", "whose")
    said = {name: getattr(row, name) for name in (*fields, "method", "method_version", "inputs", "parameters")}
    return sha256_of(said)


def receipt_of(row: Estimate, version: str = "") -> Derived:
    """Return the receipt of an estimate that has a figure; its result is what the row says.

    Another ``version`` of the row's method computes its own result from the same inputs; it raises what the method
    raises where it cannot.
    """
    result = _stored_result(row) if version in {"", row.method_version} else None
    return derive(
        kind=KINDS.get(row.method, Kind.ESTIMATED),
        subject=change_ref(row.change),
        method=row.method,
        version=version or row.method_version,
        inputs=[_input(entry) for entry in row.inputs],
        parameters={name: setting for name, setting in row.parameters.items() if name != "more"},
        seed=None if row.level == Estimate.Level.EFFORT else value_1_0.SEED,
        result=result,
    )


def _stored_result(row: Estimate) -> dict[str, Any]:
    result: dict[str, Any] = {"p10": row.p10, "p50": row.p50, "p90": row.p90, "unit": row.unit}
    if row.currency:
        result["currency"] = row.currency
    return {**result, **row.parameters.get("more", {})}


def _input(entry: Mapping[str, Any]) -> Input:
    """A value that is not kept in the row (the numbers of a model) is named by its hash only."""
    if "value" in entry:
        return Input(entry["name"], entry["ref"], entry["value"])
    return Input(entry["name"], entry["ref"], effort_parameters(entry["ref"].partition(":")[2]), embed=False)


def effort_parameters(name: str) -> Mapping[str, Any]:
    """Return the numbers of an effort model, shipped or the owner's own; LookupError when there is none."""
    own = OwnEffortModel.objects.filter(name=name).first()
    if own is not None:
        found: Mapping[str, Any] = own.parameters
        return found
    try:
        return effort_1.shipped_parameters(name)
    except effort_1.EffortRefused as error:
        raise LookupError(str(error)) from None
