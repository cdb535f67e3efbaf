"""Share of predictions that were right, where the label arrived later."""

from __future__ import annotations

from mlops.monitoring.statistics.window import Measured, Window, nothing


def measure(window: Window) -> Measured:
    """The share over labelled predictions."""
    if not window.outcomes:
        return nothing(0, "no labels arrived for predictions of the window")
    right = sum(hit for _, hit in window.outcomes)
    return Measured(float(f"{right / len(window.outcomes):.6g}"), len(window.outcomes))
