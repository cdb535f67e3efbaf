"""Faults by script: which call they hit, how often, and what they do to it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Call:
    """One request as the replica saw it; `variables` and `operation` are GraphQL's."""

    index: int
    method: str
    path: str
    operation: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    points: int = 0
    token: str = ""

    @property
    def size(self) -> int:
        """The page size asked for, 0 when there is none."""
        return int(self.variables.get("first") or 0)


@dataclass
class Fault:
    """One scripted fault.

    `kind` is one of: status (with `status`, and `points` deducted extra as GitHub does for timeouts), cut (body ends
    after `bytes`), drip (one byte each `seconds`), retry_after (`status` 403/429/200 with `seconds`), secondary (403
    without Retry-After), primary (hour spent), unauthorized, partial (`paths` nulled, with errors), same_cursor (the
    end cursor is the one sent), bad_cursor (the cursor has expired), html, charset, reset (connection closed unread).
    `before` and `after` are called with nothing around the call, for edits between pages.
    """

    kind: str = ""
    when: Callable[[Call], bool] = lambda call: True
    times: int = 1
    status: int = 502
    points: int = 0
    bytes: int = 40
    seconds: float = 60
    paths: tuple[tuple[str | int, ...], ...] = ()
    before: Callable[[], Any] | None = None
    after: Callable[[], Any] | None = None


class Script:
    """The faults that are still to happen, in order."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Queue faults; each is used up after its `times`."""
        with self._lock:
            self._faults.extend(faults)

    def clear(self) -> None:
        """Forget what has not happened."""
        with self._lock:
            self._faults.clear()

    def take(self, call: Call) -> Fault | None:
        """The first fault that this call meets."""
        with self._lock:
            for fault in self._faults:
                if fault.when(call):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                    return fault
        return None


def null_at(data: Any, path: tuple[str | int, ...]) -> None:
    """Null the node at a path, as GitHub does for a node that it gave up on."""
    for step in path[:-1]:
        data = data[step]
    data[path[-1]] = None
