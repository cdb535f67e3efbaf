"""Rows predicted per hour. None at all is a value, zero: silence has to be seen."""

from __future__ import annotations

from mlops.monitoring.statistics.window import Measured, Window


def measure(window: Window) -> Measured:
    """Rows an hour over the window."""
    return Measured(float(f"{window.rows * 3600 / window.seconds:.6g}"), window.rows)
