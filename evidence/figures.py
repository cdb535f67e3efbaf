"""The value that a page shows: a figure with its receipt (no Django here).

Templates get figures, never bare numbers; the site's tag sets one with its unit and opens its receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evidence.receipts import Derived, Kind


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure ready to be shown.

    ``value`` is a number or text; for a range it is the P50 and ``low``/``high`` are P10 and P90. ``value`` None means
    unknown, and then ``reason`` says why. ``receipt`` is the receipt's id ("" only for an unknown figure).
    """

    value: float | int | str | None
    unit: str
    kind: Kind
    receipt: str
    subject: str = ""
    label: str = ""
    low: float | int | None = None
    high: float | int | None = None
    reason: str = ""

    @property
    def known(self) -> bool:
        """False when there is no evidence, and so no number."""
        return self.value is not None

    @property
    def is_range(self) -> bool:
        """True when low and high are given."""
        return self.low is not None and self.high is not None


def figure_of(receipt: Derived, label: str = "") -> Figure:
    """Return the figure that a receipt stands for."""
    result: Mapping[str, Any] = receipt.result
    is_range = "p50" in result
    return Figure(
        value=result["p50"] if is_range else result["value"],
        unit=result["unit"],
        kind=receipt.kind,
        receipt=receipt.id,
        subject=receipt.subject,
        label=label,
        low=result.get("p10") if is_range else None,
        high=result.get("p90") if is_range else None,
    )


def unknown(kind: Kind, reason: str, *, unit: str = "", label: str = "", subject: str = "") -> Figure:
    """Return a figure without a number; ``reason`` says what is missing."""
    if not reason:
        raise ValueError("an unknown figure needs its reason")
    return Figure(value=None, unit=unit, kind=kind, receipt="", subject=subject, label=label, reason=reason)
