"""Seconds since the last prediction."""

from __future__ import annotations

from mlops.monitoring.statistics.window import Measured, Window, nothing


def measure(window: Window) -> Measured:
    """The age; unknown when the model never predicted."""
    if window.age_seconds is None:
        return nothing(0, "the model never predicted")
    return Measured(float(f"{window.age_seconds:.6g}"), window.rows)
