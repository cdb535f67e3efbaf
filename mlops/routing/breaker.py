"""The circuit breaker of a target: a pure state machine; where its state lives is the store's business.

closed     calls pass; each failure adds one to a score that every success shrinks
open       no call passes until the cool-down ends; it doubles with every failed probe
half_open  one caller holds the probe; its result closes or opens; a probe that never reports expires

Three failures in a row open it, and so does a target that fails about every second call, because a success takes away
only a part of the score.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

THRESHOLD = 3.0
SHRINK = 0.7
COOL_DOWN = 5.0
MAX_COOL_DOWN = 300.0
PROBE_LEASE = 60.0

# Failures that say nothing about the target's health.
HARMLESS = frozenset({"refused", "cancelled", "busy", "check_failed", "no_budget"})
# Failures that no second try will mend: open at once and for long.
LASTING = frozenset({"auth", "gone", "unconfigured", "unsafe_address", "lies"})


@dataclass(frozen=True, slots=True)
class Breaker:
    """State of one target; `wait` counts the seconds until the cool-down or the lease of the probe ends."""

    state: str = "closed"
    score: float = 0.0
    cool_down: float = COOL_DOWN
    wait: float = 0.0
    reason: str = ""

    @property
    def passes(self) -> bool:
        """May a call pass now, or claim the probe?"""
        return self.state == "closed" or self.wait <= 0


def after_success(breaker: Breaker) -> Breaker:
    if breaker.state == "half_open":
        return Breaker()
    score = breaker.score * SHRINK
    return replace(breaker, score=score if score > 0.1 else 0.0)


def after_failure(breaker: Breaker, kind: str, retry_after: float | None = None) -> Breaker:
    """The state after a failure of this kind. Being asked to wait opens for just that long."""
    if kind in HARMLESS:
        return breaker
    if kind == "rate_limited":
        wait = min(retry_after if retry_after is not None else 1.0, MAX_COOL_DOWN)
        return replace(breaker, state="open", wait=wait, reason=kind)
    if kind in LASTING:
        return Breaker("open", THRESHOLD, MAX_COOL_DOWN, MAX_COOL_DOWN, kind)
    if breaker.state == "half_open":
        longer = min(breaker.cool_down * 2, MAX_COOL_DOWN)
        return Breaker("open", breaker.score + 1, longer, longer, kind)
    score = breaker.score + 1
    if score >= THRESHOLD:
        return Breaker("open", score, breaker.cool_down, breaker.cool_down, kind)
    return replace(breaker, score=score, reason=kind)


def claim(breaker: Breaker) -> Breaker | None:
    """The state after a caller took the probe, or None when none is to be had."""
    if breaker.state == "closed" or breaker.wait > 0:
        return None
    return replace(breaker, state="half_open", wait=PROBE_LEASE)


class BreakerStore(Protocol):
    """Where the states live. `read` may be a moment old; `permit` and the reports are exact."""

    def read(self) -> dict[str, Breaker]: ...
    def permit(self, target: str) -> bool: ...
    def success(self, target: str) -> None: ...
    def failure(self, target: str, kind: str, retry_after: float | None = None) -> None: ...


class MemoryBreakers:
    """Breakers of one process, for tests, benchmarks and the playground."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._states: dict[str, tuple[Breaker, float]] = {}

    def _now(self, target: str) -> Breaker:
        breaker, at = self._states.get(target, (Breaker(), 0.0))
        if not breaker.wait:
            return breaker
        return replace(breaker, wait=max(0.0, breaker.wait - (self._clock() - at)))

    def _set(self, target: str, breaker: Breaker) -> None:
        self._states[target] = breaker, self._clock()

    def read(self) -> dict[str, Breaker]:
        with self._lock:
            return {target: self._now(target) for target in self._states}

    def permit(self, target: str) -> bool:
        with self._lock:
            breaker = self._now(target)
            if breaker.state == "closed":
                return True
            probe = claim(breaker)
            if probe is not None:
                self._set(target, probe)
            return probe is not None

    def success(self, target: str) -> None:
        with self._lock:
            breaker = self._now(target)
            if breaker.score or breaker.state != "closed":
                self._set(target, after_success(breaker))

    def failure(self, target: str, kind: str, retry_after: float | None = None) -> None:
        with self._lock:
            breaker = self._now(target)
            after = after_failure(breaker, kind, retry_after)
            if after != breaker:
                self._set(target, after)
