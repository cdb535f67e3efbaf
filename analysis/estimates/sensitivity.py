"""What a result hangs on: tornado, break-even, and what to measure next (numpy; no Django)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.estimates.distributions import DRAWS
from analysis.estimates.methods.value_1_0 import SEED, VERSION, checked, money
from analysis.estimates.quantities import Quantity, Role
from analysis.estimates.simulate import Drawn, draw_all, range_of
from evidence.canonical import round_number
from evidence.recompute import recompute

Array = npt.NDArray[np.float64]
Formula = Callable[[Mapping[Role, Quantity], Drawn], Array | float]
"""``effect`` or ``money`` of a value method."""

MULTIPLIED = (Role.VOLUME, Role.PERSISTENCE, Role.ATTRIBUTION, Role.REALISED, Role.RATE)


@dataclass(frozen=True, slots=True)
class Bar:
    """One input's bar of the tornado.

    ``low`` and ``high`` are the result's P50 with the input held at its own P10 and P90; ``correlation`` is the rank
    correlation of input and result; ``narrowed`` is what remains of P90/P10 once the input is known exactly.
    """

    role: Role
    correlation: float
    low: float
    high: float
    narrowed: float | None


def tornado(inputs: Mapping[Role, Quantity], formula: Formula, seed: int = SEED, draws: int = DRAWS) -> list[Bar]:
    """Return a bar for each input that is a range, the strongest correlation first; points have none."""
    drawn = draw_all(inputs, seed, draws)
    result = formula(inputs, drawn)
    if not isinstance(result, np.ndarray):
        return []
    ranks = _ranks(result)
    bars = []
    for role, values in drawn.items():
        if not isinstance(values, np.ndarray):
            continue
        own = range_of(values)
        low, high = (range_of(formula(inputs, {**drawn, role: at})).p50 for at in (own.p10, own.p90))
        known = range_of(formula(inputs, {**drawn, role: own.p50}))
        narrowed = round_number(known.p90 / known.p10) if known.p10 > 0 else None
        bars.append(Bar(role, round(float(np.corrcoef(_ranks(values), ranks)[0, 1]), 3), low, high, narrowed))
    return sorted(bars, key=lambda bar: (-abs(bar.correlation), bar.role))


def measure_next(bars: list[Bar]) -> Bar | None:
    """Return the input whose exact knowledge would narrow the result most, or None when nothing is uncertain."""
    candidates = [bar for bar in bars if bar.narrowed is not None]
    if candidates:
        return min(candidates, key=lambda bar: (bar.narrowed or 0.0, bar.role))
    return bars[0] if bars else None


def break_even(
    inputs: Mapping[Role, Quantity], formula: Formula, seed: int = SEED, draws: int = DRAWS
) -> dict[Role, float]:
    """Return for each multiplied input the median it would need for the P50 of benefit minus cost to be zero.

    Empty when there is no cost to be covered, or when no benefit could ever cover it.
    """
    if Role.COST not in inputs:
        return {}
    drawn = draw_all(inputs, seed, draws)
    benefit = formula({role: quantity for role, quantity in inputs.items() if role is not Role.COST}, drawn)
    cost = np.subtract(benefit, formula(inputs, drawn))
    if range_of(_draws(benefit)).p50 <= 0:
        return {}
    needed = _root(lambda scale: range_of(_draws(scale * np.asarray(benefit) - cost)).p50)
    return {
        role: round_number(needed * range_of(drawn[role]).p50)
        for role in MULTIPLIED
        if role in inputs and range_of(drawn[role]).p50 > 0
    }


@recompute(
    "value.break_even",
    VERSION,
    words="The median that one input would need for the P50 of benefit minus cost to be zero",
    symbols="x: P50(L3 · r · R - C) = 0",
    libraries=("numpy", "scipy", "pint"),
)
def needed(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> Mapping[str, Any]:
    """Compute the break-even of the input that ``parameters`` names by its role."""
    ready = checked({Role(name): Quantity.read(entry) for name, entry in inputs.items()})
    role = Role(parameters["role"])
    return {"value": break_even(ready, money, SEED if seed is None else seed)[role], "unit": ready[role].unit}


def fixed(quantity: Quantity, value: float) -> Quantity:
    """Return the quantity known exactly, for "what if it were so"."""
    return replace(quantity, point=value, low=None, high=None, mode=None)


def _root(function: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    while function(high) < 0 and high < 1e12:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return (low + high) / 2


def _ranks(values: Array) -> Array:
    order = np.empty(len(values))
    order[np.argsort(values, kind="stable")] = np.arange(len(values))
    return order


def _draws(values: Array | float) -> Array | float:
    return values if isinstance(values, np.ndarray) and values.ndim else float(values)
