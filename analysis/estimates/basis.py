"""What would change if this were wrong: from a claim, an assumption or a change to every figure that stands on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from analysis.claims.models import Claim
from analysis.collection.browse import change_by_ref, change_ref, public_changes
from analysis.collection.models import Change
from analysis.estimates.methods import value_1_0
from analysis.estimates.models import Assumption, Estimate, EstimateInput
from analysis.estimates.quantities import Quantity, Role
from analysis.estimates.queries import figure_of_row
from analysis.estimates.sensitivity import fixed
from analysis.estimates.simulate import draw_all, range_of
from evidence.figures import Figure, figure_of
from evidence.receipts import Derived, Input, Kind, derive

MOST = 500
WEIGHED = 20


@dataclass(frozen=True, slots=True)
class Weight:
    """How much one estimate hangs on an assumption: its P50 with the assumption at its P10 and at its P90.

    Without ends where the assumption is a point, or is no factor of the estimate as such (the base of a share).
    """

    estimate: Estimate
    ends: tuple[Derived, Derived] | None


@dataclass(frozen=True, slots=True)
class Hanging:
    """One figure that would change, and between what it moves with an assumption (None for a claim or a point)."""

    change: Change
    level: str
    whose: str
    figure: Figure
    low: Figure | None = None
    high: Figure | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """A claim, an assumption or a change with the public figures on it; ``more`` says that further ones are not listed.

    ``claim``, ``assumption`` or ``change`` is given; ``newest`` is the assumption's current version, None once it is
    withdrawn.
    """

    ref: str
    rows: Sequence[Hanging]
    more: bool
    claim: Claim | None = None
    assumption: Assumption | None = None
    newest: Assumption | None = None
    change: Change | None = None


def uses(assumption: Assumption) -> QuerySet[Estimate]:
    """Return the estimates that stand on an assumption, by change and level."""
    links = EstimateInput.objects.filter(assumption=assumption).values("estimate")
    return (
        Estimate.objects.filter(pk__in=links)
        .select_related("change__repository")
        .order_by("change", "outcome", "level")
    )


def standing_on(reference: str) -> list[Estimate]:
    """Return at most 500 estimates that would change if the claim or assumption of this reference were wrong."""
    kind, _, identifier = reference.partition(":")
    found = Estimate.objects.select_related("change__repository").order_by("pk")
    if kind == "claim":
        return list(found.filter(outcome=reference)[:MOST])
    name, _, version = identifier.partition("@")
    links = EstimateInput.objects.filter(assumption__name=name)
    if version.isdigit() and len(version) < 10:
        links = links.filter(assumption__version=int(version))
    return list(found.filter(pk__in=links.values("estimate"))[:MOST])


def basis(reference: str) -> Basis | None:
    """Return a claim, assumption or change (``claim:key``, ``assumption:name@version``) and what stands on it.

    None for what does not exist, and for what no visitor can see: a claim of a hidden change, an assumption that no
    public estimate used.
    """
    if reference.startswith("claim:"):
        return _of_claim(reference)
    if reference.startswith("change:"):
        return _of_change(reference)
    return _of_assumption(reference) if reference.startswith("assumption:") else None


def weights(assumption: Assumption, limit: int = WEIGHED) -> list[Weight]:
    """Return how the first estimates that stand on an assumption would move with it; L3 and L4 only."""
    rows = uses(assumption).filter(status=Estimate.Status.OK, level__in=["L3", "L4"])[:limit]
    return [_weight(row, assumption) for row in rows]


def basis_receipts(reference: str) -> Iterator[Derived]:
    """Return the receipts of how much each public estimate hangs on an assumption, derived again."""
    found = _assumption(reference)
    shown = _public_ids(uses(found)) if found is not None else set()
    for weight in weights(found) if found is not None and shown else ():
        if weight.estimate.pk in shown:
            yield from weight.ends or ()


def _of_claim(reference: str) -> Basis | None:
    claim = (
        Claim.objects.filter(key=reference.removeprefix("claim:"), change__in=public_changes())
        .select_related("change__repository", "text")
        .first()
    )
    if claim is None:
        return None
    rows = standing_on(reference)
    return Basis(reference, [_hanging(row) for row in rows if row.status == "ok"], len(rows) == MOST, claim=claim)


def _of_change(reference: str) -> Basis | None:
    change = change_by_ref(reference)
    if change is None:
        return None
    rows = Estimate.objects.filter(change=change, status=Estimate.Status.OK).select_related("change__repository")
    told = list(rows.order_by("outcome", "level")[:MOST])
    return Basis(change_ref(change), [_hanging(row) for row in told], len(told) == MOST, change=change)


def _of_assumption(reference: str) -> Basis | None:
    found = _assumption(reference)
    shown = _public_ids(uses(found)) if found is not None else set()
    if found is None or not (shown or _was_used_in_public(found)):
        return None
    heavy = {weight.estimate.pk: weight for weight in weights(found)}
    rows = list(uses(found).filter(pk__in=list(shown)[:MOST], status=Estimate.Status.OK)[:MOST])
    newest = Assumption.objects.filter(name=found.name, is_current=True).first()
    told = [_hanging(row, heavy.get(row.pk)) for row in rows]
    return Basis(reference, told, len(shown) > MOST, assumption=found, newest=newest)


def _was_used_in_public(assumption: Assumption) -> bool:
    """Say whether another version is in use: then an old receipt that names this one leads here."""
    links = EstimateInput.objects.filter(assumption__name=assumption.name, estimate__change__in=public_changes())
    return links.exists()


def _assumption(reference: str) -> Assumption | None:
    name, _, version = reference.removeprefix("assumption:").partition("@")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return None
    return Assumption.objects.filter(name=name[:80], version=int(version)).first()


def _public_ids(rows: QuerySet[Estimate]) -> set[int]:
    return set(rows.filter(change__in=public_changes()).values_list("pk", flat=True)[: MOST + 1])


def _hanging(row: Estimate, weight: Weight | None = None) -> Hanging:
    figure = figure_of_row(row, change_ref(row.change))
    if weight is None or weight.ends is None:
        return Hanging(row.change, row.level, row.whose, figure)
    low, high = (replace(figure_of(end), low=None, high=None) for end in weight.ends)  # the medians alone
    return Hanging(row.change, row.level, row.whose, figure, low, high)


def _weight(row: Estimate, assumption: Assumption) -> Weight:
    entries: Mapping[str, Any] = {entry["name"]: entry for entry in row.inputs if entry["name"] in set(Role)}
    role = next((Role(name) for name, entry in entries.items() if entry["ref"] == assumption.ref), None)
    quantity = Quantity.read(entries[role.value]["value"]) if role is not None else None
    if role is None or quantity is None or quantity.is_point:
        return Weight(row, None)
    ends = range_of(draw_all({role: quantity}, value_1_0.SEED)[role])
    held = [_held(row, assumption, role, fixed(quantity, at)) for at in (ends.p10, ends.p90)]
    return Weight(row, (held[0], held[1]))


def _held(row: Estimate, assumption: Assumption, role: Role, known: Quantity) -> Derived:
    """The receipt of an estimate with one input known exactly; its subject is the assumption that is held."""
    inputs = [
        Input(entry["name"], entry["ref"], known.document() if entry["name"] == role.value else entry["value"])
        for entry in row.inputs
        if "value" in entry
    ]
    return derive(
        kind=Kind.ESTIMATED,
        subject=assumption.ref,
        method=row.method,
        version=row.method_version,
        inputs=inputs,
        parameters=row.parameters,
        seed=value_1_0.SEED,
    )
