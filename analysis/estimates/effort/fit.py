"""Fits the effort model on finished tasks: quantiles of actual/estimate, conformalised (numpy only, no Django).

Two facts of such data shape it: 40% of the tasks are booked exactly as estimated, and how far the rest strays depends
on the size of the estimate and on the kind of task. So the quantiles of log(actual/estimate) are read from the tasks
that resemble this one: weights fall with the distance of the log estimate, with another subcategory and with age.
They are tabulated on a grid, so that prediction is one interpolation. The point follows a piecewise linear line in
the log estimate that minimises the absolute error in hours. A calibration window, later than what was fitted, then
widens each band until it keeps its promise (conformalised quantile regression, Romano et al. 2019).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.estimates.effort.sip import Task

Array = npt.NDArray[np.float64]

ANY = "*"
"""The row of the table for a task whose kind is unknown or rare."""

LEVELS = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""Quantile levels of the whole predicted distribution, for CRPS and PIT."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was chosen on the training and validation parts alone; benchmarks/effort_selection.py scores others."""

    bandwidth: float = 0.5
    other_kind: float = 0.03
    half_life: float = 0.4
    band_levels: Mapping[str, float] = field(default_factory=lambda: {"50": 0.3, "80": 0.13, "90": 0.06})
    knots: tuple[float, ...] = (1.0, 2.0, 3.0)
    grid: tuple[float, float, float] = (-2.5, 5.5, 0.25)
    rare_below: int = 40


def fit(fitted: Sequence[Task], window: Sequence[Task], settings: Settings | None = None) -> dict[str, Any]:
    """Return the parameters of the model as plain data.

    ``fitted`` are the tasks that the quantiles are read from, ``window`` the later tasks that calibrate the bands;
    both in time order. The point is fitted on both.
    """
    settings = settings or Settings()
    everything = [*fitted, *window]
    kinds = [ANY, *_common_kinds(fitted, settings.rare_below)]
    grid = np.arange(*settings.grid)
    tables = _tables(fitted, kinds, grid, settings)
    parameters: dict[str, Any] = {
        "model": "effort_1",
        "settings": asdict(settings),
        "kinds": kinds,
        "grid": [float(round(at, 6)) for at in grid],
        "levels": {key: np.round(table, 6).tolist() for key, table in tables.items()},
        "point": [round(float(value), 6) for value in _point(everything, settings)],
        "widen": {},
    }
    parameters["widen"] = {
        name: round(float(_offset(parameters, window, level, int(name) / 100)), 6)
        for name, level in settings.band_levels.items()
    }
    return parameters


def basis(log_estimate: Array, knots: Sequence[float]) -> Array:
    """Return the columns 1, x, max(x - knot, 0)…; shape (n, 2 + number of knots)."""
    columns = [np.ones_like(log_estimate), log_estimate, *(np.maximum(log_estimate - knot, 0) for knot in knots)]
    return np.column_stack(columns)


def _common_kinds(tasks: Sequence[Task], rare_below: int) -> list[str]:
    names, counts = np.unique([task.subcategory for task in tasks], return_counts=True)
    return [str(name) for name, count in zip(names, counts, strict=True) if count >= rare_below]


def _tables(tasks: Sequence[Task], kinds: Sequence[str], grid: Array, settings: Settings) -> dict[str, Array]:
    """Return level -> array (kinds, grid) of quantiles of log(actual/estimate)."""
    log_estimate = np.log([task.estimated for task in tasks])
    ratio = np.log([task.actual / task.estimated for task in tasks])
    age = np.arange(len(tasks), 0, -1) / len(tasks)
    order = np.argsort(ratio, kind="stable")
    ratio, log_estimate, age = ratio[order], log_estimate[order], age[order]
    names = np.array([task.subcategory for task in tasks])[order]
    near = np.exp(-0.5 * ((grid[:, None] - log_estimate[None, :]) / settings.bandwidth) ** 2)
    # A floor keeps a far estimate from standing on one lone neighbour: all tasks count a little everywhere.
    near = (near + 1e-4) * 0.5 ** (age / settings.half_life)[None, :]
    levels = sorted({*LEVELS, *(edge for low in settings.band_levels.values() for edge in (low, round(1 - low, 6)))})
    tables = {f"{level:g}": np.empty((len(kinds), len(grid))) for level in levels}
    for row, kind in enumerate(kinds):
        weights = near if kind == ANY else near * np.where(names == kind, 1.0, settings.other_kind)[None, :]
        cumulative = np.cumsum(weights, axis=1)
        cumulative /= cumulative[:, -1:]
        for level in levels:
            places = np.minimum((cumulative < level).sum(axis=1), len(ratio) - 1)
            tables[f"{level:g}"][row] = ratio[places]
    return tables


def _point(tasks: Sequence[Task], settings: Settings, rounds: int = 60) -> Array:
    """Return the line's coefficients: weighted least absolute deviations by reweighted least squares.

    Weighting the error of log(actual/estimate) by the estimate makes it an error in hours.
    """
    estimated = np.array([task.estimated for task in tasks])
    columns = basis(np.log(estimated), settings.knots)
    target = np.log([task.actual / task.estimated for task in tasks])
    root = np.sqrt(estimated)
    coefficients = np.linalg.lstsq(columns * root[:, None], target * root, rcond=None)[0]
    for _ in range(rounds):
        weights = estimated / np.maximum(np.abs(target - columns @ coefficients), 1e-3)
        weighted = columns * weights[:, None]
        coefficients = np.linalg.lstsq(weighted.T @ columns, weighted.T @ target, rcond=None)[0]
    return coefficients


def _offset(parameters: Mapping[str, Any], window: Sequence[Task], level: float, promise: float) -> float:
    """Return by how much (in log hours) a band must grow on both sides to hold its promise on the window."""
    if not window:
        return 0.0
    low, high = (table_values(parameters, f"{edge:g}", window) for edge in (level, round(1 - level, 6)))
    ratio = np.log([task.actual / task.estimated for task in window])
    excess = np.sort(np.maximum(low - ratio, ratio - high))
    rank = min(len(excess), math.ceil((len(excess) + 1) * promise))
    return float(excess[rank - 1])


def table_values(parameters: Mapping[str, Any], level: str, tasks: Sequence[Task]) -> Array:
    """Return the tabulated quantile of log(actual/estimate) of each task, shape (tasks,)."""
    grid = np.array(parameters["grid"])
    rows = {kind: row for row, kind in enumerate(parameters["kinds"])}
    table = np.array(parameters["levels"][level])
    log_estimate = np.log([task.estimated for task in tasks])
    chosen = np.array([rows.get(task.subcategory, 0) for task in tasks])
    values = np.empty(len(tasks))
    for row in np.unique(chosen):
        mask = chosen == row
        values[mask] = np.interp(log_estimate[mask], grid, table[row])
    return values
