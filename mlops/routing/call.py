"""One routed call: walk the planned targets within the time budget until an answer passes its checks.

Failures of transport go to the next target of the plan; a rejected answer is repaired once and then goes to a target of
which more is expected. Every attempt holds its highest price beforehand and is settled afterwards, whatever happens;
the last charge is handed to whoever closes the decision, so that both are written in one step.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlops.providers.protocol import Cancel, Completion, CompletionRequest, Deadline, Message, Provider, ProviderError
from mlops.routing import prompts
from mlops.routing.breaker import BreakerStore
from mlops.routing.checks import check
from mlops.routing.errors import LedgerUnavailable
from mlops.routing.estimates import Charge, Latencies, bound_in, charge
from mlops.routing.ledger import Hold, Ledger, Settled
from mlops.routing.local.registry import Worker, local_worker
from mlops.routing.records import Answer, Attempt, Decision, PolicySpec, TargetSpec, Task, TaskInput

log = logging.getLogger(__name__)
LONGEST_WAIT = 5.0
FIRST_SHARE = 0.6  # of the time left that one target may take while others stand behind it
KEPT_FOR_LOCAL = 0.05


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """What was decided: the task, its input and the order of targets."""

    task: Task
    given: TaskInput
    policy: PolicySpec
    specs: Mapping[str, TargetSpec]
    order: tuple[str, ...]
    draft: Decision


@dataclass
class Call:
    """The state of one call while it runs."""

    plan: PlannedCall
    provider_for: Callable[[TargetSpec], Provider]
    ledger: Ledger
    breakers: BreakerStore
    latencies: Latencies
    redact: Callable[[str], str]
    slot: Callable[[TargetSpec], threading.BoundedSemaphore]
    deadline: Deadline
    cancel: Cancel
    on_text: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        self.attempts: list[Attempt] = []
        self.opened = False  # is the decision written down?
        self.unsettled: Settled | None = None  # the newest charge, not yet told to the ledger
        self._messages: tuple[Message, ...] | None = None

    def run(self) -> Answer | None:
        """The first answer that passes, or None when the plan is used up."""
        waiting = list(self.plan.order)
        while waiting and self.deadline.left() > KEPT_FOR_LOCAL and not self.cancel.raised:
            spec = self.plan.specs[waiting.pop(0)]
            answer, rejected = self._ask(spec, last=not any(not self.plan.specs[key].local for key in waiting))
            if answer is not None:
                return answer
            if rejected:
                waiting = self._escalated(spec, waiting)
        return None

    def note(self, detail: str) -> None:
        self.attempts.append(Attempt("", "internal", 0.0, detail=detail))

    def messages(self) -> tuple[Message, ...]:
        if self._messages is None:
            plan = self.plan
            self._messages = prompts.build(plan.task, plan.given, plan.draft.seed, self.redact)
        return self._messages

    def _escalated(self, spec: TargetSpec, waiting: list[str]) -> list[str]:
        """After a rejected answer: first the targets of which more is expected."""
        quality = {candidate.target: candidate.quality for candidate in self.plan.draft.candidates}
        better = [key for key in waiting if quality.get(key, 0.0) > quality.get(spec.key, 0.0)]
        return better + [key for key in waiting if key not in better]

    def _ask(self, spec: TargetSpec, last: bool) -> tuple[Answer | None, bool]:
        """Ask one target, with retries where they are safe and one repair. Returns the answer and whether it was one
        that the checks rejected."""
        if spec.local:
            worker = local_worker(spec.key)
            return (self.ask_local(spec.key, worker), True) if worker else (None, False)
        messages, repairing = self.messages(), False
        tries = 0
        while True:
            if not self.breakers.permit(spec.key):
                self._record(spec, "breaker_open")
                return None, False
            text, error = self._attempt(spec, messages, repairing, last)
            if error is not None:
                tries += 1
                if tries > self.plan.policy.retries or not self._wait(error, tries):
                    return None, False
                continue
            data, failures = check(self.plan.task, self.plan.given, text)
            if not failures:
                return Answer(text, spec.key, degraded=False, data=data), False
            self._mark_rejected(failures)
            if repairing or not self.plan.policy.repair or self.deadline.left() <= KEPT_FOR_LOCAL:
                return None, True
            messages, repairing = prompts.repair(messages, text, failures), True

    def _attempt(
        self, spec: TargetSpec, messages: tuple[Message, ...], repairing: bool, last: bool
    ) -> tuple[str, ProviderError | None]:
        """Hold, send, settle, record."""
        limit = min(self.plan.task.max_output_tokens, spec.max_output_tokens)
        most = spec.cost(bound_in(messages), limit)
        hold = self._hold(spec, most)
        if hold is None:
            self._record(spec, "no_budget", detail=f"{most} nanodollars could not be held", repair=repairing)
            return "", ProviderError("no_budget")
        share = 1.0 if last else FIRST_SHARE
        deadline = self.deadline.within(min(spec.timeout, max(0.0, self.deadline.left() - KEPT_FOR_LOCAL) * share))
        started = time.monotonic()
        try:
            completion = self._send(
                spec, CompletionRequest(spec.model, messages, limit, self.plan.task.schema), deadline
            )
        except ProviderError as error:
            seconds = time.monotonic() - started
            cost = most if error.maybe_billed else 0
            self._settle(hold, cost)
            self._report(spec, error)
            self._record(spec, error.kind, seconds, cost=cost, detail=error.detail, repair=repairing,
                         usage="estimated" if cost else "reported")  # fmt: skip
            return "", error
        seconds = time.monotonic() - started
        bill = charge(spec, messages, completion, limit)
        self._settle(hold, bill.amount)
        self._succeed(spec, bill, most, seconds)
        self._record(spec, "ok", seconds, bill.tokens_in, bill.tokens_out, bill.amount, completion.finish, repairing,
                     bill.usage)  # fmt: skip
        return completion.text, None

    def _send(self, spec: TargetSpec, request: CompletionRequest, deadline: Deadline) -> Completion:
        slot = self.slot(spec)
        if not slot.acquire(timeout=min(1.0, deadline.left())):
            raise ProviderError("busy", "every place of this target is taken")
        try:
            return self.provider_for(spec).complete(request, deadline, self.cancel, self.on_text)
        except ProviderError:
            raise
        except Exception as error:  # a provider must not be able to break the chain
            log.exception("a provider raised something that is no ProviderError")
            raise ProviderError("garbage", type(error).__name__, maybe_billed=True) from error
        finally:
            slot.release()

    def _wait(self, error: ProviderError, tries: int) -> bool:
        """Wait before a safe retry: as long as the service asks, with jitter, never past the time budget."""
        if not error.repeatable or self.cancel.raised:
            return False
        jitter = random.uniform(0.02, 0.2 * 2**tries)  # noqa: S311
        pause = (error.retry_after or 0.0) + jitter
        if pause > min(LONGEST_WAIT, self.deadline.left() / 2):
            return False
        return not self.cancel.wait(pause)

    def _hold(self, spec: TargetSpec, most: int) -> Hold | None:
        """Reserve the most that an attempt can cost; the first attempt writes the decision down as well. Raises
        LedgerUnavailable when that cannot be done: then nothing was sent yet."""
        if not self.opened:
            held = self._open(spec.key, most)
            self.opened = True
            return held if most else Hold("", spec.key, 0)
        try:
            self.settle()
            return self.ledger.hold(self.plan.draft, spec.key, most) if most else Hold("", spec.key, 0)
        except LedgerUnavailable:
            log.warning("no hold for %s: the ledger is unavailable", spec.key)
            return None

    def _open(self, target: str, most: int) -> Hold | None:
        """Write the decision down, trying again while the time allows: a database restarts within seconds."""
        pause = 0.05
        while True:
            try:
                return self.ledger.open(self.plan.draft, target, most)
            except LedgerUnavailable:
                if self.deadline.left() < pause * 2:
                    raise
                time.sleep(pause * random.uniform(0.5, 1.0))  # jitter needs no cryptography  # noqa: S311
                pause = min(pause * 2, 1.0)

    def settle(self) -> None:
        """Tell the ledger the newest charge, if it does not know it yet. Raises LedgerUnavailable; until it is told,
        the hold stands, and the sweep would charge it in full."""
        if self.unsettled is not None:
            self.ledger.settle(self.unsettled.hold, self.unsettled.charged)
            self.unsettled = None

    def _settle(self, hold: Hold, charged: int) -> None:
        """Keep a charge for the next thing that is written."""
        if hold.key:
            self.unsettled = Settled(hold, charged)

    def _succeed(self, spec: TargetSpec, bill: Charge, most: int, seconds: float) -> None:
        self.latencies.add(spec.key, seconds)
        if bill.amount > most:
            self._tell(spec.key, "lies")
        else:
            self._tell(spec.key, None)

    def _report(self, spec: TargetSpec, error: ProviderError) -> None:
        if error.kind == "timeout":
            self.latencies.add(spec.key, spec.timeout)
        self._tell(spec.key, error.kind, error.retry_after)

    def _tell(self, target: str, kind: str | None, retry_after: float | None = None) -> None:
        """Report to the breaker; its store may be away, which must not cost the answer."""
        try:
            if kind is None:
                self.breakers.success(target)
            else:
                self.breakers.failure(target, kind, retry_after)
        except LedgerUnavailable:
            log.warning("the breaker of %s did not hear of %s", target, kind or "a success")

    def ask_local(self, key: str, worker: Worker) -> Answer | None:
        """A local worker's answer, checked like any other but for the model's own faults."""
        started = time.monotonic()
        try:
            local = worker(self.plan.task, self.plan.given)
        except Exception as error:
            log.exception("the local worker %s failed", key)
            self.attempts.append(Attempt(key, "failed", time.monotonic() - started, detail=type(error).__name__))
            return None
        seconds = time.monotonic() - started
        _, failures = check(self.plan.task, self.plan.given, local.text)
        outcome = "check_failed" if failures else "ok"
        self.attempts.append(Attempt(key, outcome, round(seconds, 6), failures=tuple(failures)))
        if failures:
            return None
        return Answer(local.text, key, degraded=False, sentences=local.sentences, data=local.data)

    def shadow(self, spec: TargetSpec) -> None:
        """Ask a target beside the call; the result is an attempt of its own with the outcome `shadow`."""
        messages = self.messages()
        limit = min(self.plan.task.max_output_tokens, spec.max_output_tokens)
        most = spec.cost(bound_in(messages), limit)
        hold = self._hold(spec, most)
        if hold is None:
            return
        started = time.monotonic()
        cost = most
        detail = ""
        try:
            done = self._send(spec, CompletionRequest(spec.model, messages, limit, self.plan.task.schema),
                              self.deadline.within(spec.timeout))  # fmt: skip
            cost = charge(spec, messages, done, limit).amount
            _, failures = check(self.plan.task, self.plan.given, done.text)
            detail = "passed" if not failures else "rejected: " + failures[0]
        except ProviderError as error:
            cost = most if error.maybe_billed else 0
            detail = error.kind
        self._settle(hold, cost)
        self._record(spec, "shadow", time.monotonic() - started, cost=cost, detail=detail)

    def _mark_rejected(self, failures: list[str]) -> None:
        last = self.attempts[-1]
        self.attempts[-1] = Attempt(
            last.target, "check_failed", last.seconds, last.tokens_in, last.tokens_out, last.cost, last.detail,
            last.repair, last.usage, tuple(failures),
        )  # fmt: skip

    def _record(
        self, spec: TargetSpec, outcome: str, seconds: float = 0.0, tokens_in: int = 0, tokens_out: int = 0,
        cost: int = 0, detail: str = "", repair: bool = False, usage: str = "reported",
    ) -> None:  # fmt: skip
        entry: dict[str, Any] = {"tokens_in": tokens_in, "tokens_out": tokens_out, "cost": cost}
        self.attempts.append(
            Attempt(spec.key, outcome, round(seconds, 6), **entry, detail=detail[:300], repair=repair, usage=usage)
        )
