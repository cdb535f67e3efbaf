"""Share of rows that were not answered by the version that should have."""

from __future__ import annotations

from mlops.monitoring.statistics.window import Measured, Window, nothing


def measure(window: Window) -> Measured:
    """Degraded rows of all rows."""
    if not window.rows:
        return nothing(0, "no predictions in the window")
    return Measured(float(f"{window.degraded / window.rows:.6g}"), window.rows)
