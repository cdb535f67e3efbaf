"""The measured tables behind `manage.py evaluate effort` and `manage.py evaluate value` (no Django)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from analysis.estimates import golden
from analysis.estimates.effort import sip
from analysis.estimates.effort.measure import measure
from analysis.estimates.golden_cases import CASES
from analysis.estimates.methods import effort_1


def run_effort(data: Path, stdout: TextIO) -> None:
    """Print the table of effort predictors on the time-ordered test part, the baselines beside the shipped model."""
    found = measure(effort_1.shipped_parameters(), sip.split(sip.load(data)))
    test = found["test"]
    stdout.write(f"{test['tasks']} test tasks, completed {test['first']} to {test['last']}\n\n")
    stdout.write("| predictor | PRED25 | within 2x | MAE h [95%] | SA | 80% coverage [95%] | high/low median, mean |\n")
    stdout.write("|---|---|---|---|---|---|---|\n")
    for row in found["predictors"]:
        stdout.write(_predictor(row) + "\n")
    stdout.write("\n| effort_1 promises | keeps [exact 95%] | high/low median, mean |\n|---|---|---|\n")
    for band in found["bands"]:
        stdout.write(f"| {band['promised']:.0%} | {_share(band)} | {_ratio(band)} |\n")
    told = found["distribution"]
    stdout.write(f"\nCRPS {told['crps']:.3f} h (marginal baseline {told['crps_marginal']:.3f} h)\n")
    for level, loss in told["pinball"].items():
        stdout.write(f"pinball {level}: {loss:.3f} h\n")
    stdout.write(f"PIT histogram, ten bins: {told['pit']}\n")
    stdout.write("\n| kind of task | tasks | 80% coverage [exact 95%] | high/low |\n|---|---|---|---|\n")
    for group in found["groups"]:
        stdout.write(f"| {group['kind']} | {group['count']} | {_share(group)} | {group['ratio_median']:.2f} |\n")


def run_value(data: Path | None, stdout: TextIO) -> None:
    """Print each golden case with what was worked out by hand and what the method gives; ``data`` is not needed."""
    stdout.write("| case | by hand | computed | same |\n|---|---|---|---|\n")
    same = 0
    for case in CASES:
        computed = golden.run(case)
        same += computed == case.expected
        stdout.write(
            f"| {case.name} | {case.expected} | {computed} | {'yes' if computed == case.expected else 'NO'} |\n"
        )
    stdout.write(f"\n{same} of {len(CASES)} golden cases reproduced exactly\n")


def _predictor(row: Mapping[str, Any]) -> str:
    low, high = row["mae_interval"]
    band = row["band"]
    cells = [
        row["name"],
        f"{row['pred25']:.3f}",
        f"{row['within2x']:.3f}",
        f"{row['mae']:.2f} [{low:.2f}, {high:.2f}]",
        f"{row['sa']:.3f}",
        *((_share(band), _ratio(band)) if band else ("", "")),
    ]
    return "| " + " | ".join(cells) + " |"


def _share(band: Mapping[str, Any]) -> str:
    low, high = band["exact"]
    return f"{band['share']:.3f} [{low:.3f}, {high:.3f}]"


def _ratio(band: Mapping[str, Any]) -> str:
    return f"{band['ratio_median']:.2f}, {band['ratio_mean']:.2f}"
