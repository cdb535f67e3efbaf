"""The registry of job kinds. Handlers live in each app's ``tasks.py`` and are thin doorways::

    @handler("collect", retry_on=(SourceUnavailable,), soft_limit=3300)
    def collect(ctx, *, source, **_ignored):
        return services.run_collection(source=source, progress=ctx.progress)

A handler takes the context and named arguments, tolerates unknown ones, may be run again at any time, and returns
JSON or None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import autodiscover_modules

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Handler:
    """How jobs of one kind are run. Limits and waits are seconds."""

    kind: str
    function: Function
    queue: str = "default"
    priority: int = 0
    retry_on: tuple[type[Exception], ...] = ()
    max_attempts: int = 8
    max_deliveries: int = 3
    first_wait: float = 2.0
    longest_wait: float = 900.0
    soft_limit: float = 3300.0
    hard_limit: float = 3600.0


_handlers: dict[str, Handler] = {}


def handler(kind: str, **options: Any) -> Callable[[Function], Function]:
    """Register a function as the handler of ``kind``; ``options`` are the fields of Handler."""

    def register(function: Function) -> Function:
        known = _handlers.get(kind)
        if known is not None and known.function.__qualname__ != function.__qualname__:
            raise ValueError(f"two handlers for jobs of kind {kind!r}")
        _handlers[kind] = Handler(kind, function, **options)
        return function

    return register


def find(kind: str) -> Handler | None:
    """Return the handler of a kind, or None in a release that does not know it."""
    if kind not in _handlers:
        load()
    return _handlers.get(kind)


def load() -> None:
    """Import each app's ``tasks`` module, and with it every handler."""
    autodiscover_modules("tasks")


def queues() -> list[str]:
    """Return every queue that some handler names."""
    load()
    return sorted({"default", *(entry.queue for entry in _handlers.values())})
