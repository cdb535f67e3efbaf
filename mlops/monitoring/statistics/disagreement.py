"""Share of inputs that the shadow answers otherwise than the version that is heard."""

from __future__ import annotations

from mlops.monitoring.statistics.window import Measured, Window, nothing


def measure(window: Window) -> Measured:
    """The share over inputs that both answered."""
    if not window.pairs:
        return nothing(0, "no shadow answered in the window")
    apart = sum(served != shadow for served, shadow in window.pairs)
    return Measured(float(f"{apart / len(window.pairs):.6g}"), len(window.pairs))
