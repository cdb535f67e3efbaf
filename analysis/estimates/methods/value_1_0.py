"""Value 1.0: the yearly effect of a change in natural units (L3), and in money (L4) (numpy; no Django).

    L3 = volume · 1 year · (before - after) · months/12 · attribution
    L4 = L3 · realised · rate · exchange - cost

Before and after may be given as one delta. Every factor is a range or a point with its unit; units are multiplied by
pint and must come out as a natural unit (L3) or a currency (L4). Money passes analysis.estimates.gate first: this
module computes, it does not permit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.estimates import units
from analysis.estimates.distributions import DRAWS
from analysis.estimates.quantities import InputError, Quantity, Role, check
from analysis.estimates.simulate import Dependence, Drawn, draw_all, range_of
from evidence.recompute import recompute

VERSION = "1.0"
SEED = 20261123
"""One seed for the version: an input's draws depend on it and on the input's key, so that totals may add draws."""

MONTHS = 12.0
NATURAL = ("hour", "gigabyte", "kilowatt_hour", *units.COUNTED, *units.CURRENCIES)
GAIN_ROLES = frozenset({Role.DELTA, Role.BEFORE, Role.AFTER})

Array = npt.NDArray[np.float64]
Inputs = Mapping[Role, Quantity]


def effect_unit(inputs: Inputs) -> str:
    """Return the natural unit of the yearly effect ("hour"); raise UnitError when the inputs do not fit.

    A volume that counts things (build/day) meets a delta per such thing (second/build); a delta without "per" is
    read as per thing counted.
    """
    return _natural(inputs[Role.VOLUME].unit, _gain_unit(inputs))


@lru_cache(maxsize=1024)
def _natural(volume: str, gain: str) -> str:
    found = units.product(volume, "year", gain)
    for unit in NATURAL:
        if units.same_dimension(found, unit):
            return unit
    raise units.UnitError(
        f"volume in {volume!r} times {gain!r} gives {found!r} a year, which is no effect"
        " (hours, gigabytes, requests, incidents …)"
    )


def effect(inputs: Inputs, drawn: Drawn) -> Array | float:
    """Return the yearly effect in its natural unit, from the draws of its inputs."""
    gain = drawn[Role.DELTA] if Role.DELTA in inputs else _difference(inputs, drawn)
    scale = units.factor(units.product(inputs[Role.VOLUME].unit, "year", _gain_unit(inputs)), effect_unit(inputs))
    result = drawn[Role.VOLUME] * gain * scale
    months = units.factor(inputs[Role.PERSISTENCE].unit, "month")
    result = result * np.minimum(np.multiply(drawn[Role.PERSISTENCE], months), MONTHS) / MONTHS
    if Role.ATTRIBUTION in inputs:
        result = result * drawn[Role.ATTRIBUTION]
    return _plain(result)


def money(inputs: Inputs, drawn: Drawn) -> Array | float:
    """Return the yearly net benefit in the currency of ``money_unit``."""
    result = effect(inputs, drawn)
    if Role.REALISED in inputs:
        result = result * drawn[Role.REALISED]
    target = money_unit(inputs)
    parts = [effect_unit(inputs)]
    for role in (Role.RATE, Role.EXCHANGE):
        if role in inputs:
            parts.append(inputs[role].unit)
            result = result * drawn[role]
    result = result * units.factor(units.product(*parts), target)
    if Role.COST in inputs:
        result = result - np.multiply(drawn[Role.COST], units.factor(inputs[Role.COST].unit, target))
    return _plain(result)


def money_unit(inputs: Inputs) -> str:
    """Return the currency of the result; raise UnitError when effect, rate and exchange do not make one."""
    parts = [effect_unit(inputs), *(inputs[role].unit for role in (Role.RATE, Role.EXCHANGE) if role in inputs)]
    found = units.product(*parts)
    for code in units.CURRENCIES:
        if units.same_dimension(found, code):
            return code
    raise units.UnitError(f"{' times '.join(parts)} gives {found!r}, which is no currency")


def checked(inputs: Inputs) -> dict[Role, Quantity]:
    """Return the inputs, each fit for its role, with volume, persistence and a delta among them; else InputError."""
    ready = {role: check(quantity, role) for role, quantity in sorted(inputs.items())}
    for role in (Role.VOLUME, Role.PERSISTENCE):
        if role not in ready:
            raise InputError(f"{role} is missing")
    pair = {Role.BEFORE, Role.AFTER} & set(ready)
    if (Role.DELTA in ready) == (len(pair) == 2) or len(pair) == 1:
        raise InputError("no delta, no value: give before and after, or their difference")
    return ready


@recompute(
    "value.difference",
    VERSION,
    words="What stood before minus what stands after, from the quoted numbers",
    symbols="before - after",
    libraries=("numpy", "scipy", "pint"),
)
def difference(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> Mapping[str, Any]:
    """Compute L2 from a receipt's inputs: before and after, or delta."""
    ready = {Role(name): Quantity.read(entry) for name, entry in inputs.items() if name in GAIN_ROLES}
    found, unit = gain(ready, SEED if seed is None else seed, int(parameters.get("draws", DRAWS)))
    return {**range_of(found).document(), "unit": unit}


def gain(inputs: Inputs, seed: int = SEED, draws: int = DRAWS) -> tuple[Array | float, str]:
    """Return what is saved each time, and its unit, from before and after or from delta."""
    drawn = draw_all(inputs, seed, draws)
    if Role.DELTA in inputs:
        return _plain(drawn[Role.DELTA]), inputs[Role.DELTA].unit
    return _plain(_difference(inputs, drawn)), inputs[Role.BEFORE].unit


@recompute(
    "value.effect",
    VERSION,
    words="How often in a year, times what each saves, times the share of the year it lasts, times the own share",
    symbols="V · 1 a · (before - after) · m/12 · A",
    libraries=("numpy", "scipy", "pint"),
)
def yearly_effect(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> Mapping[str, Any]:
    """Compute L3 from a receipt's inputs, which are named by their roles."""
    ready, drawn = _prepare(inputs, parameters, seed)
    return {**range_of(effect(ready, drawn)).document(), "unit": f"{effect_unit(ready)}/year"}


@recompute(
    "value.money",
    VERSION,
    words="The yearly effect that someone really stopped paying for, times its sourced rate, minus the cost",
    symbols="L3 · r · R · x - C",
    libraries=("numpy", "scipy", "pint"),
)
def yearly_money(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> Mapping[str, Any]:
    """Compute L4 from a receipt's inputs, which are named by their roles."""
    ready, drawn = _prepare(inputs, parameters, seed)
    code = money_unit(ready)
    return {**range_of(money(ready, drawn)).document(), "unit": f"{code}/year", "currency": code}


@recompute(
    "value.total",
    VERSION,
    words="The draws of each outcome added, every outcome counted once; not the sum of percentiles",
    symbols="Σ over outcome keys of L3 (or L4)",
    libraries=("numpy", "scipy", "pint"),
)
def total(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> Mapping[str, Any]:
    """Compute a total: each input is ``{"outcome", "inputs", "level"}``; one outcome key counts once.

    Of several parts with one outcome key, the one whose reference sorts first counts, so that order is irrelevant.
    """
    once: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for name, part in inputs.items():
        known = once.get(part["outcome"])
        if known is None or name < known[0]:
            once[part["outcome"]] = (name, part)
    summed: Array | float = 0.0
    apart = np.zeros(3)
    found: set[str] = set()
    for _, (_, part) in sorted(once.items()):
        ready, drawn = _prepare(part["inputs"], {**parameters, **part.get("parameters", {})}, seed)
        is_money = part["level"] == "L4"
        result = money(ready, drawn) if is_money else effect(ready, drawn)
        found.add(money_unit(ready) if is_money else effect_unit(ready))
        summed = summed + result
        one = range_of(result)
        apart += (one.p10, one.p50, one.p90)
    if len(found) != 1:
        raise units.UnitError(f"a total needs one unit, not {', '.join(sorted(found)) or 'none'}")
    return {
        **range_of(_plain(summed)).document(),
        "unit": f"{found.pop()}/year",
        "outcomes": len(once),
        "left_out_as_the_same_outcome": len(inputs) - len(once),
        "if_all_errs_together": {"p10": float(apart[0]), "p90": float(apart[2])},
    }


def _prepare(
    inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None
) -> tuple[dict[Role, Quantity], dict[Role, Array | float]]:
    ready = checked({Role(name): Quantity.read(entry) for name, entry in inputs.items() if name in set(Role)})
    draws = int(parameters.get("draws", DRAWS))
    links = Dependence.read(parameters.get("dependence", ()))
    return ready, draw_all(ready, SEED if seed is None else seed, draws, links)


def _gain_unit(inputs: Inputs) -> str:
    """Return the unit of what one counted thing saves, with its "per"."""
    quantity = inputs[Role.DELTA] if Role.DELTA in inputs else inputs[Role.BEFORE]
    counted = units.counted_in(inputs[Role.VOLUME].unit)
    if counted is None or units.counts_down(quantity.unit, counted):
        return quantity.unit
    return units.product(quantity.unit, f"1/{counted}")


def _difference(inputs: Inputs, drawn: Drawn) -> Array | float:
    before, after = inputs[Role.BEFORE], inputs[Role.AFTER]
    return drawn[Role.BEFORE] - np.multiply(drawn[Role.AFTER], units.factor(after.unit, before.unit))


def _plain(result: Array | float) -> Array | float:
    return result if isinstance(result, np.ndarray) and result.ndim else float(result)


def documents(inputs: Inputs) -> Iterable[tuple[str, dict[str, Any]]]:
    """Return name and document of each input, in a fixed order, as a receipt holds them."""
    return [(role.value, inputs[role].document()) for role in sorted(inputs)]
