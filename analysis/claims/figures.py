"""Claims as quoted figures with receipts, derived on demand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.claims import methods
from analysis.claims.models import Claim
from analysis.collection.browse import change_ref
from analysis.collection.models import Change
from evidence.figures import Figure, figure_of
from evidence.receipts import Derived, Input, Kind, derive


def magnitude_object(claim: Claim) -> dict[str, Any]:
    """The magnitude of a stored claim in the interchange format."""
    if claim.kind == "from_to":
        return {
            "kind": claim.kind, "from": claim.from_value, "to": claim.to_value, "unit": claim.unit,
            "to_unit": claim.to_unit,
        }  # fmt: skip
    found: dict[str, Any] = {"kind": claim.kind, "value": claim.value, "unit": claim.unit}
    return found if claim.value_hi is None else {**found, "value_hi": claim.value_hi}


def claim_receipt(claim: Claim) -> Derived:
    """The receipt of a claim: its quote, the text's hash and place, and the numbers read from it anew."""
    said = {
        "quote": claim.quote, "text_sha256": claim.text.sha256, "start": claim.start, "end": claim.end,
        "metric": claim.metric, "direction": claim.direction, "context": claim.context,
        "magnitude": magnitude_object(claim),
    }  # fmt: skip
    return derive(
        kind=Kind.QUOTED,
        subject=change_ref(claim.change),
        method="claims.quote",
        version=methods.VERSION,
        inputs=[Input("claim", f"claim:{claim.key}", said)],
    )


def claim_figure(claim: Claim) -> Figure:
    """A claim as the figure that a page shows."""
    return figure_of(claim_receipt(claim), claim.metric.replace("_", " "))


def claim_receipts(change: Change) -> Iterator[Derived]:
    """The receipts of a change's current claims that the owner has not rejected."""
    rows = Claim.objects.filter(change=change, is_current=True).exclude(review=Claim.Review.REJECTED)
    for claim in rows.select_related("text", "change__repository").order_by("pk"):
        yield claim_receipt(claim)
