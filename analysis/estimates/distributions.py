"""Draws from ranges: stratified, seeded, the same bytes each time (numpy and scipy; no Django).

Each input is cut into as many equally likely slices as there are draws, and one value is taken from the middle of
each (Latin hypercube sampling); a permutation from PCG64 then says which slice meets which slice of the other inputs.
The permutation's seed is the receipt's seed together with the input's key, so that neither the order nor the wording
of inputs moves a figure, and an input that stands in two estimates takes the same course in both.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from analysis.estimates.quantities import InputError, Quantity, Role

Array = npt.NDArray[np.float64]

DRAWS = 20_000
Z95 = 1.6448536269514722
KNOTS = 513


@lru_cache(maxsize=4)
def normal_slices(draws: int) -> Array:
    """Return the standard normal quantiles of the middle of each slice, ascending; shape (draws,)."""
    from scipy.special import ndtri

    slices: Array = ndtri((np.arange(draws) + 0.5) / draws)
    slices.setflags(write=False)
    return slices


@lru_cache(maxsize=64)
def permutation(seed: int, key: str, draws: int = DRAWS) -> npt.NDArray[np.int64]:
    """Return the order in which the input of this key takes its slices; shape (draws,)."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
    words = [int.from_bytes(digest[at : at + 4], "little") for at in range(0, 16, 4)]
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))
    order = generator.permutation(draws)
    order.setflags(write=False)
    return order


def draw(quantity: Quantity, role: Role, seed: int, draws: int = DRAWS) -> Array | float:
    """Return the draws of an input in its own unit: shape (draws,), or its value where it is a point."""
    if quantity.point is not None:
        return float(quantity.point)
    return slices_of(quantity, role, draws)[permutation(seed, quantity.key, draws)]


def slices_of(quantity: Quantity, role: Role, draws: int = DRAWS) -> Array:
    """Return the values of an input's slices, ascending; shape (draws,).

    min, likeliest, max: PERT. A share: Beta through the 5% and 95% points. Else: lognormal through these points. A
    range of a share that touches 0 or 1 holds its bounds, and is the symmetric PERT between them.
    """
    low, high = quantity.low, quantity.high
    if low is None or high is None:
        raise ValueError(f"{quantity.key} has no range")
    if quantity.mode is not None:
        return _pert(low, quantity.mode, high, draws)
    if role is Role.PERSISTENCE:
        return low + (high - low) * (np.arange(draws) + 0.5) / draws
    if role in {Role.ATTRIBUTION, Role.REALISED}:
        if low <= 0 or high >= 1:
            return _pert(low, (low + high) / 2, high, draws)
        return _beta_slices(*beta_through(low, high), draws)
    mu, sigma = lognormal_through(low, high)
    return np.exp(mu + sigma * normal_slices(draws))


def lognormal_through(low: float, high: float) -> tuple[float, float]:
    """Return mu and sigma of the lognormal whose 5% and 95% points are ``low`` and ``high``, both above zero."""
    return (np.log(low) + np.log(high)) / 2, (np.log(high) - np.log(low)) / (2 * Z95)


@lru_cache(maxsize=4096)
def beta_through(low: float, high: float) -> tuple[float, float]:
    """Return a and b of the Beta whose 5% and 95% points are ``low`` and ``high``, with 0 < low < high < 1.

    Newton's method on ln a, ln b from the Beta of like mean and spread; a step that does not help is halved.
    """
    from scipy.special import betainc

    def miss(at: Array) -> Array:
        a, b = np.exp(at)
        return np.array([betainc(a, b, low) - 0.05, betainc(a, b, high) - 0.95])

    mean, spread = (low + high) / 2, (high - low) / (2 * Z95)
    size = max(mean * (1 - mean) / spread**2 - 1, 0.5)
    at = np.log([mean * size, (1 - mean) * size])
    now = miss(at)
    for _ in range(100):
        if np.abs(now).max() < 1e-12:
            break
        slope = np.column_stack([(miss(at + step) - now) / 1e-6 for step in np.eye(2) * 1e-6])
        step = np.linalg.lstsq(slope, -now, rcond=None)[0]
        step *= min(1.0, 1.0 / max(np.abs(step).max(), 1e-300))
        for _ in range(30):
            if np.abs(after := miss(at + step)).max() < np.abs(now).max():
                break
            step /= 2
        else:
            break
        at, now = at + step, after
    if np.abs(now).max() > 1e-6:
        raise InputError(f"no Beta has 90% of its weight between {low:g} and {high:g}; give least, likeliest, largest")
    a, b = np.exp(at)
    return float(a), float(b)


def pert_shape(least: float, mode: float, most: float) -> tuple[float, float]:
    """Return a and b of the Beta that PERT stretches over its range: mean (min + 4 mode + max) / 6."""
    span = most - least
    return 1 + 4 * (mode - least) / span, 1 + 4 * (most - mode) / span


def _pert(least: float, mode: float, most: float, draws: int) -> Array:
    return least + (most - least) * _beta_slices(*pert_shape(least, mode, most), draws)


@lru_cache(maxsize=64)
def _beta_slices(a: float, b: float, draws: int) -> Array:
    """Return Beta quantiles of the slices, interpolated between exact knots (error below 1e-4 of the value)."""
    from scipy.special import betaincinv, ndtr

    normal = normal_slices(draws)
    knots = np.linspace(normal[0], normal[-1], min(KNOTS, draws))
    values: Array = np.interp(normal, knots, betaincinv(a, b, ndtr(knots)))
    values.setflags(write=False)
    return values


def follow(leader: npt.NDArray[np.int64], own: npt.NDArray[np.int64], strength: float) -> npt.NDArray[np.int64]:
    """Return an order that moves with ``leader`` by the given rank correlation (about), and else keeps to ``own``."""
    if not -1 <= strength <= 1:
        raise ValueError("a correlation lies between -1 and 1")
    normal = normal_slices(len(own))
    mixed = strength * normal[leader] + np.sqrt(1 - strength**2) * normal[own]
    order = np.empty(len(own), dtype=np.int64)
    order[np.argsort(mixed, kind="stable")] = np.arange(len(own))
    return order
