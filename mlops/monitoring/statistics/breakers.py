"""How many circuit breakers do not let calls pass."""

from __future__ import annotations

from mlops.monitoring.statistics.window import Measured, Window, nothing


def measure(window: Window) -> Measured:
    """Breakers that are open or half open now."""
    if window.open_breakers is None:
        return nothing(0, "there are no breakers here")
    return Measured(float(window.open_breakers), window.calls)
