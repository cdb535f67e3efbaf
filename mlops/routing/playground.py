"""The playground: the real router over demonstration targets that ship with the product and say what they are.

A visitor may switch a target off or slow it down for the own call; the wish travels in the model's name, so visitors do
not disturb each other. Decisions are kept under the origin `loopback` and never counted as quality.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from evidence import outside
from evidence.redaction import redact
from mlops.providers.loopback import LoopbackServer
from mlops.providers.openai_compatible import OpenAICompatible
from mlops.routing.breaker import MemoryBreakers
from mlops.routing.catalogue import LOCAL_TARGETS, task
from mlops.routing.engine import Router
from mlops.routing.estimates import Latencies
from mlops.routing.records import Document, PolicySpec, Routed, TargetSpec, TaskInput
from mlops.routing.stores import DatabaseLedger

MAX_CHARS = 4000
# What a visitor may do to a target, and the fault by which the loopback server plays it.
SWITCHES = {
    "on": "ok", "off": "503", "slow": "slow:1.5", "hangs": "hang", "garbage": "garbage", "rate limited": "429:30",
    "wrong key": "401", "lies about tokens": "lie_high",
}  # fmt: skip
POLICY = PolicySpec(key="playground", version=1, total_seconds=6.0, retries=0, cost_weight=20.0)


@dataclass(frozen=True, slots=True)
class DemoTarget:
    """A demonstration target as the form offers it. Prices are invented and say so."""

    key: str
    label: str


DEMO_TARGETS = (
    DemoTarget("demo-large", "Large demonstration endpoint (echo, not a language model; invented price)"),
    DemoTarget("demo-small", "Small demonstration endpoint (echo, not a language model; invented price)"),
)
SPECS = (
    TargetSpec("demo-large", "loopback", price_in=3_000_000, price_out=12_000_000, prior_quality=0.9,
               prior_latency=0.4, timeout=1.0, capabilities=frozenset({"json_schema", "streaming"})),
    TargetSpec("demo-small", "loopback", price_in=100_000, price_out=400_000, prior_quality=0.7,
               prior_latency=0.2, timeout=1.0, capabilities=frozenset({"json_schema", "streaming"})),
)  # fmt: skip


class UnknownSwitch(ValueError):
    """The form named a target or a switch that does not exist."""


class _Demo:
    """The loopback server of this process and the client that may reach it and nothing else."""

    def __init__(self) -> None:
        self.server = LoopbackServer()
        self.server.keep_requests = False
        self.server.__enter__()
        policy = outside.Policy(allowed=frozenset({("127.0.0.1", self.server.port)}), max_bytes=1 << 20)
        self.provider = OpenAICompatible(self.server.base_url, "", lambda: outside.client(policy))
        self.provider.warm()


_lock = threading.Lock()
_demo: _Demo | None = None


def demo() -> _Demo:
    """Started by the first visitor of this process."""
    global _demo
    with _lock:
        if _demo is None:
            _demo = _Demo()
        return _demo


def play(*, text: str, switches: Mapping[str, str] | None = None, policy: PolicySpec = POLICY) -> Routed:
    """Route the visitor's text over the demonstration targets, each in the state that the visitor chose.

    Breakers start closed for every call, so that one visitor's fault is not the next one's. Raises UnknownSwitch.
    """
    wanted = dict(switches or {})
    known = {target.key for target in DEMO_TARGETS}
    if wanted.keys() - known or set(wanted.values()) - SWITCHES.keys():
        raise UnknownSwitch("the playground has no such target or switch")
    here = demo()
    specs = [
        replace(spec, model=f"{spec.key}!{SWITCHES[wanted.get(spec.key, 'on')]}", base_url=here.server.base_url)
        for spec in SPECS
    ]
    router = Router(
        targets=lambda: [*specs, *LOCAL_TARGETS], provider_for=lambda _spec: here.provider,
        ledger=DatabaseLedger("loopback"), breakers=MemoryBreakers(time.monotonic), latencies=Latencies(),
        redact=lambda given: redact(given).text,
    )  # fmt: skip
    given = TaskInput((Document("text", text[:MAX_CHARS]),))
    return router.route(task("playground"), given, policy)
