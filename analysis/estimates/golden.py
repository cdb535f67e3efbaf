"""The golden cases: worked out by hand in docs/value-golden-cases.md, reproduced exactly (no Django here)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.estimates.ladder import Level, Surroundings, climb, hide_quoted_money
from analysis.estimates.outcomes import Outcome
from analysis.estimates.quantities import InputKind, Quantity, Role
from analysis.estimates.sharing import attribution, persistence

TODAY = dt.date(2026, 11, 23)


@dataclass(frozen=True, slots=True)
class Case:
    """One case: an outcome, what is known around it, the level asked for, and the answer worked out by hand.

    ``expected`` is "p10 p50 p90 unit" in six significant digits, or "refused: codes"; ``working`` is how it was found.
    """

    name: str
    level: str
    outcome: Outcome
    expected: str
    working: str
    given: Mapping[Role, Quantity] = field(default_factory=dict)
    people: int = 2
    months: float | None = 12.0


def run(case: Case) -> str:
    """Return what the method answers to a case, in the form of ``expected``."""
    around = Surroundings(
        given=case.given,
        attribution=attribution(ref="case", people=case.people, owner_took_part=True),
        persistence=persistence(ref="case", months=case.months, survives=None if case.months is None else True),
        today=TODAY,
    )
    levels = {level.level: level for level in hide_quoted_money(climb(case.outcome, around))}
    return told(levels[case.level])


def told(level: Level) -> str:
    """Return a level as one line."""
    if level.found is None:
        return "refused: " + " ".join(reason.code for reason in level.reasons)
    return f"{level.found.p10} {level.found.p50} {level.found.p90} {level.unit}"


def from_to(before: float, after: float, unit: str, metric: str = "time", **more: Any) -> Outcome:
    """Return an outcome "from … to …"."""
    return Outcome(
        "claim:1", "1", metric, "better", "from_to", unit, from_value=before, to_value=after,
        to_unit=more.pop("to_unit", unit), **more,
    )  # fmt: skip


def saves(amount: float | None, unit: str, metric: str = "time", kind: str = "absolute_delta", **more: Any) -> Outcome:
    """Return an outcome that quotes a difference, a factor or a percentage."""
    return Outcome("claim:1", "1", metric, more.pop("direction", "better"), kind, unit, value=amount, **more)


def entered(
    role: Role, unit: str, *ends: float, source: str = "made up", dated: dt.date | None = TODAY, kind: str = "declared"
) -> dict[Role, Quantity]:
    """Return an entry of the owner: one number is a point, two a 90% range, three least, likeliest, largest."""
    names = {1: ("point",), 2: ("low", "high"), 3: ("low", "mode", "high")}[len(ends)]
    values = dict(zip(names, ends, strict=True))
    return {
        role: Quantity(
            f"assumption:{role.value}",
            unit,
            InputKind(kind),
            source=source,
            dated=dated,
            author="owner",
            **values,
        )
    }
