"""Population stability index: how far the shares of a window lie from those of the baseline.

Σ (p − q) ln(p / q) over bins: ten quantile bins of the baseline for a quantity, the categories themselves for text.
Empty bins count half a row, so that one new category is finite. Common reading: below 0.1 alike, above 0.25 different.
"""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Sequence

from mlops.monitoring.statistics.window import Measured, Value, Window, is_number, nothing

BINS = 10


def measure(window: Window) -> Measured:
    """The index of the watched feature; detail holds both sides' shares by bin."""
    if not window.baseline:
        return nothing(len(window.values), "the version has no baseline of this feature")
    if not window.values:
        return nothing(0, "no predictions in the window")
    names, before, after = shares(window.baseline, window.values)
    value = sum((p - q) * math.log(p / q) for p, q in zip(after, before, strict=True))
    detail = {"bins": names, "baseline": [round(q, 4) for q in before], "window": [round(p, 4) for p in after]}
    return Measured(float(f"{value:.6g}"), len(window.values), detail=detail)


def shares(baseline: Sequence[Value], values: Sequence[Value]) -> tuple[list[str], list[float], list[float]]:
    """Names of the bins, and the smoothed shares of baseline and values in each."""
    if all(is_number(value) for value in baseline):
        ordered = sorted(float(value) for value in baseline)
        edges = sorted({ordered[min(len(ordered) - 1, len(ordered) * step // BINS)] for step in range(1, BINS)})
        names = [f"≤ {edge:g}" for edge in edges] + [f"> {edges[-1]:g}"]

        def place(value: Value) -> str:
            return names[bisect.bisect_left(edges, float(value))] if is_number(value) else "not a number"

        names_after = [place(value) for value in values]
        names_before = [place(value) for value in baseline]
        if "not a number" in names_after:
            names.append("not a number")
    else:
        names_before, names_after = [str(value) for value in baseline], [str(value) for value in values]
        names = sorted({*names_before, *names_after})
    return names, _smoothed(names, names_before), _smoothed(names, names_after)


def _smoothed(names: Sequence[str], found: Sequence[str]) -> list[float]:
    counts = Counter(found)
    total = sum(max(counts[name], 0.5) for name in names)
    return [max(counts[name], 0.5) / total for name in names]
