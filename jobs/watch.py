"""The watch beside a running job: renews its lease, and ends it at its limits.

The soft limit raises SoftLimit in the handler, so that it can tidy up; at the hard limit the row is closed and the
worker's process is killed, for a handler that ignores everything else cannot be stopped otherwise.
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


class Watch:
    """A context manager around a handler's run."""

    def __init__(self, context: Context, handler: Handler) -> None:
        self._context = context
        self._handler = handler
        self._over = threading.Event()
        self._started = time.monotonic()
        self._in_main = threading.current_thread() is threading.main_thread()
        self._before: Any = None
        self._thread = threading.Thread(target=self._watch, name=f"watch-{context.job_id}", daemon=True)

    def __enter__(self) -> Watch:
        if self._in_main:
            self._before = signal.signal(_SIGNAL, self._raise_soft_limit)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(5.0)
        if self._in_main:
            signal.signal(_SIGNAL, self._before)

    def _raise_soft_limit(self, number: int, frame: FrameType | None) -> None:
        if not self._over.is_set():
            raise SoftLimit(f"the soft limit of {self._handler.soft_limit:g} s has passed")

    def _watch(self) -> None:
        between = leases.lease_time().total_seconds() / 3
        renew_at, soft_told = self._started + between, False
        try:
            while True:
                soft_at = self._started + self._handler.soft_limit
                hard_at = self._started + self._handler.hard_limit
                wake_at = min(renew_at, hard_at if soft_told else soft_at)
                if self._over.wait(max(wake_at - time.monotonic(), 0)):
                    return
                now = time.monotonic()
                if now >= hard_at:
                    self._end_hard()
                if now >= soft_at and not soft_told:
                    soft_told = True
                    self._tell_soft()
                if now >= renew_at:
                    renew_at = now + between
                    self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        try:
            if not leases.renew(self._context.job, timezone.now()):
                self._context.lost = True
        except DatabaseError as error:
            logger.warning("the lease of job %s could not be renewed: %s", self._context.job_id, error)
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
