"""The watch beside a running job: renews its lease, and ends it at its limits.

The soft limit raises SoftLimit in the handler, so that it can tidy up; at the hard limit the row is closed and the
worker's process is killed, for a handler that ignores everything else cannot be stopped otherwise.

One thread a process watches whatever runs there: starting one for each job would cost more than most jobs do.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone

from jobs import leases
from jobs.context import Context
from jobs.errors import SoftLimit
from jobs.handlers import Handler

logger = logging.getLogger(__name__)
_SIGNAL = signal.SIGUSR2
_IDLE = 60.0


class Watch:
    """A context manager around a handler's run. Times are those of time.monotonic()."""

    def __init__(self, context: Context, handler: Handler) -> None:
        self._context = context
        self._over = threading.Event()
        self._busy = threading.Lock()  # held during a look, so that none is in the middle when the job has ended
        self._in_main = threading.current_thread() is threading.main_thread()
        self._before: Any = None
        self._between = leases.lease_time().total_seconds() / 3
        self._limits = handler.soft_limit, handler.hard_limit
        self._handler = handler
        self._soft_told = False

    def __enter__(self) -> Watch:
        started = time.monotonic()
        self._renew_at = started + self._between
        self._soft_at, self._hard_at = (started + limit for limit in self._limits)
        if self._in_main:
            self._before = signal.signal(_SIGNAL, self._raise_soft_limit)
        _watcher().add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        _watcher().remove(self)
        if self._busy.acquire(timeout=5.0):
            self._busy.release()
        if self._in_main:
            signal.signal(_SIGNAL, self._before)

    @property
    def wake_at(self) -> float:
        """When it must be looked at next."""
        return min(self._renew_at, self._hard_at if self._soft_told else self._soft_at)

    def look(self) -> None:
        """Do what is due: renew, tell the handler of its soft limit, or end the process at the hard one."""
        with self._busy:
            now = time.monotonic()
            if self._over.is_set():
                return
            if now >= self._hard_at:
                self._end_hard()
            if now >= self._soft_at and not self._soft_told:
                self._soft_told = True
                self._tell_soft()
            if now >= self._renew_at:
                self._renew_at = now + self._between
                self._renew()

    def _raise_soft_limit(self, number: int, frame: FrameType | None) -> None:
        if not self._over.is_set():
            raise SoftLimit(f"the soft limit of {self._handler.soft_limit:g} s has passed")

    def _renew(self) -> None:
        try:
            if not leases.renew(self._context.job, timezone.now()):
                self._context.lost = True
        except DatabaseError as error:
            logger.warning("the lease of job %s could not be renewed: %s", self._context.job_id, error)
        finally:
            connection.close()

    def _tell_soft(self) -> None:
        ident = threading.main_thread().ident
        if self._in_main and ident is not None:
            signal.pthread_kill(ident, _SIGNAL)

    def _end_hard(self) -> None:
        from jobs import runner

        try:
            runner.try_again(
                self._context.job,
                self._handler,
                code="hard_limit",
                message=f"stopped at the hard limit of {self._handler.hard_limit:g} s",
            )
        except DatabaseError as error:
            logger.warning("job %s passed its hard limit: %s", self._context.job_id, error)
        os.kill(os.getpid(), signal.SIGKILL)


class _Watcher:
    """The thread of this process, and the watches that it looks at. It is woken only for what is due sooner."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._watches: set[Watch] = set()
        self._changed = threading.Condition()
        self._wakes_at = 0.0
        threading.Thread(target=self._run, name="job-watch", daemon=True).start()

    def add(self, watch: Watch) -> None:
        with self._changed:
            self._watches.add(watch)
            if watch.wake_at < self._wakes_at:
                self._changed.notify()

    def remove(self, watch: Watch) -> None:
        with self._changed:
            self._watches.discard(watch)

    def _run(self) -> None:
        while True:
            with self._changed:
                now = time.monotonic()
                self._wakes_at = min((watch.wake_at for watch in self._watches), default=now + _IDLE)
                self._changed.wait(max(self._wakes_at - now, 0.0))
                now = time.monotonic()
                due = [watch for watch in self._watches if watch.wake_at <= now]
            for watch in due:
                try:
                    watch.look()
                except Exception:
                    logger.exception("the watch over a job failed; it goes on")


_found: _Watcher | None = None
_finding = threading.Lock()


def _watcher() -> _Watcher:
    """The watcher of this process; a child of a fork has none of its parent's threads and starts its own."""
    global _found
    if _found is None or _found.pid != os.getpid():
        with _finding:
            if _found is None or _found.pid != os.getpid():
                _found = _Watcher()
    return _found
