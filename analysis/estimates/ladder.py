"""The ladder of one outcome: L2 what is quoted, L3 its yearly effect, L4 money (no Django here).

No level is skipped. A level that lacks its input is refused with the input's name; a level above a refused one is
refused for the same reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.estimates import gate, outcomes, units
from analysis.estimates.methods import value_1_0 as value
from analysis.estimates.outcomes import Outcome, OutcomeRefused
from analysis.estimates.quantities import InputError, Quantity, Role
from analysis.estimates.simulate import Range, draw_all, range_of

PRICE_ROLES = frozenset({Role.RATE, Role.EXCHANGE, Role.REALISED, Role.COST})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a level is refused: a code, the exact input that is missing, and what would mend it."""

    code: str
    missing: str
    fix: str
    title: str = ""

    def document(self) -> dict[str, str]:
        """Return it as plain data."""
        return {"code": self.code, "title": self.title, "missing": self.missing, "fix": self.fix}


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the ladder: a range with its inputs, or the reasons for having none."""

    level: str
    statement: str
    found: Range | None = None
    unit: str = ""
    currency: str = ""
    method: str = ""
    whose: str = ""
    inputs: Mapping[Role, Quantity] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()

    @property
    def ok(self) -> bool:
        """True when the level has a figure."""
        return self.found is not None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around an outcome: the owner's assumptions by role, the share, the persistence, the day."""

    given: Mapping[Role, Quantity]
    attribution: Quantity | None
    persistence: Quantity
    today: dt.date
    own_names: tuple[str, ...] = ()


def climb(outcome: Outcome, around: Surroundings) -> list[Level]:
    """Return L2, L3 and L4 of an outcome."""
    try:
        change = outcomes.change_of(outcome, around.given)
        quoted = _quoted(outcome, change)
    except (OutcomeRefused, InputError, units.UnitError) as error:
        return _refused_from("L2", _reason(error), "")
    effect = _effect(outcome, change, around)
    if not effect.ok:
        return [quoted, effect, _refused("L4", effect.reasons, "No yearly effect, and so nothing to price.")]
    return [quoted, effect, _money(effect, around)]


def _quoted(outcome: Outcome, change: Mapping[Role, Quantity]) -> Level:
    """L2: the difference, recomputed from the quoted numbers."""
    drawn, unit = value.gain(change)
    found = range_of(drawn)
    if Role.DELTA in change:
        said = f"{_number(abs(found.p50))} {unit} {'less' if found.p50 >= 0 else 'more'}"
    else:
        before, after = change[Role.BEFORE], change[Role.AFTER]
        said = f"{_number(before.point or 0)} {before.unit} to {_number(after.point or 0)} {after.unit}"
    return Level("L2", f"Quoted: {outcome.metric}, {said}", found, unit, method="value.difference", inputs=change)


def _effect(outcome: Outcome, change: Mapping[Role, Quantity], around: Surroundings) -> Level:
    volume = outcomes.period_volume(outcome) or around.given.get(Role.VOLUME)
    if volume is None:
        missing = f"how often the {outcome.metric} is met with: builds, requests or runs in a time"
        fix = "Enter an assumption of role volume (such as build/day) for this outcome, with its source"
        return _refused("L3", (Reason("no_volume", missing, fix, "No volume"),), "The yearly effect is unknown.")
    inputs: dict[Role, Quantity] = {**change, Role.VOLUME: volume, Role.PERSISTENCE: around.persistence}
    share = around.given.get(Role.ATTRIBUTION) or around.attribution
    if share is not None:
        inputs[Role.ATTRIBUTION] = share
    try:
        ready = value.checked(inputs)
        unit = value.effect_unit(ready)
        found = range_of(value.effect(ready, draw_all(ready, value.SEED)))
    except (InputError, units.UnitError) as error:
        return _refused("L3", (_reason(error),), "The yearly effect cannot be computed.")
    whose = "own" if share is not None else "team"
    if unit in units.CURRENCIES:
        statement = "The outcome is money already: it is shown only through the currency gate."
        return Level("L3", statement, found, unit, method="value.effect", whose=whose, inputs=ready)
    who = "the owner's part" if whose == "own" else "the whole team's, the owner's share being unknown"
    statement = f"{_range_text(found)} {unit} a year ({who})"
    return Level("L3", statement, found, f"{unit}/year", method="value.effect", whose=whose, inputs=ready)


def _money(effect: Level, around: Surroundings) -> Level:
    inputs = {**effect.inputs, **{role: around.given[role] for role in PRICE_ROLES if role in around.given}}
    if effect.unit in units.CURRENCIES:
        inputs.pop(Role.RATE, None)
    found = gate.refusals(inputs, effect.found or Range(0, 0, 0), today=around.today, own_names=around.own_names)
    if not found:
        gross: dict[Role, Quantity] = {role: quantity for role, quantity in inputs.items() if role is not Role.COST}
        width = range_of(value.money(gross, draw_all(gross, value.SEED)))
        found = tuple(one for one in gate.refusals(inputs, width, today=around.today) if one.code is gate.Code.G6)
    if found:
        reasons = tuple(Reason(one.code.value, one.missing, one.fix, one.title) for one in found)
        return _refused("L4", reasons, f"Not priced: {found[0].title}.")
    try:
        ready = value.checked(inputs)
        code = value.money_unit(ready)
        priced = range_of(value.money(ready, draw_all(ready, value.SEED)))
    except (InputError, units.UnitError) as error:
        return _refused("L4", (_reason(error),), "The effect cannot be priced.")
    statement = f"{_range_text(priced)} {code} a year"
    return Level("L4", statement, priced, f"{code}/year", code, "value.money", effect.whose, ready)


def hide_quoted_money(levels: list[Level]) -> list[Level]:
    """Return the ladder without money below L4: a quoted sum is shown as a quotation, never as a figure of the ladder.

    L2 and L3 of an outcome in a currency are refused unless L4 stands, so that no amount appears past the gate.
    """
    if levels[-1].ok:
        return levels
    reasons = levels[-1].reasons
    return [
        _refused(one.level, reasons, "The outcome is money: it is shown only once it may be priced.")
        if one.ok and units.currency_of(one.unit) is not None
        else one
        for one in levels
    ]


def _reason(error: Exception) -> Reason:
    if isinstance(error, OutcomeRefused):
        return Reason(error.code, error.missing, error.fix)
    if isinstance(error, units.UnitError):
        return Reason("units", f"units that fit: {error}", "Correct the unit of the input that is named")
    return Reason("bad_input", str(error), "Correct the input that is named")


def _refused(level: str, reasons: tuple[Reason, ...], statement: str) -> Level:
    return Level(level, statement or f"Unknown: {reasons[0].missing} is missing.", reasons=reasons)


def _refused_from(level: str, reason: Reason, statement: str) -> list[Level]:
    names = ["L2", "L3", "L4"]
    return [_refused(name, (reason,), statement) for name in names[names.index(level) :]]


def _range_text(found: Range) -> str:
    if found.p10 == found.p90:
        return _number(found.p50)
    return f"{_number(found.p50)} ({_number(found.p10)} to {_number(found.p90)})"


def _number(amount: float) -> str:
    """Write a number as in a sentence: three significant digits, thousands apart."""
    rounded = float(f"{amount:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:g}"
