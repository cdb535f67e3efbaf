"""A router over the loopback server, as the tests of routing use it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from evidence.outside import Policy, client
from mlops.providers.loopback import LoopbackServer
from mlops.providers.openai_compatible import OpenAICompatible
from mlops.providers.protocol import Provider
from mlops.routing.breaker import MemoryBreakers
from mlops.routing.engine import Router
from mlops.routing.ledger import MemoryLedger, Purse
from mlops.routing.records import Document, PolicySpec, TargetSpec, Task, TaskInput

TASK = Task("summarise", "Summarise the change.")
GIVEN = TaskInput((
    Document("title", "Keep the cache warm"),
    Document("description", "It removes stale entries every hour. Previously the cache was rebuilt on each request."),
))  # fmt: skip
POLICY = PolicySpec(total_seconds=4.0)


def remote(key: str, server: LoopbackServer, **changes: Any) -> TargetSpec:
    dear = key == "dear"
    settings: dict[str, Any] = {
        "model": key, "base_url": server.base_url, "price_in": 3_000_000 if dear else 100_000,
        "price_out": 12_000_000 if dear else 400_000, "prior_quality": 0.9 if dear else 0.7, "prior_latency": 0.1,
        "timeout": 0.6, "capabilities": frozenset({"json_schema", "streaming"}),
    }  # fmt: skip
    return TargetSpec(key, "openai", **{**settings, **changes})


OPEN: list[OpenAICompatible] = []  # closed by the fixture of conftest
LOCAL = TargetSpec("local-extractive", "local", prior_quality=0.4, prior_latency=0.01)


def router(server: LoopbackServer, targets: Sequence[TargetSpec] | None = None, **budgets: int) -> Router:
    specs = targets if targets is not None else [remote("cheap", server), remote("dear", server), LOCAL]
    policy = Policy(allowed=frozenset({("127.0.0.1", server.port)}), max_bytes=1 << 20)
    providers: dict[str, Provider] = {}
    for spec in specs:
        if not spec.local:
            OPEN.append(OpenAICompatible(spec.base_url, spec.key_env, lambda: client(policy)))
            OPEN[-1].warm()
            providers[spec.key] = OPEN[-1]
    purses = {name.replace("__", ":"): Purse(limit) for name, limit in budgets.items()}
    return Router(lambda: specs, lambda spec: providers[spec.key], MemoryLedger(purses), MemoryBreakers(time.monotonic))


def running_server() -> Iterator[LoopbackServer]:
    """The body of a `server` fixture: clients opened towards it by `router` are closed after the test."""
    with LoopbackServer() as running:
        yield running
    while OPEN:
        OPEN.pop().close()
