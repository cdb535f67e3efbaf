"""The router of this process, wired to the database, the operator's targets and the safe client."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

from evidence import outside
from evidence.operator import outside_policy
from evidence.redaction import redact
from mlops.providers.openai_compatible import OpenAICompatible
from mlops.providers.protocol import Provider
from mlops.routing.catalogue import LOCAL_TARGETS
from mlops.routing.engine import Router
from mlops.routing.errors import LedgerUnavailable
from mlops.routing.learned import live_gain
from mlops.routing.models import Policy, Target
from mlops.routing.predictor import LearnedPredictor
from mlops.routing.records import PolicySpec, TargetSpec
from mlops.routing.stores import Cached, DatabaseBreakers, DatabaseLedger

MAX_BYTES = 4 * 1024 * 1024  # of an answer; a completion is far smaller
_lock = threading.Lock()
_routers: dict[str, Router] = {}
_providers: dict[tuple[str, str], OpenAICompatible] = {}


def read_targets() -> tuple[TargetSpec, ...]:
    """The local targets and those of the operator."""
    rows = Target.objects.order_by("key")[:200]
    return (*LOCAL_TARGETS, *(spec_of(row) for row in rows))


def spec_of(row: Target) -> TargetSpec:
    """A target's row as the plain record that the engine knows."""
    return TargetSpec(
        key=row.key, kind=row.kind, model=row.model, base_url=row.base_url, key_env=row.key_env, price_in=row.price_in,
        price_out=row.price_out, context_tokens=row.context_tokens, max_output_tokens=row.max_output_tokens,
        allows_private=row.allows_private, capabilities=frozenset(row.capabilities), timeout=row.timeout,
        max_concurrent=row.max_concurrent, prior_quality=row.prior_quality, prior_latency=row.prior_latency,
        enabled=row.enabled,
    )  # fmt: skip


def router(origin: str = "live") -> Router:
    """The process's router for live or loopback (demonstration) decisions."""
    with _lock:
        if origin not in _routers:
            wanted = ("loopback",) if origin == "loopback" else ("openai",)
            targets = Cached(read_targets)
            _routers[origin] = Router(
                targets=lambda: _offered(targets, wanted),
                provider_for=provider_for,
                ledger=DatabaseLedger(origin),
                breakers=DatabaseBreakers(),
                predictor=LearnedPredictor(live_gain),
                redact=lambda text: redact(text).text,
            )
        return _routers[origin]


def _offered(targets: Cached, kinds: Sequence[str]) -> Sequence[TargetSpec]:
    """Demonstration targets answer demonstrations only; with the database away the local ones are left."""
    try:
        known: tuple[TargetSpec, ...] = targets.get()
    except LedgerUnavailable:
        return LOCAL_TARGETS
    return [target for target in known if target.local or target.kind in kinds]


def provider_for(target: TargetSpec) -> Provider:
    """The provider of an endpoint; targets with the same address and key share its connections."""
    key = target.base_url, target.key_env
    with _lock:
        if key not in _providers:
            policy = replace(outside_policy(), max_bytes=MAX_BYTES)
            made = OpenAICompatible(target.base_url, target.key_env, lambda: outside.client(policy))
            made.warm()
            _providers[key] = made
        return _providers[key]


def live_policy(task: str) -> PolicySpec:
    """The policy that is live for a task, or the default one."""
    row = Policy.objects.filter(task=task, live=True).first()
    return policy_of(task, row.version, row.settings) if row else PolicySpec(key=task, version=0)


def policy_of(task: str, version: int, settings: dict[str, object]) -> PolicySpec:
    """A policy's stored settings as a record; unknown names are an error."""
    values = dict(settings)
    if "order" in values:
        values["order"] = tuple(values["order"])  # type: ignore[arg-type]
    return PolicySpec(key=task, version=version, **values)  # type: ignore[arg-type]


def forget() -> None:
    """Drop what this process keeps; for tests and after a change of settings."""
    with _lock:
        _routers.clear()
        for provider in _providers.values():
            provider.close()
        _providers.clear()
