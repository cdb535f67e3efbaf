"""Kolmogorov-Smirnov distance: the largest gap between the two cumulative distributions of a quantity, 0 to 1."""

from __future__ import annotations

import bisect

from mlops.monitoring.statistics.window import Measured, Window, is_number, nothing


def measure(window: Window) -> Measured:
    """The distance; categories have none."""
    before = sorted(float(value) for value in window.baseline if is_number(value))
    after = sorted(float(value) for value in window.values if is_number(value))
    if not before:
        return nothing(len(after), "the version has no baseline of this quantity")
    if not after:
        return nothing(0, "no predictions in the window")
    gap = max(
        abs(bisect.bisect_right(before, point) / len(before) - bisect.bisect_right(after, point) / len(after))
        for point in {*before, *after}
    )
    return Measured(float(f"{gap:.6g}"), len(after))
