"""Kills at random, one at a time, and how long each took to be forgotten."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, LiteralString

import httpx
import psycopg

from benchmarks.soak.place import SPARED, WEB_PROCESSES, WORKERS, Place
from tests.faults.workers import descendants

PATIENCE = 60.0
KILLED_WEB = "web process, kill -9"


@dataclass
class Kill:
    """What was killed, when (seconds of the monotonic clock), when it was started again, and when all was well."""

    what: str
    at: float
    back: float = 0.0
    well: float = 0.0


@dataclass
class Chaos:
    """Kills something every ``between`` seconds until told to stop."""

    place: Place
    between: tuple[float, float]
    seed: int = 11
    kills: list[Kill] = field(default_factory=list)
    _ended: int = 0  # the web process that was told to end

    def run(self, stop: threading.Event) -> None:
        dice = random.Random(self.seed)
        acts: list[tuple[str, Callable[[random.Random], None], Callable[[], bool]]] = [
            ("PostgreSQL", self._postgres, lambda: self._serves() and self._works()),
            ("Redis", self._redis, self._works),
            ("worker", self._worker, lambda: self._works() and self._taken_over()),
            ("pool process", self._pool_process, lambda: self._works() and self._taken_over()),
            ("web process, SIGTERM", self._end_web, self._all_serve),
            (KILLED_WEB, self._kill_web, self._all_serve),
        ]
        turn = 0
        while not stop.wait(dice.uniform(*self.between)):
            if turn % len(acts) == 0:
                dice.shuffle(acts)
            what, act, is_well = acts[turn % len(acts)]
            turn += 1
            kill = Kill(what, time.monotonic())
            self.kills.append(kill)
            act(dice)
            kill.back = time.monotonic()
            while not is_well() and time.monotonic() - kill.back < PATIENCE:
                time.sleep(0.1)
            kill.well = time.monotonic()

    def _postgres(self, dice: random.Random) -> None:
        self.place.postgres.stop(signal.SIGQUIT)
        time.sleep(dice.uniform(0.2, 1.5))
        self.place.postgres.start()

    def _redis(self, dice: random.Random) -> None:
        self.place.redis.kill()
        time.sleep(dice.uniform(0.5, 3))
        self.place.redis.start()

    def _worker(self, dice: random.Random) -> None:
        self.place.replace_worker(self._victim(dice))

    def _pool_process(self, dice: random.Random) -> None:
        _signal_one(descendants(self.place.workers[self._victim(dice)].pid), signal.SIGKILL, dice)

    def _end_web(self, dice: random.Random) -> None:
        """As the server itself ends a process: no answer may be cut."""
        self._ended = _signal_one(self._web_processes(), signal.SIGTERM, dice)

    def _kill_web(self, dice: random.Random) -> None:
        """The answers that this process has under way are cut; no other may fail."""
        self._ended = _signal_one(self._web_processes(), signal.SIGKILL, dice)

    def _web_processes(self) -> list[int]:
        assert self.place.web is not None
        return [pid for pid in descendants(self.place.web.pid) if pid != self.place.spared_web]

    def _victim(self, dice: random.Random) -> int:
        """The number of a worker that is not spared."""
        return dice.choice([number for number in range(WORKERS) if number != SPARED])

    def _serves(self) -> bool:
        try:
            return httpx.get(f"{self.place.url}/evidence/", timeout=20).status_code == 200
        except httpx.HTTPError:
            return False

    def _all_serve(self) -> bool:
        """True when another web process has taken the place of the one that ended, and a few requests are answered."""
        assert self.place.web is not None
        there = descendants(self.place.web.pid)
        return self._ended not in there and len(there) >= WEB_PROCESSES and all(self._serves() for _ in range(4))

    def _works(self) -> bool:
        """True when a job that was asked for after the restart is done: the way through the broker is open."""
        since = time.monotonic() - self.kills[-1].back
        sql = "SELECT 1 FROM jobs_job WHERE state = 'done' AND created_at > now() - make_interval(secs => %s) LIMIT 1"
        return bool(self._rows(sql, since))

    def _taken_over(self) -> bool:
        """True when no job that ran at the kill is still held by a process that is no more."""
        from jobs.leases import is_dead_local

        running = self._rows("SELECT lease_owner FROM jobs_job WHERE state = 'running'")
        return running is not None and not any(is_dead_local(owner) for (owner,) in running)

    def _rows(self, sql: LiteralString, *values: float) -> list[tuple[Any, ...]] | None:
        """What the database answers; None while it does not."""
        try:
            with psycopg.connect(self.place.postgres.url, connect_timeout=2) as connection:
                return connection.execute(sql, values).fetchall()
        except psycopg.OperationalError:
            return None


def _signal_one(pids: list[int], what: signal.Signals, dice: random.Random) -> int:
    """Send a signal to one of the processes and return its id; one that has just ended by itself is left alone."""
    if not pids:
        return 0
    chosen = dice.choice(pids)
    with contextlib.suppress(ProcessLookupError):
        os.kill(chosen, what)
    return chosen
