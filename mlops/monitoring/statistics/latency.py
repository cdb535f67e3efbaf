"""95th percentile of the model's time per row, in milliseconds."""

from __future__ import annotations

from mlops.monitoring.statistics.window import Measured, Window, nothing


def measure(window: Window) -> Measured:
    """The percentile (nearest rank) over sampled predictions."""
    if not window.microseconds:
        return nothing(0, "no predictions in the window")
    ordered = sorted(window.microseconds)
    value = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))] / 1000
    return Measured(float(f"{value:.6g}"), len(ordered))
