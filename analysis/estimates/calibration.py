"""Calibration: how well promised ranges keep their promise, on outcomes that are known (numpy, scipy; no Django).

Every function takes arrays over n forecasts. A range is calibrated when x% of the outcomes fall into the x% range,
and useful when it is narrow; both are reported, with exact binomial bands, because 40 outcomes prove little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

TOLERANCE = 1e-4
"""Relative: an outcome that equals the edge of a range to four digits lies in it (hours are booked in minutes)."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of outcomes inside the range, with the exact (Clopper-Pearson) 95% band of that share."""

    promised: float
    inside: int
    count: int
    share: float
    low: float
    high: float


def coverage(promised: float, outcome: Array, low: Array, high: Array) -> Coverage:
    """Return how many outcomes lie inside their range; ``promised`` is the nominal share (0.8)."""
    _same_shape(outcome, low, high)
    inside = int(((outcome >= low * (1 - TOLERANCE)) & (outcome <= high * (1 + TOLERANCE))).sum())
    return coverage_of(promised, inside, len(outcome))


def coverage_of(promised: float, inside: int, count: int, confidence: float = 0.95) -> Coverage:
    """Return the coverage of ``inside`` out of ``count`` with its exact binomial band."""
    from scipy.special import betaincinv

    if count <= 0:
        raise ValueError("coverage needs at least one outcome")
    tail = (1 - confidence) / 2
    low = float(betaincinv(inside, count - inside + 1, tail)) if inside else 0.0
    high = float(betaincinv(inside + 1, count - inside, 1 - tail)) if inside < count else 1.0
    return Coverage(promised, inside, count, inside / count, low, high)


def pinball(outcome: Array, forecast: Array, level: float) -> float:
    """Return the mean quantile loss of forecasts of the ``level`` quantile, in the outcome's unit."""
    _same_shape(outcome, forecast)
    miss = outcome - forecast
    return float(np.maximum(level * miss, (level - 1) * miss).mean())


def crps_of_quantiles(outcome: Array, quantiles: Array, levels: Sequence[float]) -> float:
    """Return the mean continuous ranked probability score, from quantiles of shape (n, levels).

    CRPS is twice the pinball loss averaged over all levels; evenly spaced levels give its midpoint sum.
    """
    return 2 * float(np.mean([pinball(outcome, quantiles[:, at], level) for at, level in enumerate(levels)]))


def pit(outcome: Array, quantiles: Array, levels: Sequence[float]) -> Array:
    """Return for each forecast the level at which its outcome fell, between 0 and 1.

    Where several levels share the outcome's value (data with many equal values), the middle of them is taken.
    """
    edges = np.array(levels)
    below = (quantiles < outcome[:, None] * (1 - TOLERANCE)).sum(axis=1)
    up_to = (quantiles <= outcome[:, None] * (1 + TOLERANCE)).sum(axis=1)
    padded = np.concatenate([[0.0], edges, [1.0]])
    middle = (padded[below] + padded[np.minimum(below + 1, len(padded) - 1)]) / 2
    shared = (padded[np.minimum(below + 1, len(edges))] + padded[up_to]) / 2
    return np.where(up_to > below, shared, middle)


def pit_histogram(values: Array, bins: int = 10) -> list[int]:
    """Return how many PIT values fall into each of ``bins`` equal bins; flat is calibrated."""
    counts, _ = np.histogram(values, bins=bins, range=(0.0, 1.0))
    return [int(count) for count in counts]


@dataclass(frozen=True, slots=True)
class Sharpness:
    """How wide ranges are, as high/low: the median of the ratios, and their geometric mean."""

    median: float
    geometric_mean: float


def sharpness(low: Array, high: Array) -> Sharpness:
    """Return the typical high/low of ranges of positive quantities."""
    _same_shape(low, high)
    if (low <= 0).any():
        raise ValueError("high/low needs a low end above zero")
    width = np.log(high / low)
    return Sharpness(float(np.exp(np.median(width))), float(np.exp(width.mean())))


def mean_absolute_error(outcome: Array, forecast: Array) -> float:
    """Return the mean absolute error in the outcome's unit."""
    _same_shape(outcome, forecast)
    return float(np.abs(outcome - forecast).mean())


def standardised_accuracy(outcome: Array, forecast: Array) -> float:
    """Return SA: 1 - MAE / (MAE of guessing another random task's outcome); exact, no simulation."""
    ordered = np.sort(outcome)
    count = len(ordered)
    if count < 2:
        raise ValueError("standardised accuracy needs two outcomes")
    guessing = 2 * float(((2 * np.arange(count) - count + 1) * ordered).sum()) / (count * (count - 1))
    return 1 - mean_absolute_error(outcome, forecast) / guessing


def within(outcome: Array, forecast: Array, share: float) -> float:
    """Return PRED(share): how many forecasts miss the outcome by at most that share of it."""
    _same_shape(outcome, forecast)
    return float((np.abs(forecast - outcome) <= share * outcome * (1 + TOLERANCE)).mean())


def within_factor(outcome: Array, forecast: Array, factor: float) -> float:
    """Return how many forecasts are at most ``factor`` times too high or too low."""
    _same_shape(outcome, forecast)
    return float((np.abs(np.log(forecast / outcome)) <= np.log(factor) * (1 + TOLERANCE)).mean())


def bootstrap_interval(values: Array, draws: int = 2000, seed: int = 20261123) -> tuple[float, float]:
    """Return the 95% percentile bootstrap interval of the mean of ``values``."""
    generator = np.random.Generator(np.random.PCG64(seed))
    means = np.array([values[generator.integers(0, len(values), len(values))].mean() for _ in range(draws)])
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def _same_shape(*arrays: Array) -> None:
    if len({array.shape for array in arrays}) != 1:
        raise ValueError("outcomes and forecasts differ in number")
