"""Share of calls in which a version failed, though another one answered."""

from __future__ import annotations

from mlops.monitoring.statistics.window import Measured, Window, nothing


def measure(window: Window) -> Measured:
    """Failed calls of all calls."""
    if not window.calls:
        return nothing(0, "no calls in the window")
    return Measured(float(f"{window.errors / window.calls:.6g}"), window.calls)
