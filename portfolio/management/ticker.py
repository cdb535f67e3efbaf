"""Progress of a command on standard error."""

import time
from typing import Any


class Bar:
    """A bar that renews itself on a terminal, and a line every few seconds elsewhere."""

    WIDTH = 30

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._terminal = bool(getattr(stream, "isatty", lambda: False)())
        self._last = 0.0
        self._what = ""

    def __call__(self, done: int, total: int | None, what: str) -> None:
        """Show where the work stands, at most five times a second; the end of a stage is always shown."""
        now = time.monotonic()
        pause = 0.2 if self._terminal else 5.0
        if what == self._what and done != total and now - self._last < pause:
            return
        self._last, self._what = now, what
        share = done / total if total else 0.0
        bar = "█" * round(share * self.WIDTH)
        counted = f"{done:,} of {total:,}" if total else f"{done:,}"
        line = f"{what} {bar:░<{self.WIDTH}} {counted}" if self._terminal else f"{what} {counted}"
        self._stream.write(f"\r\x1b[K{line}" if self._terminal else line, ending="" if self._terminal else "\n")
        if self._terminal and done == total:
            self._stream.write("")
