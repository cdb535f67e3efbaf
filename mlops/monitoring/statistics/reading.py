"""A figure as a watcher reads it at the end of the window: a queue's age, the room on a disk."""

from __future__ import annotations

from mlops.monitoring.statistics.window import Measured, Window, nothing


def measure(window: Window) -> Measured:
    """The reading, in the unit that the watcher states."""
    if window.reading is None:
        return nothing(0, "nothing is known of it yet")
    return Measured(window.reading, 1)
