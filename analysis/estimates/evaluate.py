"""The measured tables behind `manage.py evaluate effort` and `manage.py evaluate value` (no Django)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from analysis.estimates import calibration
from analysis.estimates.effort import baselines, fit, sip
from analysis.estimates.methods import effort_1

CALIBRATION_WINDOW = 0.125
"""Share of what comes before the test part that calibrates the bands: the latest tenth of all tasks."""


def train_shipped(parts: sip.Split) -> dict[str, Any]:
    """Return the parameters of effort_1: quantiles from the first 70% of the tasks, bands from the next 10%."""
    known = [*parts.train, *parts.validation]
    cut = round(len(known) * (1 - CALIBRATION_WINDOW))
    return fit.fit(known[:cut], known[cut:])


def forecast(parameters: Mapping[str, Any], tasks: list[sip.Task]) -> dict[str, Any]:
    """Return arrays over the tasks: p05 … p95, and ``quantiles`` of shape (tasks, levels)."""
    ranges = [effort_1.predict(parameters, task.estimated, task.subcategory) for task in tasks]
    arrays: dict[str, Any] = {
        name: np.array([getattr(found, name) for found in ranges])
        for name in ("p05", "p10", "p25", "p50", "p75", "p90", "p95")
    }
    arrays["quantiles"] = np.array(
        [effort_1.quantiles(parameters, task.estimated, task.subcategory, fit.LEVELS) for task in tasks]
    )
    return arrays


def run_effort(data: Path, stdout: TextIO) -> None:
    """Print the table of effort predictors on the time-ordered test part, the baselines beside the shipped model."""
    parts = sip.split(sip.load(data))
    outcome = baselines.actual(parts.test)
    own = forecast(effort_1.shipped_parameters(), list(parts.test))
    rows = [make(parts) for make in baselines.ALL]
    rows.append(baselines.Forecast("effort_1 (shipped)", own["p50"], own["p10"], own["p90"]))
    stdout.write(f"{len(outcome)} test tasks, completed {parts.test[0].completed} to {parts.test[-1].completed}\n\n")
    stdout.write("| predictor | PRED25 | within 2x | MAE h [95%] | SA | 80% coverage [95%] | high/low median, mean |\n")
    stdout.write("|---|---|---|---|---|---|---|\n")
    for row in rows:
        stdout.write(_table_row(row, outcome) + "\n")
    stdout.write("\n| effort_1 promises | keeps [exact 95%] | high/low median, mean |\n|---|---|---|\n")
    for promised, low, high in ((0.5, "p25", "p75"), (0.8, "p10", "p90"), (0.9, "p05", "p95")):
        kept = calibration.coverage(promised, outcome, own[low], own[high])
        width = calibration.sharpness(own[low], own[high])
        stdout.write(
            f"| {promised:.0%} | {kept.share:.3f} [{kept.low:.3f}, {kept.high:.3f}] |"
            f" {width.median:.2f}, {width.geometric_mean:.2f} |\n"
        )
    _write_distribution(parts, outcome, own["quantiles"], stdout)
    _write_groups(parts, outcome, own, stdout)


def _table_row(row: baselines.Forecast, outcome: Any) -> str:
    low, high = calibration.bootstrap_interval(np.abs(outcome - row.hours))
    error = calibration.mean_absolute_error(outcome, row.hours)
    cells = [
        row.name,
        f"{calibration.within(outcome, row.hours, 0.25):.3f}",
        f"{calibration.within_factor(outcome, row.hours, 2):.3f}",
        f"{error:.2f} [{low:.2f}, {high:.2f}]",
        f"{calibration.standardised_accuracy(outcome, row.hours):.3f}",
    ]
    if row.low is None or row.high is None:
        cells += ["", ""]
    else:
        kept = calibration.coverage(0.8, outcome, row.low, row.high)
        width = calibration.sharpness(row.low, row.high)
        cells.append(f"{kept.share:.3f} [{kept.low:.3f}, {kept.high:.3f}]")
        cells.append(f"{width.median:.2f}, {width.geometric_mean:.2f}")
    return "| " + " | ".join(cells) + " |"


def _write_distribution(parts: sip.Split, outcome: Any, quantiles: Any, stdout: TextIO) -> None:
    marginal = np.tile(np.quantile(baselines.actual(parts.train), fit.LEVELS), (len(outcome), 1))
    places = calibration.pit(outcome, quantiles, fit.LEVELS)
    stdout.write(
        f"\nCRPS {calibration.crps_of_quantiles(outcome, quantiles, fit.LEVELS):.3f} h"
        f" (marginal baseline {calibration.crps_of_quantiles(outcome, marginal, fit.LEVELS):.3f} h)\n"
    )
    for level in (0.1, 0.5, 0.9):
        at = fit.LEVELS.index(level)
        stdout.write(f"pinball {level:.1f}: {calibration.pinball(outcome, quantiles[:, at], level):.3f} h\n")
    stdout.write(f"PIT histogram, ten bins: {calibration.pit_histogram(places)}\n")


def _write_groups(parts: sip.Split, outcome: Any, own: Mapping[str, Any], stdout: TextIO) -> None:
    stdout.write("\n| kind of task | tasks | 80% coverage [exact 95%] | high/low |\n|---|---|---|---|\n")
    kinds = np.array([task.subcategory for task in parts.test])
    names, counts = np.unique(kinds, return_counts=True)
    for at in np.argsort(-counts, kind="stable"):
        if counts[at] < 40:
            continue
        mask = kinds == names[at]
        kept = calibration.coverage(0.8, outcome[mask], own["p10"][mask], own["p90"][mask])
        width = calibration.sharpness(own["p10"][mask], own["p90"][mask])
        share = f"{kept.share:.3f} [{kept.low:.3f}, {kept.high:.3f}]"
        stdout.write(f"| {names[at]} | {counts[at]} | {share} | {width.median:.2f} |\n")
