"""The router itself: decide, call, check, repair, escalate, and end at a local answer that says it is one.

The engine is plain Python over ports (targets, providers, ledger, breakers, predictor), so that the same code runs in
the site, in workers, in the playground and in the benchmarks; only the ports differ.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from mlops.providers.null import NullProvider
from mlops.providers.protocol import Cancel, Deadline, Provider, ProviderError
from mlops.routing import checks
from mlops.routing.breaker import BreakerStore
from mlops.routing.call import Call, PlannedCall
from mlops.routing.errors import BudgetSpent, Cancelled, DeadlinePassed, LedgerUnavailable, NoAnswer
from mlops.routing.estimates import Latencies, expected_tokens
from mlops.routing.ledger import Ledger
from mlops.routing.local.registry import local_worker
from mlops.routing.policy import Choice, View, choose, state_of
from mlops.routing.records import (
    Answer,
    Decision,
    PolicySpec,
    Qualities,
    Routed,
    TargetSpec,
    Task,
    TaskInput,
    content_hash,
)

log = logging.getLogger(__name__)


class Predictor(Protocol):
    """Predicts how good each target's answer will be, from 0 to 1, and knows the outcomes counted so far."""

    def quality(self, task: Task, given: TaskInput, targets: Sequence[TargetSpec]) -> Qualities: ...
    def outcomes(self, task: Task, target: str) -> tuple[float, float]: ...


class PriorPredictor:
    """Before anything was learned: the quality that the operator wrote down for each target."""

    def quality(self, task: Task, given: TaskInput, targets: Sequence[TargetSpec]) -> Qualities:
        return Qualities({target.key: target.prior_quality for target in targets})

    def outcomes(self, task: Task, target: str) -> tuple[float, float]:
        return 0.0, 0.0


@dataclass
class Router:
    """Routes calls over its targets. One instance serves many threads."""

    targets: Callable[[], Sequence[TargetSpec]]
    provider_for: Callable[[TargetSpec], Provider]
    ledger: Ledger
    breakers: BreakerStore
    predictor: Predictor = field(default_factory=PriorPredictor)
    latencies: Latencies = field(default_factory=Latencies)
    redact: Callable[[str], str] = lambda text: text
    new_id: Callable[[], str] = lambda: secrets.token_hex(12)

    def __post_init__(self) -> None:
        self._slots: dict[str, threading.BoundedSemaphore] = {}
        self._lock = threading.Lock()

    def route(
        self,
        task: Task,
        given: TaskInput,
        policy: PolicySpec,
        *,
        cancel: Cancel | None = None,
        on_text: Callable[[str], None] | None = None,
        seed: int | None = None,
    ) -> Routed:
        """Answer a task. Raises a RoutingError when there is no answer; its decision is written down all the same."""
        checks.prepare(task)
        started, deadline = time.monotonic(), Deadline(policy.total_seconds)
        cancel = cancel or Cancel()
        specs = {target.key: target for target in self.targets()}
        draft, choice = self.decide(task, given, policy, list(specs.values()), seed)
        if policy.cache_seconds and not given.private:
            kept = self._recall(draft.content_hash, policy.cache_seconds)
            if kept is not None:
                done = replace(draft, cached=True, status="answered", answered_by=kept.target, reason="cached answer")
                return self._finish(done, replace(kept, cached=True), started)
        call = Call(
            PlannedCall(task, given, policy, specs, choice.order, draft),
            provider_for=self.provider_for, ledger=self.ledger, breakers=self.breakers, latencies=self.latencies,
            redact=self.redact, slot=self.slot, deadline=deadline, cancel=cancel, on_text=on_text,
        )  # fmt: skip
        try:
            if policy.mode == "shadow" and policy.shadow:
                self._ask_shadow(call, policy.shadow)
            answer = call.run()
        except LedgerUnavailable:
            raise
        except Exception:
            log.exception("routing failed in an unforeseen way")
            call.note("internal error")
            answer = None
        if cancel.raised:
            answer = None
        elif answer is None or answer.target == "":
            answer = self._local(task, given, call)
        return self._end(draft, call, answer, started, given, policy)

    def decide(
        self, task: Task, given: TaskInput, policy: PolicySpec, specs: Sequence[TargetSpec], seed: int | None = None
    ) -> tuple[Decision, Choice]:
        """The choice and its record, before anything is sent."""
        seed = secrets.randbits(48) if seed is None else seed
        quality = self.predictor.quality(task, given, specs)
        views = self.views(task, given, specs, quality.values)
        choice = choose(policy, views, seed)
        draft = Decision(
            id=self.new_id(), task=task.name, policy=policy.key, policy_version=policy.version,
            content_hash=content_hash(task, given, policy), seed=seed, mode=policy.mode, candidates=choice.candidates,
            state={**state_of(policy, views), "quality_by": quality.by}, chosen=choice.chosen,
            propensity=choice.propensity, explored=choice.explored, reason=choice.reason,
        )  # fmt: skip
        return draft, choice

    def views(
        self, task: Task, given: TaskInput, specs: Sequence[TargetSpec], quality: Mapping[str, float]
    ) -> list[View]:
        """Each target as the choice sees it now."""
        breakers = self.breakers.read()
        tokens_in, tokens_out = expected_tokens(task, given)
        views = []
        for spec in specs:
            cost = spec.cost(tokens_in, tokens_out)
            good, bad = self.predictor.outcomes(task, spec.key)
            breaker = breakers.get(spec.key)
            blocked = _blocked(spec, task, given, tokens_in)
            if not blocked and breaker is not None and not breaker.passes:
                blocked = f"breaker {breaker.state} after {breaker.reason}"
            if not blocked and cost:
                left = self.ledger.headroom(task.name, spec.key)
                if left is not None and left < cost:
                    blocked = f"budget: needs about {cost} nanodollars, {left} left"
            latency = self.latencies.quantiles(spec)[0]
            views.append(
                View(spec.key, spec.local, quality.get(spec.key, spec.prior_quality), cost, latency, blocked, good, bad)
            )
        return views

    def slot(self, target: TargetSpec) -> threading.BoundedSemaphore:
        """The places of a target in this process."""
        with self._lock:
            if target.key not in self._slots:
                self._slots[target.key] = threading.BoundedSemaphore(target.max_concurrent)
            return self._slots[target.key]

    def _recall(self, digest: str, max_age: int) -> Answer | None:
        try:
            return self.ledger.recall(digest, max_age)
        except LedgerUnavailable:
            return None

    def _ask_shadow(self, call: Call, key: str) -> None:
        """Ask another target as well; what it says is recorded and shown to nobody."""
        spec = call.plan.specs.get(key)
        if spec is not None and not spec.local and (key,) != call.plan.order[:1]:
            call.shadow(spec)

    def _local(self, task: Task, given: TaskInput, call: Call) -> Answer | None:
        """The end of every chain: the task's own local worker, marked as degraded."""
        worker = local_worker(task.local) if task.local else None
        if worker is None or task.local is None:
            return None
        answer = call.ask_local(task.local, worker)
        return replace(answer, degraded=True) if answer else None

    def _end(
        self, draft: Decision, call: Call, answer: Answer | None, started: float, given: TaskInput, policy: PolicySpec
    ) -> Routed:
        done = replace(
            draft,
            attempts=tuple(call.attempts),
            cost=sum(attempt.cost for attempt in call.attempts),
            answered_by=answer.target if answer else "",
            degraded=bool(answer and answer.degraded),
            status="answered" if answer else "failed",
        )
        if answer:
            keep = bool(policy.cache_seconds) and not given.private and not answer.degraded
            return self._finish(done, answer, started, call, keep=keep)
        error = _failure(call)
        error.decision_id = draft.id
        self._finish(replace(done, error=error.code), None, started, call)
        raise error

    def _finish(
        self, decision: Decision, answer: Answer | None, started: float, call: Call | None = None, keep: bool = False
    ) -> Routed:
        """Write the end down, trying again while the time allows. A decision that was opened costs the caller nothing
        if the ledger stays away: the open row and its hold stand, and the sweep charges and closes them. One that was
        not (nothing was sent) is nowhere then, so the caller is told. Raises LedgerUnavailable."""
        done = replace(decision, seconds=round(time.monotonic() - started, 6))
        opened, deadline = bool(call and call.opened), call.deadline if call else Deadline(1.0)
        pause = 0.05
        while True:
            try:
                self.ledger.close(done, answer, keep, call.unsettled if call else None, opened)
                break
            except LedgerUnavailable:
                if deadline.left() < pause * 2:
                    if not opened:
                        raise
                    log.warning("decision %s stays open: the ledger is unavailable", done.id)
                    break
                time.sleep(pause)
                pause = min(pause * 2, 1.0)
        return Routed(answer or Answer("", "", degraded=True), done)


def _blocked(spec: TargetSpec, task: Task, given: TaskInput, tokens_in: int) -> str:
    """The hard constraints that hold whatever the policy says."""
    if not spec.enabled:
        return "switched off"
    if given.private and not (spec.local or spec.allows_private):
        return "may not see private text"
    missing = task.needs - spec.capabilities
    if missing and not spec.local:
        return f"lacks {', '.join(sorted(missing))}"
    if not spec.local and tokens_in + task.max_output_tokens > spec.context_tokens:
        return f"context of {spec.context_tokens} tokens is too short for {tokens_in + task.max_output_tokens}"
    if spec.local and local_worker(spec.key) is None:
        return "no local worker of this name"
    return ""


def _failure(call: Call) -> NoAnswer | BudgetSpent | DeadlinePassed | Cancelled:
    if call.cancel.raised:
        return Cancelled()
    outcomes = [attempt.outcome for attempt in call.attempts]
    if outcomes and all(outcome == "no_budget" for outcome in outcomes):
        return BudgetSpent()
    if not call.deadline.left():
        return DeadlinePassed()
    return NoAnswer()


def null_providers(target: TargetSpec) -> Provider:
    """For a router that has local targets only."""
    return NullProvider()


__all__ = ["PriorPredictor", "ProviderError", "Router", "null_providers"]
