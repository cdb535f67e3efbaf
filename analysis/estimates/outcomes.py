"""From a quoted outcome to the inputs of an estimate (no Django here).

An outcome is what a claim says: so much before, so much after, or a difference, with a unit and perhaps a period. Its
difference is recomputed from the quoted numbers; nothing is filled in that is not there. A relative claim ("30%
faster") has no amount until somebody says what it is 30% of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from analysis.estimates import units
from analysis.estimates.quantities import InputKind, Quantity, Role

LESS_IS_BETTER = frozenset({"latency", "time", "memory", "size", "cost", "error_rate", "other"})
PERIODS = {
    "hour": ("hour", "hourly"),
    "day": ("day", "daily", "nightly"),
    "week": ("week", "weekly"),
    "month": ("month", "monthly", "mo"),
    "year": ("year", "yearly", "annual", "annually", "annum", "yr"),
}
PERIOD_OF = {word: unit for unit, words in PERIODS.items() for word in words}
RELATIVE = frozenset({"%", "x", "pp"})


class OutcomeRefused(ValueError):
    """The outcome has no amount to build on: the reason's code, the exact input that is missing, what mends it."""

    def __init__(self, code: str, missing: str, fix: str) -> None:
        super().__init__(missing)
        self.code, self.missing, self.fix = code, missing, fix


@dataclass(frozen=True, slots=True)
class Outcome:
    """A quantified outcome as a change quotes it.

    ``kind`` is relative_pct, factor, absolute_delta or from_to; values stand in ``unit`` (``to_unit`` for the second
    of a from-to). ``state`` is what extraction says, ``review`` what the owner says. ``ref`` names the claim in
    receipts, ``same`` is the key under which the outcome counts once.
    """

    ref: str
    same: str
    metric: str
    direction: str
    kind: str
    unit: str
    value: float | None = None
    value_hi: float | None = None
    from_value: float | None = None
    to_value: float | None = None
    to_unit: str = ""
    period: str = ""
    state: str = "stated"
    review: str = "none"
    quote: str = ""


def admit(outcome: Outcome) -> None:
    """Raise OutcomeRefused for an outcome that nothing may be built on: rejected, contradicted, or only expected."""
    if outcome.review == "rejected":
        raise OutcomeRefused("claim_rejected", "an outcome: the owner rejected this one", "Nothing; it stays refused")
    if outcome.state == "contradicted":
        raise OutcomeRefused(
            "claim_contradicted",
            "numbers that agree: the quoted arithmetic does not hold",
            "Nothing in the admin: the quoted numbers contradict each other, and no review changes a quotation",
        )
    if outcome.review in {"confirmed", "corrected"}:
        return
    if outcome.state == "expected":
        raise OutcomeRefused(
            "claim_expected",
            "a measured outcome: the change only expects it",
            "Confirm the claim once it was measured, or quote the measurement",
        )


def change_of(outcome: Outcome, given: Mapping[Role, Quantity]) -> dict[Role, Quantity]:
    """Return before and after, or delta, as the outcome quotes them; ``given`` may hold a BEFORE for relative claims.

    Raises OutcomeRefused where the amount is unknown.
    """
    admit(outcome)
    if outcome.metric in {"throughput", "coverage"}:
        raise OutcomeRefused(
            "not_additive",
            f"an effect that adds up over a year: {outcome.metric} is a level",
            "Quote what the change saves: time, bytes, requests, incidents",
        )
    if outcome.kind == "from_to":
        return _from_to(outcome)
    if outcome.kind == "absolute_delta":
        return {Role.DELTA: _delta(outcome)}
    return _relative(outcome, given)


def period_volume(outcome: Outcome) -> Quantity | None:
    """Return the volume that the quotation itself states ("per month" is once a month), or None."""
    for word in re.findall(r"[a-z]+", outcome.period.lower()):
        if word in PERIOD_OF:
            key, unit = f"{outcome.ref}#period", f"1/{PERIOD_OF[word]}"
            return Quantity(key, unit, InputKind.QUOTED, point=1.0, source=outcome.ref)
    return None


def _from_to(outcome: Outcome) -> dict[Role, Quantity]:
    before, after = outcome.from_value, outcome.to_value
    if before is None or after is None or outcome.unit in RELATIVE:
        raise _no_amount("both ends of the quoted change as numbers with a unit")
    return {
        Role.BEFORE: _quoted(outcome, "before", outcome.unit, point=float(before)),
        Role.AFTER: _quoted(outcome, "after", outcome.to_unit or outcome.unit, point=float(after)),
    }


def _delta(outcome: Outcome) -> Quantity:
    if outcome.value is None or outcome.unit in RELATIVE or not outcome.unit:
        raise _no_amount("the amount of the quoted difference, with its unit")
    sign = -1.0 if outcome.direction == "worse" else 1.0
    low = abs(float(outcome.value))
    if outcome.value_hi is not None and abs(outcome.value_hi) > low > 0:
        if sign < 0:
            return _quoted(outcome, "delta", outcome.unit, point=-(low + abs(float(outcome.value_hi))) / 2)
        return _quoted(outcome, "delta", outcome.unit, low=low, high=abs(float(outcome.value_hi)))
    return _quoted(outcome, "delta", outcome.unit, point=sign * low)


def _relative(outcome: Outcome, given: Mapping[Role, Quantity]) -> dict[Role, Quantity]:
    share = saved_share(outcome)
    base = given.get(Role.BEFORE)
    if base is None:
        raise OutcomeRefused(
            "no_base",
            "the amount that the quoted change is relative to",
            "Enter an assumption of role before: the amount before the change, with unit and source",
        )
    units.parse(base.unit)
    parts: dict[str, Any] = {
        name: None if (value := getattr(base, name)) is None else value * share
        for name in ("point", "low", "high", "mode")
    }
    if share < 0 and base.point is None:
        middle = ((base.low or 0) * (base.high or 0)) ** 0.5
        parts = {"point": middle * share, "low": None, "high": None, "mode": None}
    if share == 0:
        parts = {"point": 0.0, "low": None, "high": None, "mode": None}
    return {Role.DELTA: replace(base, **parts)}


def saved_share(outcome: Outcome) -> float:
    """Return which share of the amount before is saved: 0.3 for "30% less", 0.5 for "2x faster"; below 0 is worse."""
    if outcome.value is None:
        raise _no_amount("the size of the relative change")
    value = abs(float(outcome.value))
    worse = outcome.direction == "worse"
    if outcome.kind == "factor":
        if value <= 0:
            raise _no_amount("a factor above zero")
        factor = max(value, 1 / value)
        return 1 - factor if worse else 1 - 1 / factor
    if not worse and value > 100:
        raise OutcomeRefused(
            "impossible_share",
            f"a share of at most 100%: nothing can save {value:g}% of what it took",
            "Correct the claim (a speed-up of 300% is a factor of 4)",
        )
    return -value / 100 if worse else value / 100


def _quoted(outcome: Outcome, part: str, unit: str, **values: Any) -> Quantity:
    kind = InputKind.DECLARED if outcome.review == "corrected" else InputKind.QUOTED
    author = "owner" if outcome.review == "corrected" else ""
    return Quantity(f"{outcome.ref}#{part}", unit or "1", kind, source=outcome.ref, author=author, **values)


def _no_amount(missing: str) -> OutcomeRefused:
    return OutcomeRefused(
        "no_delta",
        missing,
        "The quotation has no such number. Correct the claim with its source",
    )
