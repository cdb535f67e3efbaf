"""Do: route a task, judge an answer, and change targets, policies and budgets with an audit row for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from evidence import audit
from evidence.redaction import redact
from jobs.services import enqueue, enqueue_many
from mlops.providers.protocol import Cancel
from mlops.registry import deployment
from mlops.routing import catalogue, runtime, stores
from mlops.routing.learned import learn, refused_because
from mlops.routing.models import Budget, Decision, Outcome, Policy, Target
from mlops.routing.offpolicy import Evaluation, Verdict, evaluate, gate
from mlops.routing.records import Document, PolicySpec, Routed, TaskInput, content_hash
from mlops.routing.replay import logged
from mlops.serving.live import models as live_models
from mlops.training.splitting import TooLittleData

KEPT_SECONDS = 30 * 86_400
NEWEST_DECISIONS = 5000  # that an off-policy evaluation looks at


class NotAllowed(ValueError):
    """What was asked for breaks a rule; the message says which."""


def route(
    *,
    task: str,
    documents: Iterable[tuple[str, str]],
    private: bool = False,
    policy: PolicySpec | None = None,
    origin: str = "live",
    cancel: Cancel | None = None,
    on_text: Callable[[str], None] | None = None,
) -> Routed:
    """Answer a registered task about named texts: the one door for all work that a model may do.

    Raises RoutingError when there is no answer. Not atomic by design: the decision must stay when the answer fails.
    """
    what = catalogue.task(task)
    given = TaskInput(tuple(Document(name, text) for name, text in documents), private)
    spec = policy or runtime.live_policy(task)
    return runtime.router(origin).route(what, given, spec, cancel=cancel, on_text=on_text)


def route_batch(*, task: str, items: Iterable[Iterable[tuple[str, str]]], actor: Any) -> list[int]:
    """Ask for many public inputs to be routed by the workers; returns the jobs' ids. The same input is asked once.

    Each answer is kept with its decision, since nobody waits for it. The texts wait in the database, so what looks like
    a secret is redacted before.
    """
    what = catalogue.task(task)
    wanted = []
    for documents in items:
        pairs = [(name, redact(text).text) for name, text in documents]
        given = TaskInput(tuple(Document(name, text) for name, text in pairs))
        key = f"route:{task}:{content_hash(what, given, runtime.live_policy(task))}"
        wanted.append(({"task": task, "documents": pairs}, key))
    return [job.pk for job in enqueue_many(kind="route", items=wanted, actor=actor)]


def route_kept(*, task: str, documents: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Route one public input of a batch; an answer of the last month is used again."""
    policy = replace(runtime.live_policy(task), cache_seconds=KEPT_SECONDS)
    routed = route(task=task, documents=documents, policy=policy)
    return {"decision": routed.decision.id, "text": routed.answer.text, "degraded": routed.answer.degraded}


@transaction.atomic
def judge(*, decision: str, kind: str, value: float, actor: Any, target: str = "") -> Outcome:
    """Say how good an answer was (0 to 1); saying it again replaces what was said."""
    if kind not in Outcome.KINDS or not 0 <= value <= 1:
        raise NotAllowed(f"an outcome is one of {', '.join(Outcome.KINDS)} with a value from 0 to 1")
    row = Decision.objects.get(pk=decision)
    outcome, _made = Outcome.objects.update_or_create(
        decision=row, kind=kind, target=target or row.answered_by, defaults={"value": value}
    )
    audit.record(actor=actor, action="routing.judge", target=row, after={kind: value})
    return outcome


@transaction.atomic
def save_target(*, values: Mapping[str, Any], actor: Any, key: str) -> Target:
    """Create or change a target."""
    row = Target.objects.select_for_update().filter(key=key).first() or Target(key=key)
    before = {name: getattr(row, name) for name in values} if row.pk else {}
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean()
    row.save()
    audit.record(actor=actor, action="routing.target", target=row, before=before, after=dict(values))
    return row


@transaction.atomic
def set_budget(*, name: str, limit: int | None, actor: Any) -> None:
    """Set or (with None) remove a day's limit in nanodollars; it holds from now on."""
    row = Budget.objects.select_for_update().filter(name=name).first()
    before = {"limit": row.limit if row else None}
    if limit is None:
        Budget.objects.filter(name=name).delete()
    else:
        Budget.objects.update_or_create(name=name, defaults={"limit": limit})
    stores.set_limit(name, limit)
    audit.record(actor=actor, action="routing.budget", target=f"budget:{name}", before=before, after={"limit": limit})


@transaction.atomic
def new_policy(*, task: str, settings: Mapping[str, Any], actor: Any) -> Policy:
    """A new version of a task's policy; it decides nothing before it goes live."""
    newest = Policy.objects.filter(task=task).aggregate(Max("version"))["version__max"] or 0
    try:
        runtime.policy_of(task, newest + 1, dict(settings))
    except TypeError as error:
        raise NotAllowed(f"these are no settings of a policy: {error}") from error
    if not 0 <= float(settings.get("exploration", 0)) <= 0.3:
        raise NotAllowed("the share of exploration lies between 0 and 0.3")
    row = Policy.objects.create(task=task, version=newest + 1, settings=dict(settings))
    audit.record(actor=actor, action="routing.policy", target=row, after={"settings": str(dict(settings))})
    return row


def evaluate_policy(*, policy: Policy, origin: str = "live") -> tuple[Evaluation, Verdict]:
    """Estimate a policy on this task's logged decisions. Raises ValueError when there are none.

    A replay of loopback decisions shows that the estimators work; it says nothing of quality and never passes.
    """
    rows = Decision.objects.filter(task=policy.task, origin=origin).prefetch_related("outcomes")
    log = logged(rows.order_by("-created_at", "-id")[:NEWEST_DECISIONS], policy_spec(policy))
    found = evaluate(log)
    if origin != "live":
        return found, Verdict(False, f"a replay of {origin} decisions is a demonstration, no measurement of quality")
    return found, gate(found)


def policy_spec(policy: Policy) -> PolicySpec:
    return runtime.policy_of(policy.task, policy.version, policy.settings)


@transaction.atomic
def go_live(*, policy: Policy, actor: Any, reason: str = "") -> Policy:
    """Let a policy decide. The gate refuses one that is not better than the live one on logged decisions.

    A task's first policy has nothing to be measured on and needs a reason instead, which is kept in the audit log.
    """
    row = Policy.objects.select_for_update().get(pk=policy.pk)
    current = Policy.objects.select_for_update().filter(task=row.task, live=True).first()
    if current is None:
        if not reason:
            raise NotAllowed("the first policy of a task has no decisions to be measured on: give a reason")
        row.gate = {"passed": None, "reason": reason}
    else:
        try:
            found, verdict = evaluate_policy(policy=row)
        except ValueError as error:
            raise NotAllowed(f"the gate has nothing to measure on: {error}") from error
        if not verdict.passed:
            raise NotAllowed(f"the gate refuses this policy: {verdict.reason}")
        row.gate = {**asdict(verdict), "evaluation": asdict(found)}
        Policy.objects.filter(pk=current.pk).update(live=False)
    row.live, row.live_at, row.live_by = True, timezone.now(), audit.name_of(actor)
    row.save(update_fields=["live", "live_at", "live_by", "gate"])
    before = {"live version": current.version if current else None}
    audit.record(
        actor=actor,
        action="routing.live",
        target=row,
        before=before,
        after={"live version": row.version},
        reason=reason,
    )
    return row


def sweep() -> dict[str, int]:
    """Charge abandoned holds and close decisions that were never completed."""
    charged, closed = stores.sweep()
    return {"holds": charged, "decisions": closed}


def learn_router(*, data: Path, actor: Any) -> dict[str, Any]:
    """Train the learned gain on a table of prompts and outcomes (see `evaluate.load`), and make it champion.

    Raises NotAllowed when a gate refuses it; it stays in the registry as refused. Needs the learning libraries, so it
    runs in workers and commands only.
    """
    try:
        version = learn(data, audit.name_of(actor))
    except TooLittleData as error:
        raise NotAllowed(str(error)) from error
    audit.record(actor=actor, action="routing.learn", target=version, after={"state": version.state})
    if version.state != version.State.APPROVED:
        raise NotAllowed(f"{version} is refused: {refused_because(version)}")
    deployment.promote(version, reason=f"learned from {data.name}", actor=actor)
    live_models.forget()
    enqueue(kind="registry_sync", key="registry_sync", resource="registry")
    figure = version.metrics["test"]["apgr"]
    return {"version": str(version), "apgr": figure["value"], "interval": figure["interval"]}
