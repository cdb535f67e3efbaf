"""The naive predictors that stand beside every figure of the effort model, on the same split (no Django).

Each returns a Forecast for the test tasks. Whatever a baseline fits, it fits on the training part; its range is
calibrated on the validation part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.estimates.effort.sip import Split, Task

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Hours for each test task; ``low`` and ``high`` are the 80% range where the predictor has one."""

    name: str
    hours: Array
    low: Array | None = None
    high: Array | None = None


def training_median(parts: Split) -> Forecast:
    """The same number for every task: the median of the hours spent in the training part."""
    return Forecast("training median", np.full(len(parts.test), float(np.median(actual(parts.train)))))


def category_and_project(parts: Split) -> Forecast:
    """Median and middle 80% of the training tasks of the same category and project; all tasks where these are few."""
    groups: dict[tuple[str, str], list[float]] = {}
    for task in parts.train:
        groups.setdefault((task.category, task.project), []).append(task.actual)
    everything = [task.actual for task in parts.train]
    chosen = [
        group if len(group := groups.get((task.category, task.project), [])) >= 10 else everything
        for task in parts.test
    ]
    low, middle, high = (np.array([np.quantile(group, level) for group in chosen]) for level in (0.1, 0.5, 0.9))
    return Forecast("category and project only", middle, low, high)


def expert(parts: Split) -> Forecast:
    """The estimate that a person gave before the work."""
    return Forecast("the experts' own estimate", estimated(parts.test))


def log_regression(parts: Split) -> Forecast:
    """A straight line through log hours, with a split-conformal range of one width."""
    slope, level = np.polyfit(np.log(estimated(parts.train)), np.log(actual(parts.train)), 1)
    line: Callable[[Sequence[Task]], Array] = lambda tasks: slope * np.log(estimated(tasks)) + level  # noqa: E731
    misses = np.abs(np.log(actual(parts.validation)) - line(parts.validation))
    width = conformal_rank(misses, 0.8)
    middle = line(parts.test)
    return Forecast("log regression on the estimate", np.exp(middle), np.exp(middle - width), np.exp(middle + width))


def boosted_trees(parts: Split) -> Forecast:
    """Gradient-boosted quantiles of log hours from the estimate and the category, conformalised (needs sklearn)."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    categories = sorted({task.category for task in parts.train})
    columns = lambda tasks: np.column_stack(  # noqa: E731
        [
            np.log(estimated(tasks)),
            [categories.index(task.category) if task.category in categories else -1 for task in tasks],
        ]
    )
    fitted = {
        level: HistGradientBoostingRegressor(loss="quantile", quantile=level, random_state=0).fit(
            columns(parts.train), np.log(actual(parts.train))
        )
        for level in (0.1, 0.5, 0.9)
    }
    known = np.log(actual(parts.validation))
    low, high = (fitted[level].predict(columns(parts.validation)) for level in (0.1, 0.9))
    width = conformal_rank(np.maximum(low - known, known - high), 0.8)
    low, middle, high = (fitted[level].predict(columns(parts.test)) for level in (0.1, 0.5, 0.9))
    return Forecast(
        "boosted trees, estimate + category, CQR", np.exp(middle), np.exp(low - width), np.exp(high + width)
    )


def conformal_rank(misses: Array, promise: float) -> float:
    """Return the miss that ``promise`` of new ones stay below, by the conformal rank (n + 1) · promise."""
    ordered = np.sort(misses)
    return float(ordered[min(len(ordered), math.ceil((len(ordered) + 1) * promise)) - 1])


def actual(tasks: Sequence[Task]) -> Array:
    """Return the hours spent, shape (tasks,)."""
    return np.array([task.actual for task in tasks])


def estimated(tasks: Sequence[Task]) -> Array:
    """Return the hours estimated, shape (tasks,)."""
    return np.array([task.estimated for task in tasks])


ALL = (training_median, category_and_project, expert, log_regression, boosted_trees)
