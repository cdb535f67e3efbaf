"""Measures effort predictors on the time-ordered test part: plain data for the table, the page and the card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.estimates import calibration
from analysis.estimates.effort import baselines, fit, sip
from analysis.estimates.effort.baselines import Forecast
from analysis.estimates.methods import effort_1

Array = npt.NDArray[np.float64]
BANDS = ((0.5, "p25", "p75"), (0.8, "p10", "p90"), (0.9, "p05", "p95"))
SMALLEST_GROUP = 40


def measure(parameters: Mapping[str, Any], parts: sip.Split) -> dict[str, Any]:
    """Return everything that is published about a model: predictors side by side, bands, distribution, groups."""
    outcome = baselines.actual(parts.test)
    own = forecast(parameters, parts.test)
    rows = [make(parts) for make in baselines.ALL]
    rows.append(Forecast("effort_1 (shipped)", own["p50"], own["p10"], own["p90"]))
    return {
        "test": {
            "tasks": len(outcome),
            "first": parts.test[0].completed.isoformat(),
            "last": parts.test[-1].completed.isoformat(),
        },
        "predictors": [predictor(row, outcome) for row in rows],
        "bands": [band(promised, outcome, own[low], own[high]) for promised, low, high in BANDS],
        "distribution": distribution(parts, outcome, own["quantiles"]),
        "groups": groups(parts.test, outcome, own),
    }


def forecast(parameters: Mapping[str, Any], tasks: Sequence[sip.Task]) -> dict[str, Array]:
    """Return arrays over the tasks: p05 … p95, and ``quantiles`` of shape (tasks, levels)."""
    ranges = [effort_1.predict(parameters, task.estimated, task.subcategory) for task in tasks]
    arrays = {
        name: np.array([getattr(found, name) for found in ranges])
        for name in ("p05", "p10", "p25", "p50", "p75", "p90", "p95")
    }
    arrays["quantiles"] = np.array(
        [effort_1.quantiles(parameters, task.estimated, task.subcategory, fit.LEVELS) for task in tasks]
    )
    return arrays


def predictor(row: Forecast, outcome: Array) -> dict[str, Any]:
    """Return one row of the table of predictors."""
    misses = np.abs(outcome - row.hours)
    found: dict[str, Any] = {
        "name": row.name,
        "pred25": round(calibration.within(outcome, row.hours, 0.25), 4),
        "within2x": round(calibration.within_factor(outcome, row.hours, 2), 4),
        "mae": round(calibration.mean_absolute_error(outcome, row.hours), 4),
        "mae_interval": [round(end, 4) for end in calibration.bootstrap_interval(misses)],
        "sa": round(calibration.standardised_accuracy(outcome, row.hours), 4),
        "band": None,
    }
    if row.low is not None and row.high is not None:
        found["band"] = band(0.8, outcome, row.low, row.high)
    return found


def band(promised: float, outcome: Array, low: Array, high: Array) -> dict[str, Any]:
    """Return how a band keeps its promise, and how wide it is."""
    kept, width = calibration.coverage(promised, outcome, low, high), calibration.sharpness(low, high)
    return {
        "promised": promised,
        "inside": kept.inside,
        "count": kept.count,
        "share": round(kept.share, 4),
        "exact": [round(kept.low, 4), round(kept.high, 4)],
        "ratio_median": round(width.median, 4),
        "ratio_mean": round(width.geometric_mean, 4),
    }


def distribution(parts: sip.Split, outcome: Array, quantiles: Array) -> dict[str, Any]:
    """Return CRPS beside that of the marginal baseline, pinball losses, and the PIT histogram."""
    marginal = np.tile(np.quantile(baselines.actual(parts.train), fit.LEVELS), (len(outcome), 1))
    places = calibration.pit(outcome, quantiles, fit.LEVELS)
    return {
        "crps": round(calibration.crps_of_quantiles(outcome, quantiles, fit.LEVELS), 4),
        "crps_marginal": round(calibration.crps_of_quantiles(outcome, marginal, fit.LEVELS), 4),
        "pinball": {
            f"{level}": round(calibration.pinball(outcome, quantiles[:, fit.LEVELS.index(level)], level), 4)
            for level in (0.1, 0.5, 0.9)
        },
        "pit": calibration.pit_histogram(places),
    }


def groups(tasks: Sequence[sip.Task], outcome: Array, own: Mapping[str, Array]) -> list[dict[str, Any]]:
    """Return the 80% band of each kind of task with enough of them, the most frequent first."""
    kinds = np.array([task.subcategory for task in tasks])
    names, counts = np.unique(kinds, return_counts=True)
    found = []
    for at in np.argsort(-counts, kind="stable"):
        if counts[at] >= SMALLEST_GROUP:
            mask = kinds == names[at]
            found.append({"kind": str(names[at]), **band(0.8, outcome[mask], own["p10"][mask], own["p90"][mask])})
    return found
