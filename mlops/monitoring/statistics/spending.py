"""What calls cost, and what is left of the tightest budget."""

from __future__ import annotations

from mlops.monitoring.statistics.window import Measured, Window, nothing


def spent(window: Window) -> Measured:
    """US dollars spent in the window."""
    if window.spent is None:
        return nothing(0, "nothing here costs money")
    return Measured(float(f"{window.spent:.6g}"), window.calls)


def left(window: Window) -> Measured:
    """The smallest share of today's budgets that is left, 0 to 1."""
    if window.left is None:
        return nothing(0, "no budget is set")
    return Measured(float(f"{window.left:.6g}"), window.calls)
