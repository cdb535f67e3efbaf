"""The processes behind ``manage.py worker``: Celery in a session of its own, the reaper's loop, and this parent.

1. The parent forks the reaper (optional) and the Celery worker, then sleeps until a signal or a child's death.
2. SIGTERM or SIGINT: Celery is told to take nothing new; what still runs after ``grace`` seconds is killed, and the
   leases of killed jobs are given back at once, for rows are the truth and every job may be run again.
3. A child that dies is started again, waiting longer each time it dies young.
4. With ``until_idle`` the parent ends like that by itself once nothing is left that runs or could start now. A job's
   row asks for what follows it before it is closed, so there is no moment between the two that looks idle.
5. If the parent itself is killed, the reaper notices and ends Celery.

Forking happens before any database connection is open.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from django.db import DatabaseError, connections
from django.utils import timezone

from jobs import leases, queries, reaper
from jobs.models import Job, State
from jobs.sending import celery_app

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """How the worker runs: processes, queues, seconds of grace, and seconds between two ticks (0: no reaper).

    ``until_idle`` ends it once its queues hold nothing that runs or could start now.
    """

    concurrency: int
    queues: tuple[str, ...]
    grace: float
    tick_seconds: float
    loglevel: str = "WARNING"
    until_idle: bool = False


@dataclass
class Supervisor:
    """Starts the children, restarts them, and stops them."""

    options: Options
    stopping: bool = False
    celery_pid: int = 0
    reaper_pid: int = 0
    _young_deaths: int = 0
    _started: float = field(default=0.0)
    _asked: float = field(default=0.0)

    def run(self) -> int:
        """Supervise until a signal; returns the exit code."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        self._start_celery()
        if self.options.tick_seconds:
            self.reaper_pid = _fork(lambda: _reap_forever(self.options.tick_seconds, self.celery_pid))
        while not self.stopping and not self._is_idle():
            self._wait_for_a_child()
        self._end()
        return 0

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start_celery(self) -> None:
        self._started = time.monotonic()
        self.celery_pid = _fork(lambda: _celery(self.options))

    def _is_idle(self) -> bool:
        """Whether the work is done, where that ends it; asked once a second. A database that is away is not idle."""
        if not self.options.until_idle or time.monotonic() - self._asked < 1:
            return False
        self._asked = time.monotonic()
        try:
            return queries.left_now(self.options.queues) == 0
        except DatabaseError:
            return False
        finally:
            connections.close_all()  # the parent forks, and a connection must not be shared

    def _wait_for_a_child(self) -> None:
        """Sleep in short steps, so that a signal between test and sleep is not missed for long."""
        time.sleep(0.2)
        with contextlib.suppress(ChildProcessError):
            pid, _status = os.waitpid(-1, os.WNOHANG)
            if pid and not self.stopping:
                self._replace(pid)

    def _replace(self, pid: int) -> None:
        died_young = time.monotonic() - self._started < 5
        self._young_deaths = self._young_deaths + 1 if died_young else 0
        logger.error("worker process %s has ended; starting another", pid)
        _kill_session(self.celery_pid)
        if self.reaper_pid:
            _kill(self.reaper_pid)
        time.sleep(min(2.0**self._young_deaths, 30) - 1)
        self._start_celery()
        if self.options.tick_seconds:
            self.reaper_pid = _fork(lambda: _reap_forever(self.options.tick_seconds, self.celery_pid))

    def _end(self) -> None:
        _signal(self.celery_pid, signal.SIGTERM)
        deadline = time.monotonic() + self.options.grace
        while time.monotonic() < deadline and not _is_gone(self.celery_pid) and _runs_something():
            time.sleep(0.1)
        _kill_session(self.celery_pid)
        if self.reaper_pid:
            _kill(self.reaper_pid)
        try:
            self._give_back()
        except DatabaseError as error:
            logger.warning("leases are left to run out, the database does not answer: %s", error)
        finally:
            connections.close_all()

    def _give_back(self) -> None:
        """Free the leases of the killed; a moment may pass until the last of them is really gone."""
        deadline = time.monotonic() + 1.0
        reaper.take_back_expired(timezone.now())
        while _runs_something() and time.monotonic() < deadline:
            time.sleep(0.1)
            reaper.take_back_expired(timezone.now())


def _fork(body: Callable[[], None]) -> int:
    """Run ``body`` in a child process and return its pid."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        body()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        logger.exception("a worker process failed")
    finally:
        os._exit(code)


def _celery(options: Options) -> None:
    os.setsid()
    # Celery warns about root; the worker takes JSON only, so root adds no way in.
    warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
    worker = celery_app().Worker(
        concurrency=options.concurrency,
        pool_cls="prefork",
        queues=list(options.queues),
        loglevel=options.loglevel,
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        task_events=False,
        hostname=f"attest-{os.getpid()}@%h",
        optimization="fair",
    )
    worker.start()
    sys.exit(worker.exitcode or 0)


def _reap_forever(every: float, celery_pid: int) -> None:
    parent = os.getppid()
    while True:
        if os.getppid() != parent:
            _kill_session(celery_pid)
            return
        try:
            reaper.tick()
        except Exception as error:  # noqa: BLE001  whatever it is, the next pass may succeed
            logger.warning("the reaper's pass failed: %s", error)
            connections.close_all()
        time.sleep(every)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _kill(pid: int) -> None:
    _signal(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _kill_session(pid: int) -> None:
    """Kill Celery and its pool, which share a process group of their own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _runs_something() -> bool:
    """True while some process of this machine holds a lease; then it is worth waiting for."""
    try:
        return Job.objects.filter(state=State.RUNNING, lease_owner__startswith=f"{leases.host()}:").exists()
    except DatabaseError:
        connections.close_all()
        return True


def _is_gone(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True
