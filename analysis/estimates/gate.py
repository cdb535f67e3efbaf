"""The currency gate: eight reasons for which an effect is not priced (no Django).

Money is computed only when no reason stands. Each refusal names the input that is missing and what would mend it; the
effect in natural units is shown all the same.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from analysis.estimates import units
from analysis.estimates.methods import value_1_0
from analysis.estimates.quantities import InputKind, Quantity, Role
from analysis.estimates.simulate import Range

RATE_MONTHS = 24
WIDEST = 30.0
DAYS_OF_MONTH = 30.4375

CIRCULAR = re.compile(
    r"\b(attest|chat ?gpt|gpt-?\d\S*|openai|claude|anthropic|gemini|copilot|llama|mistral|llm|"
    r"(large )?language model|ai (assistant|estimate))\b",
    re.IGNORECASE,
)


class Code(StrEnum):
    """The eight reasons, in the order in which they are told."""

    G1 = "G1"
    G2 = "G2"
    G3 = "G3"
    G4 = "G4"
    G5 = "G5"
    G6 = "G6"
    G7 = "G7"
    G8 = "G8"


TITLES = {
    Code.G1: "No rate with a source and a date",
    Code.G2: "Volume or delta neither quoted nor attested",
    Code.G3: "Units do not match",
    Code.G4: "Rate too old, or no dated exchange rate",
    Code.G5: "Your share is not specified: team figure only",
    Code.G6: "Too uncertain to price",
    Code.G7: "Circular source",
    Code.G8: "Capacity, not cash",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason not to price: its code, the exact input that is missing, and what would mend it."""

    code: Code
    missing: str
    fix: str

    @property
    def title(self) -> str:
        """The reason in words."""
        return TITLES[self.code]


def refusals(
    inputs: Mapping[Role, Quantity], effect: Range, *, today: dt.date, own_names: tuple[str, ...] = ()
) -> tuple[Refusal, ...]:
    """Return every reason against pricing this effect, in the order of their codes; empty means that it may be priced.

    ``effect`` is the L3 range of the same inputs, ``own_names`` the host names of this site (a rate from there is
    circular).
    """
    found = [
        _rate(inputs),
        _attested(inputs),
        _units(inputs),
        _age(inputs, today),
        _share(inputs),
        _width(effect),
        _circular(inputs, own_names),
        _realised(inputs),
    ]
    return tuple(refusal for refusal in found if refusal is not None)


def _is_money(inputs: Mapping[Role, Quantity]) -> bool:
    try:
        return value_1_0.effect_unit(inputs) in units.CURRENCIES
    except (units.UnitError, KeyError):
        return False


def _rate(inputs: Mapping[Role, Quantity]) -> Refusal | None:
    if _is_money(inputs):
        proof = inputs.get(Role.REALISED)
        if proof is None or not proof.source or proof.dated is None:
            return Refusal(
                Code.G1,
                "a bill or ledger that shows the saved money (realised share, with source and date)",
                "Enter an assumption of role realised: which share of the quoted saving the bills confirm, and where",
            )
        return None
    rate = inputs.get(Role.RATE)
    if rate is None:
        return Refusal(Code.G1, "a rate", "Enter an assumption of role rate, such as USD/hour, with source and date")
    if not rate.source or rate.dated is None:
        lacks = " and ".join(name for name, has in (("source", rate.source), ("date", rate.dated)) if not has)
        return Refusal(Code.G1, f"{lacks} of the rate", "Say where the rate stands written, and as of which day")
    return None


def _attested(inputs: Mapping[Role, Quantity]) -> Refusal | None:
    for role in (Role.VOLUME, Role.DELTA, Role.BEFORE, Role.AFTER):
        quantity = inputs.get(role)
        if quantity is None or quantity.kind in {InputKind.MEASURED, InputKind.QUOTED}:
            continue
        if quantity.kind is InputKind.DECLARED and quantity.author and quantity.source:
            continue
        return Refusal(
            Code.G2,
            f"evidence for the {role}",
            f"Quote the {role} from a change, measure it, or declare it under your name with its source",
        )
    return None


def _units(inputs: Mapping[Role, Quantity]) -> Refusal | None:
    try:
        effect = value_1_0.effect_unit(inputs)
        if Role.RATE not in inputs and not _is_money(inputs):
            return None
        if _is_money(inputs) and Role.RATE in inputs:
            return Refusal(Code.G3, f"an effect in natural units: {effect} is money already", "Leave out the rate")
        target = value_1_0.money_unit(inputs)
    except units.UnitError as error:
        return Refusal(Code.G3, f"units that fit: {error}", "Give the rate per unit of the effect, such as USD/hour")
    cost = inputs.get(Role.COST)
    if cost is not None and units.currency_of(cost.unit) is None:
        return Refusal(Code.G3, f"a cost in {target}, not in {cost.unit}", f"Give the cost in {target}")
    return None


def _age(inputs: Mapping[Role, Quantity], today: dt.date) -> Refusal | None:
    for role in (Role.RATE, Role.EXCHANGE):
        quantity = inputs.get(role)
        if quantity is None or quantity.dated is None:
            if role is Role.EXCHANGE and quantity is not None:
                return Refusal(Code.G4, "the date of the exchange rate", "Say as of which day the exchange rate holds")
            continue
        months = (today - quantity.dated).days / DAYS_OF_MONTH
        if months > RATE_MONTHS:
            return Refusal(
                Code.G4,
                f"a {role} rate younger than {RATE_MONTHS} months (this one is of {quantity.dated.isoformat()})",
                "Look the rate up again and enter it with today's source",
            )
        if months < 0:
            return Refusal(Code.G4, f"a {role} rate that is not of the future", "Correct its date")
    return _foreign_cost(inputs)


def _foreign_cost(inputs: Mapping[Role, Quantity]) -> Refusal | None:
    cost = inputs.get(Role.COST)
    if cost is None:
        return None
    try:
        target = value_1_0.money_unit(inputs)
    except (units.UnitError, KeyError):
        return None
    code = units.currency_of(cost.unit)
    if code is None or code == target:
        return None
    return Refusal(
        Code.G4, f"a dated exchange rate between {code} and {target}", f"Enter one, or give the cost in {target}"
    )


def _share(inputs: Mapping[Role, Quantity]) -> Refusal | None:
    if Role.ATTRIBUTION in inputs:
        return None
    return Refusal(
        Code.G5,
        "your share of the outcome",
        "Enter an assumption of role attribution with its source; a sole author, 0.6 to 1.0 with the quoted statement",
    )


def _width(effect: Range) -> Refusal | None:
    if effect.p10 > 0 and effect.p90 / effect.p10 <= WIDEST:
        return None
    if effect.p90 < 0 and effect.p10 / effect.p90 <= WIDEST:
        return None
    width = f"{effect.p90 / effect.p10:.3g}" if effect.p10 * effect.p90 > 0 else "without bound"
    return Refusal(
        Code.G6,
        f"a narrower input: P90/P10 is {width}, more than {WIDEST:g}",
        "Measure the input that stands first in the tornado",
    )


def _circular(inputs: Mapping[Role, Quantity], own_names: tuple[str, ...]) -> Refusal | None:
    for role in (Role.RATE, Role.EXCHANGE, Role.REALISED, Role.COST):
        quantity = inputs.get(role)
        if quantity is None:
            continue
        own = any(name and name.lower() in quantity.source.lower() for name in own_names)
        if own or CIRCULAR.search(quantity.source):
            return Refusal(
                Code.G7,
                f"a source of the {role} other than this program or a language model",
                "Cite a contract, an invoice, a price list or a statistic",
            )
    return None


def _realised(inputs: Mapping[Role, Quantity]) -> Refusal | None:
    try:
        saved_time = value_1_0.effect_unit(inputs) == "hour"
    except (units.UnitError, KeyError):
        return None
    proof = inputs.get(Role.REALISED)
    if not saved_time or (proof is not None and proof.source):
        return None
    return Refusal(
        Code.G8,
        "who stopped doing what: the share of the saved time that is no longer paid for",
        "Enter an assumption of role realised with its source; saved waiting time alone is capacity",
    )
