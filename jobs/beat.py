"""Celery beat by the monotonic clock.

Celery's own scheduler asks the wall clock what is due: after one that was a day ahead comes back, it sends nothing for
a day. The schedules that matter are rows (jobs.schedules); all that beat has to do is to ask for the reaper's passes.
"""

from __future__ import annotations

import time
from typing import Any

from celery.beat import Scheduler


class SteadyScheduler(Scheduler):
    """Sends every entry at its interval, whatever the wall clock says; entries by calendar are not for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._due_at: dict[str, float] = {}  # of each entry, in seconds of the monotonic clock
        super().__init__(*args, **kwargs)

    def tick(self, *_args: Any, **_kwargs: Any) -> float:
        """Send what is due; returns the seconds until the next entry is."""
        entries: dict[str, Any] = self.schedule
        for name, entry in entries.items():
            if self._due_at.get(name, 0.0) <= time.monotonic():
                self.apply_entry(entry, producer=self.producer)
                self._due_at[name] = time.monotonic() + entry.schedule.run_every.total_seconds()
        waits = (due_at - time.monotonic() for due_at in self._due_at.values())
        return max(0.0, min(waits, default=float(self.max_interval or 5)))
