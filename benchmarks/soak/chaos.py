"""Kills at random, one at a time, and how long each took to be forgotten."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import psycopg
import redis

from benchmarks.soak.place import WORKERS, Place
from tests.faults.workers import descendants

PATIENCE = 60.0


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

    def run(self, stop: threading.Event) -> None:
        dice = random.Random(self.seed)
        acts: list[tuple[str, Callable[[random.Random], None], Callable[[], bool]]] = [
            ("PostgreSQL", self._postgres, self._serves),
            ("Redis", self._redis, self._redis_answers),
            ("worker", self._worker, self._works),
            ("pool process", self._pool_process, self._works),
            ("web process", self._web_process, self._serves),
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
        self.place.replace_worker(dice.randrange(WORKERS))

    def _pool_process(self, dice: random.Random) -> None:
        self._kill_below(dice.choice(self.place.workers).pid, dice)

    def _web_process(self, dice: random.Random) -> None:
        """SIGTERM, as the server's own end of a process: a kill -9 would cut the answers that are under way."""
        assert self.place.web is not None
        below = descendants(self.place.web.pid)
        if below:
            os.kill(dice.choice(below), signal.SIGTERM)

    def _kill_below(self, pid: int, dice: random.Random) -> None:
        below = descendants(pid)
        if below:
            try:
                os.kill(dice.choice(below), signal.SIGKILL)
            except ProcessLookupError:
                return

    def _serves(self) -> bool:
        try:
            return httpx.get(f"{self.place.url}/evidence/", timeout=20).status_code == 200
        except httpx.HTTPError:
            return False

    def _redis_answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.place.redis.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _works(self) -> bool:
        """True when a job has been finished since the kill."""
        sql = "SELECT 1 FROM jobs_job WHERE finished_at > now() - make_interval(secs => %s) LIMIT 1"
        try:
            with psycopg.connect(self.place.postgres.url, connect_timeout=2) as connection:
                return connection.execute(sql, [time.monotonic() - self.kills[-1].at]).fetchone() is not None
        except psycopg.OperationalError:
            return False
