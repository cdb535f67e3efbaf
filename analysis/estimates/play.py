"""An estimate to play with: given assumptions in, range, tornado and gate out (no Django, nothing stored).

Every figure has its receipt. The subject of such a receipt holds all that was entered, so that it can be derived again
from its link alone.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from analysis.estimates import gate, sensitivity, units
from analysis.estimates.methods import value_1_0 as value
from analysis.estimates.quantities import InputError, InputKind, Quantity, Role
from analysis.estimates.simulate import Range, draw_all, range_of
from evidence.figures import Figure, figure_of, unknown
from evidence.receipts import Derived, Input, Kind, derive

DEFAULTS: Mapping[str, str] = {
    "volume_low": "20",
    "volume_high": "60",
    "volume_unit": "build/day",
    "before_low": "30",
    "before_high": "30",
    "after_low": "10",
    "after_high": "10",
    "unit": "minute",
    "months_low": "12",
    "months_high": "12",
    "share_low": "0.2",
    "share_high": "0.7",
    "realised_low": "",
    "realised_high": "",
    "rate_low": "",
    "rate_high": "",
    "currency": "USD",
    "rate_source": "",
    "rate_dated": "",
    "cost": "",
}
"""What the form starts with: an effect in hours, and no money, since nothing supports any."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "volume_unit": ("build/day", "run/day", "request/second", "deploy/week", "query/day", "1/week", "1/month"),
    "unit": ("millisecond", "second", "minute", "hour", "MB", "GB"),
    "currency": ("USD", "EUR", "GBP", "CHF", "UAH"),
}
LONGEST = 200
SUBJECT = "play:"


@dataclass(frozen=True, slots=True)
class PlayBar:
    """One bar of the tornado: the result's P50 with this input at its P10 and at its P90.

    ``start`` and ``end`` are where the bar lies, 0 to 100 across the chart; ``correlation`` is the rank correlation.
    """

    role: str
    low: Figure
    high: Figure
    start: float
    end: float
    correlation: float


@dataclass(frozen=True, slots=True)
class Played:
    """What the assumptions come to. ``problems`` are fields that cannot be read: then there is no figure."""

    fields: Mapping[str, str]
    effect: Figure
    money: Figure
    bars: tuple[PlayBar, ...] = ()
    refusals: tuple[gate.Refusal, ...] = ()
    measure_next: str = ""
    break_even: tuple[tuple[str, Figure], ...] = ()
    problems: tuple[str, ...] = ()


def play(fields: Mapping[str, str], today: dt.date) -> Played:
    """Compute the ladder of what was entered; names that are not in DEFAULTS are ignored, absent ones are defaults."""
    entered = {name: str(fields.get(name, start))[:LONGEST].strip() for name, start in DEFAULTS.items()}
    try:
        inputs = value.checked(_inputs(entered))
        ready = {role: one for role, one in inputs.items() if role in _EFFECT}
        value.effect_unit(ready)
    except (InputError, units.UnitError) as error:
        nothing = unknown(Kind.ESTIMATED, str(error), label="effect in a year")
        return Played(entered, nothing, unknown(Kind.ESTIMATED, "no effect to price"), problems=(str(error),))
    effect = figure_of(_derive("value.effect", ready, entered), "effect in a year")
    found = Range(float(effect.low or 0), float(effect.value or 0), float(effect.high or 0))
    refusals = gate.refusals(inputs, found, today=today)
    priced = None if refusals else inputs
    if priced is None:
        money = unknown(Kind.ESTIMATED, refusals[0].title, label="money in a year")
    else:
        money = figure_of(_derive("value.money", priced, entered), "money in a year")
    told, formula, method = (priced, value.money, "value.money") if priced else (ready, value.effect, "value.effect")
    rows = sensitivity.tornado(told, formula)
    bars = _bars(rows, told, entered, method)
    following = sensitivity.measure_next(rows)
    return Played(
        entered, effect, money, bars, refusals, following.role.value if following else "",
        _break_even(priced, entered) if priced else (),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SliderResult:
    """What the demo of sliders shows: texts of the range, figures with receipts, bars, why there is no money."""

    p10_text: str
    p50_text: str
    p90_text: str
    unit_words: str
    money_text: str
    effect: Figure
    money: Figure
    bars: tuple[PlayBar, ...]
    refusals: tuple[gate.Refusal, ...]
    ranges: tuple[tuple[str, str, str], ...]
    measure_next: str


def of_sliders(
    ranges: Mapping[str, tuple[float, float]], *, rate: float | None, rate_source: str, realised: bool, today: dt.date
) -> SliderResult:
    """Compute what the sliders say: volume (build/day), before and after (second), persistence (month), attribution.

    A rate counts as of today; "somebody stopped doing something" counts as all of the saved time. Raises InputError.
    """
    names = {"persistence": "months", "attribution": "share"}
    entered = {"unit": "second", "currency": "EUR", "rate_source": rate_source}
    for name, ends in ranges.items():
        low, high = sorted(ends)
        entered[f"{names.get(name, name)}_low"], entered[f"{names.get(name, name)}_high"] = f"{low:g}", f"{high:g}"
    if rate is not None:
        entered.update(rate_low=f"{rate:g}", rate_high=f"{rate:g}", rate_dated=today.isoformat())
    if realised:
        entered.update(realised_low="1", realised_high="1")
    found = play(entered, today)
    if found.problems:
        raise InputError(found.problems[0])
    effect, money = found.effect, found.money
    texts, sums = (
        [f"{float(at or 0):,.4g}" for at in (figure.low, figure.value, figure.high)] for figure in (effect, money)
    )
    said = f"{sums[1]} ({sums[0]} to {sums[2]}) {money.unit}" if money.known else ""
    return SliderResult(
        p10_text=texts[0],
        p50_text=texts[1],
        p90_text=texts[2],
        unit_words="hours a year",
        money_text=said,
        effect=effect,
        money=money,
        bars=found.bars,
        refusals=found.refusals,
        ranges=tuple((name, f"{low:g}", f"{high:g}") for name, (low, high) in ranges.items()),
        measure_next=found.measure_next,
    )


def figures_of(subject: str) -> list[Derived]:
    """Return the receipts of what was played, derived again from their subject; none for another subject."""
    if not subject.startswith(SUBJECT):
        return []
    entered = {**DEFAULTS, **dict(parse_qsl(subject.removeprefix(SUBJECT), keep_blank_values=True))}
    played = play(entered, dt.datetime.now(tz=dt.UTC).date())
    if played.problems:
        return []
    inputs = value.checked(_inputs(played.fields))
    ready = {role: one for role, one in inputs.items() if role in _EFFECT}
    told, method = (ready, "value.effect") if played.refusals else (inputs, "value.money")
    found = [_derive("value.effect", ready, played.fields)]
    if method == "value.money":
        found.append(_derive(method, told, played.fields))
    formula = value.money if method == "value.money" else value.effect
    drawn = draw_all(told, value.SEED)
    for role, quantity in told.items():
        if not quantity.is_point:
            ends = range_of(drawn[role])
            found += [_held(method, told, role, at, played.fields) for at in (ends.p10, ends.p90)]
    if played.break_even:
        found += [_needed(role, at, told, played.fields) for role, at in sensitivity.break_even(told, formula).items()]
    return found


_EFFECT = frozenset({Role.VOLUME, Role.BEFORE, Role.AFTER, Role.PERSISTENCE, Role.ATTRIBUTION})


def _inputs(entered: Mapping[str, str]) -> dict[Role, Quantity]:
    """Return the inputs that were entered; InputError for what cannot be read."""
    for name, allowed in CHOICES.items():
        if entered[name] not in allowed:
            raise InputError(f"{name}: choose one of {', '.join(allowed)}")
    units_of = {
        Role.VOLUME: ("volume", entered["volume_unit"]),
        Role.BEFORE: ("before", entered["unit"]),
        Role.AFTER: ("after", entered["unit"]),
        Role.PERSISTENCE: ("months", "month"),
        Role.ATTRIBUTION: ("share", "1"),
        Role.REALISED: ("realised", "1"),
    }
    ranges = {role: _range(entered, name, unit) for role, (name, unit) in units_of.items()}
    found = {role: quantity for role, quantity in ranges.items() if quantity is not None}
    if Role.VOLUME not in found:
        raise InputError("volume is missing: how often in a time is it met with?")
    rate = _range(entered, "rate", f"{entered['currency']}/{_per(entered)}", entered["rate_source"], _date(entered))
    if rate is not None:
        found[Role.RATE] = rate
    if entered["cost"]:
        found[Role.COST] = _point("cost", entered["currency"], _number(entered, "cost"))
    return found


def _per(entered: Mapping[str, str]) -> str:
    return "GB" if entered["unit"] in {"MB", "GB"} else "hour"


def _point(name: str, unit: str, number: float) -> Quantity:
    return Quantity(f"play:{name}", unit, InputKind.DECLARED, point=number, source="entered here", author="visitor")


def _range(
    entered: Mapping[str, str], name: str, unit: str, source: str = "entered here", dated: dt.date | None = None
) -> Quantity | None:
    """Return low to high as a range; the same value twice is a point, and two empty fields are nothing."""
    low_text, high_text = entered[f"{name}_low"], entered[f"{name}_high"]
    if not low_text and not high_text:
        return None
    low, high = _number(entered, f"{name}_low"), _number(entered, f"{name}_high")
    ends: dict[str, float] = {"point": low} if low == high else {"low": low, "high": high}
    key, kind = f"play:{name}", InputKind.DECLARED
    return Quantity(key, unit, kind, **ends, source=source, dated=dated, author="visitor")


def _number(entered: Mapping[str, str], name: str) -> float:
    try:
        number = float(entered[name])
    except ValueError:
        raise InputError(f"{name}: {entered[name][:20]!r} is no number") from None
    if not math.isfinite(number):
        raise InputError(f"{name}: not a finite number")
    return number


def _date(entered: Mapping[str, str]) -> dt.date | None:
    try:
        return dt.date.fromisoformat(entered["rate_dated"]) if entered["rate_dated"] else None
    except ValueError:
        raise InputError(f"rate_dated: {entered['rate_dated'][:20]!r} is no date (2026-05-31)") from None


def _derive(method: str, inputs: Mapping[Role, Quantity], entered: Mapping[str, str]) -> Derived:
    changed = {name: text for name, text in entered.items() if text != DEFAULTS[name]}
    return derive(
        kind=Kind.ESTIMATED,
        subject=SUBJECT + urlencode(changed),
        method=method,
        version=value.VERSION,
        inputs=[Input(name, document["key"], document) for name, document in value.documents(inputs)],
        seed=value.SEED,
    )


def _bars(
    rows: list[sensitivity.Bar], inputs: Mapping[Role, Quantity], entered: Mapping[str, str], method: str
) -> tuple[PlayBar, ...]:
    if not rows:
        return ()
    least = min(min(row.low, row.high) for row in rows)
    span = max(max(row.low, row.high) for row in rows) - least or 1.0
    drawn = draw_all(inputs, value.SEED)
    bars = []
    for row in rows:
        ends = range_of(drawn[row.role])
        low, high = (
            figure_of(_held(method, inputs, row.role, at, entered), row.role.value) for at in (ends.p10, ends.p90)
        )
        places = sorted(round(100 * (at - least) / span, 1) for at in (row.low, row.high))
        bars.append(PlayBar(row.role.value, low, high, places[0], places[1], row.correlation))
    return tuple(bars)


def _held(method: str, inputs: Mapping[Role, Quantity], role: Role, at: float, entered: Mapping[str, str]) -> Derived:
    return _derive(method, {**inputs, role: sensitivity.fixed(inputs[role], at)}, entered)


def _break_even(inputs: Mapping[Role, Quantity], entered: Mapping[str, str]) -> tuple[tuple[str, Figure], ...]:
    found: dict[Role, float] = sensitivity.break_even(inputs, value.money)
    return tuple(
        (role.value, figure_of(_needed(role, at, inputs, entered), f"{role.value} to break even"))
        for role, at in found.items()
    )


def _needed(role: Role, at: float, inputs: Mapping[Role, Quantity], entered: Mapping[str, str]) -> Derived:
    changed = {name: text for name, text in entered.items() if text != DEFAULTS[name]}
    return derive(
        kind=Kind.ESTIMATED,
        subject=SUBJECT + urlencode(changed),
        method="value.break_even",
        version=value.VERSION,
        inputs=[Input(name, document["key"], document) for name, document in value.documents(inputs)],
        parameters={"role": role.value},
        seed=value.SEED,
        result={"value": at, "unit": inputs[role].unit},
    )
