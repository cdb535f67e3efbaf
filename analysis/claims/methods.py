"""The formula of a quoted figure, registered for recomputation: the numbers are read from the quote anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.claims.grounding import Claim, ground
from analysis.claims.records import Candidate, Kind, Magnitude, Span
from analysis.claims.units import base_value, same_dimension
from evidence.recompute import recompute

VERSION = "1"


class NotInQuote(ValueError):
    """The quote does not carry the numbers; the message says which check failed."""


@recompute(
    "claims.quote",
    VERSION,
    words="The numbers as they stand in the quote, each checked against its words; the change is computed from them",
    symbols="(new - old) / old",
)
def quoted(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None) -> dict[str, Any]:
    """From the quote, its context words and the magnitude that was read. Raises NotInQuote."""
    said = inputs["claim"]
    claim = ground_again(said)
    size = claim.magnitude
    if size.kind is Kind.FROM_TO:
        shown = f"{_end(size.from_value, size.unit)} → {_end(size.to_value, size.to_unit)}"
        return {"value": shown, "unit": "", **_change(size)}
    if size.value_hi is not None:
        return {
            "value": f"{size.value:g}–{size.value_hi:g}",
            "unit": size.unit,
            "low": size.value,
            "high": size.value_hi,
        }
    return {"value": size.value, "unit": size.unit}


def ground_again(said: Mapping[str, Any]) -> Claim:
    """The claim, checked against its own quote (and the words that carry its unit) alone. Raises NotInQuote."""
    text, spans = said["quote"], []
    for words in said.get("context", []):
        spans.append(Span(len(text) + 1, len(text) + 1 + len(words), words))
        text += "\n" + words
    end = len(said["quote"])
    candidate = Candidate(
        0, end, said["quote"], said["metric"], said["direction"], magnitude_of(said["magnitude"]), context=tuple(spans)
    )
    found = ground(text, candidate)
    if not isinstance(found, Claim):
        raise NotInQuote(found.detail)
    return found


def magnitude_of(said: Mapping[str, Any]) -> Magnitude:
    """The magnitude of the interchange format as a record."""
    return Magnitude(
        Kind(said["kind"]),
        value=said.get("value"),
        value_hi=said.get("value_hi"),
        from_value=said.get("from"),
        to_value=said.get("to"),
        unit=said.get("unit", ""),
        to_unit=said.get("to_unit", ""),
    )


def _end(value: float | None, unit: str) -> str:
    return f"{value:g} {unit}".strip() if value is not None else f"? {unit}".strip()


def _change(size: Magnitude) -> dict[str, float]:
    """The change in per cent of the old value, where both ends are known and measure the same."""
    old, new = size.from_value, size.to_value
    if not old or new is None or not same_dimension(size.unit, size.to_unit):
        return {}
    before, after = base_value(old, size.unit), base_value(new, size.to_unit)
    return {"change_pct": float(f"{100 * (after - before) / before:.6g}")}
