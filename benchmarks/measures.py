"""One figure of a benchmark as a row: what it is, its runs, its goal; and a run beside the last one that was recorded.

A benchmark calls ``measure`` for each figure that stands in its table. Under `make bench` the rows are collected from
the file that ATTEST_BENCH names; without it the call does nothing.
"""

from __future__ import annotations

import json
import math
import os
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

# Wall and processor times of shared machines differ by this much from run to run without any change of the code.
NOISE = 0.25


def measure(
    subject: str,
    name: str,
    value: float | Sequence[float],
    unit: str,
    *,
    goal: float | None = None,
    lower_is_better: bool = True,
) -> None:
    """Record a figure: one value, or the values of several runs, of which the median counts and the spread is shown."""
    path = os.environ.get("ATTEST_BENCH")
    if not path:
        return
    runs = [float(value)] if isinstance(value, int | float) else [float(each) for each in value]
    row = {
        "subject": subject, "name": name, "value": statistics.median(runs), "low": min(runs), "high": max(runs),
        "runs": len(runs), "unit": unit, "goal": goal, "lower_is_better": lower_is_better,
    }  # fmt: skip
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The power with which a cost grows: the slope of the least-squares line through the logarithms; 1 is linear."""
    xs, ys = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    middle_x, middle_y = statistics.fmean(xs), statistics.fmean(ys)
    spread = sum((x - middle_x) ** 2 for x in xs)
    return sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / spread


def read(path: Path) -> list[dict[str, Any]]:
    """The rows that a benchmark wrote; none where it wrote none."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def holds(row: Mapping[str, Any]) -> bool | None:
    """Whether the goal is met; None without a goal."""
    if row["goal"] is None:
        return None
    return bool(row["value"] <= row["goal"] if row["lower_is_better"] else row["value"] >= row["goal"])


def change(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    """The row beside the same row of the last recorded run, in words; a change within the noise is called that."""
    if before is None or not before["value"] or not row["value"]:
        return "new" if before is None else ""
    factor = row["value"] / before["value"]
    if abs(factor - 1) <= NOISE:
        return "as before"
    better = (factor < 1) == row["lower_is_better"]
    return f"{'better' if better else '**worse**'}, {factor:.2f}x"


def table(rows: Iterable[Mapping[str, Any]], recorded: Iterable[Mapping[str, Any]]) -> str:
    """Markdown: every figure with its spread, its goal, whether that holds, and the last recorded run beside it."""
    last = {(row["subject"], row["name"]): row for row in recorded}
    lines = ["| subject | figure | measured | goal | holds | last recorded |", "| --- | --- | --: | --: | --- | --- |"]
    for row in rows:
        spread = f" ({_short(row['low'])}–{_short(row['high'])})" if row["runs"] > 1 else ""
        goal = "" if row["goal"] is None else f"{'≤' if row['lower_is_better'] else '≥'} {_short(row['goal'])}"
        verdict = {True: "yes", False: "**no**", None: ""}[holds(row)]
        told = change(row, last.get((row["subject"], row["name"])))
        lines.append(
            f"| {row['subject']} | {row['name']} | {_short(row['value'])}{spread} {row['unit']} | {goal} | {verdict} "
            f"| {told} |"
        )
    return "\n".join(lines) + "\n"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
