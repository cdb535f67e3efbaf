"""Do: keyword-only, atomic, takes the acting user, writes the audit row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from django.db import transaction
from django.utils import timezone

from evidence import audit
from jobs.models import Job
from jobs.services import enqueue, ensure_schedule
from mlops.datasets.external import DataSetProblem
from mlops.datasets.external import add as add_dataset
from mlops.monitoring import alerting, defaults, measuring, notifying
from mlops.monitoring.models import Measurement, Monitor
from mlops.registry import deployment, versions
from mlops.registry.deployment import DeploymentRefused, SwitchedMeanwhile
from mlops.registry.models import Deployment, ModelVersion
from mlops.routing import watching
from mlops.routing.catalogue import register_task
from mlops.routing.checks import register_grounding
from mlops.routing.errors import RoutingError
from mlops.routing.local.registry import LocalAnswer, register_local
from mlops.routing.records import Document, Routed, Task, TaskInput
from mlops.routing.services import (
    NotAllowed,
    evaluate_policy,
    go_live,
    judge,
    learn_router,
    new_policy,
    route,
    route_batch,
    save_target,
    set_budget,
    sweep,
)
from mlops.serving import labels
from mlops.serving.live import models as live_models
from mlops.serving.predict import NoAnswer, Served
from mlops.serving.predict import predict as _predict
from mlops.serving.recorder import recorder
from mlops.training import progress as training_progress
from mlops.training import shipping
from mlops.training import spec as specs
from mlops.training.run import train
from mlops.training.spec import Answer, Inputs
from mlops.training.splitting import TooLittleData

__all__ = [
    "DataSetProblem",
    "DeploymentRefused",
    "Document",
    "LocalAnswer",
    "NoAnswer",
    "NotAllowed",
    "Routed",
    "RoutingError",
    "Served",
    "SwitchedMeanwhile",
    "Task",
    "TaskInput",
    "TooLittleData",
    "add_dataset",
    "answer_of",
    "canary",
    "check_monitors",
    "compare",
    "consider_training",
    "count_rows",
    "deliver_notifications",
    "evaluate_policy",
    "evaluate_router",
    "flush",
    "forget_live",
    "go_live",
    "judge",
    "label",
    "learn_router",
    "measure",
    "new_policy",
    "playground",
    "playground_form",
    "predict",
    "promote",
    "register_grounding",
    "register_local",
    "register_task",
    "request_training",
    "roll_back",
    "route",
    "route_batch",
    "save_target",
    "set_budget",
    "shadow",
    "start",
    "stop",
    "sweep",
    "sync_registry",
    "train_if_worth",
    "train_model",
    "watch",
]


def watch(kind: str, watcher: measuring.Watcher, *, rules: Sequence[Mapping[str, Any]], runbook: str) -> None:
    """Let monitors watch what is no registered model: who tells of it, and the rules that it has from the start."""
    measuring.watch(kind, watcher)
    defaults.declare(kind, rules, runbook)


# Routing stands above monitoring, which must not know it.
watch(watching.KIND, watching.window, rules=defaults.ROUTER, runbook=defaults.ROUTER_RUNBOOK)


def predict(model: str, rows: Sequence[Inputs], *, keys: Sequence[str] | None = None) -> list[Served]:
    """Answer every row with what is live; see mlops/serving/predict.py."""
    return _predict(model, rows, keys=keys)


def label(model: str, *, key: str, label: Any, is_right: Callable[[Mapping[str, Any]], bool]) -> int:
    """Tell the platform the right answer for a key that it predicted; returns how many predictions it was told of."""
    recorder.flush()
    return labels.give(model, key=key, label=label, is_right=is_right)


def flush() -> None:
    """Write what the recorder of this process holds."""
    recorder.flush()


@transaction.atomic
def request_training(*, model: str, seed: int = 1, retraining: bool = True, actor: Any) -> Job:
    """Ask for a training in the background. Raises UnknownModel."""
    specs.get(model)
    audit.record(actor=actor, action="mlops.request_training", target=f"model:{model}", after={"seed": seed})
    return enqueue(
        kind="train",
        args={"model": model, "seed": seed, "retraining": retraining, "asked_for": audit.name_of(actor)},
        key=f"train:{model}",
        resource=f"model:{model}",
        actor=actor,
    )


def train_model(
    *,
    model: str,
    seed: int = 1,
    retraining: bool = True,
    asked_for: str = "",
    progress: Callable[[int, int, str], None] = lambda done, total, message: None,
) -> ModelVersion:
    """Train now, in this process; workers only. Raises TooLittleData, then nothing is registered."""
    version = train(
        specs.get(model), seed=seed, retraining=retraining, asked_for=asked_for, progress=progress,
        origin={"from": "the collected changes and the owner's reviews", "at": timezone.now().date().isoformat()},
    )  # fmt: skip
    enqueue(kind="registry_sync", key="registry_sync", resource="registry")
    return version


def promote(*, version: ModelVersion, reason: str, actor: Any, serial: int | None = None) -> Deployment:
    """Make a version the champion. Raises DeploymentRefused, SwitchedMeanwhile."""
    return _switched(deployment.promote(version, reason=reason, actor=actor, serial=serial))


def roll_back(*, model: str, reason: str, actor: Any, serial: int | None = None) -> Deployment:
    """Bring the champion before this one back."""
    return _switched(deployment.roll_back(model, reason=reason, actor=actor, serial=serial))


def canary(*, version: ModelVersion, share: float, reason: str, actor: Any, serial: int | None = None) -> Deployment:
    """Let a version answer a share of the requests."""
    return _switched(deployment.canary(version, share=share, reason=reason, actor=actor, serial=serial))


def shadow(*, version: ModelVersion, reason: str, actor: Any, serial: int | None = None) -> Deployment:
    """Let a version answer along, unheard."""
    return _switched(deployment.shadow(version, reason=reason, actor=actor, serial=serial))


def stop(*, model: str, role: str, reason: str, actor: Any, serial: int | None = None) -> Deployment | None:
    """End the part of challenger or shadow; None when nobody plays it."""
    found = deployment.stop(model, role, reason=reason, actor=actor, serial=serial)
    return _switched(found) if found else None


def _switched(row: Deployment) -> Deployment:
    enqueue(kind="registry_sync", key="registry_sync", resource="registry")
    return row


def start() -> int:
    """First start and every start: register what ships, make default monitors and schedules; returns versions added."""
    added = shipping.register_shipped()
    for spec in specs.known():
        champion = ModelVersion.objects.filter(model=spec.model).order_by("-number").first()
        watched = sorted(champion.card.get("watched", {})) if champion else []
        defaults.ensure(spec.model, watched)
        consider_training(model=spec.model)
    defaults.ensure_declared()
    ensure_schedule(name="mlops monitors", kind="monitors", every_seconds=300)
    ensure_schedule(name="mlops registry", kind="registry_sync", every_seconds=900)
    ensure_schedule(name="routing sweep", kind="routing-sweep", every_seconds=300)
    return added


def sync_registry() -> int:
    """Bring MLflow up to our rows; returns versions pushed. Raises StoreUnavailable after noting it for the banner."""
    return versions.sync()


def check_monitors() -> int:
    """Measure all monitors and act on them; returns open alerts."""
    return alerting.check_all(now=timezone.now())


def measure(*, monitors: Iterable[Monitor], actor: Any) -> list[tuple[Monitor, Measurement]]:
    """Measure these monitors now and act on them, as the job does with all; what this process recorded counts."""
    recorder.flush()
    now = timezone.now()
    found = [(monitor, alerting.check(monitor, now=now)) for monitor in monitors]
    audit.record(
        actor=actor, action="mlops.measure", target="monitors", after={one.name: row.value for one, row in found}
    )
    enqueue(kind="monitors", key="monitors", actor=actor)  # it carries out the notifications
    return found


def deliver_notifications() -> tuple[int, int]:
    """Carry out what waits: (arrived, still waiting)."""
    return notifying.deliver_waiting()


def compare(*, first: ModelVersion, second: ModelVersion, rows: Sequence[Inputs]) -> list[tuple[Any, Any]]:
    """Both versions' answers to the same inputs, side by side. Raises ArtefactRefused."""
    from mlops.training.predictors import predictor_of

    if first.model != second.model:
        raise ValueError(f"{first.model} and {second.model} answer different questions.")
    spec = specs.get(first.model)
    return list(zip(predictor_of(spec, first)(rows), predictor_of(spec, second)(rows), strict=True))


def answer_of(*, model: str, version: str, rows: Sequence[Inputs]) -> list[Answer]:
    """What a registered version, by its name, answers: for computing a stored prediction again.

    Raises LookupError where no version has that name, and ArtefactRefused.
    """
    from mlops.training.predictors import predictor_of

    found = ModelVersion.objects.filter(model=model, name=version).order_by("-number").first()
    if found is None:
        raise LookupError(f"{model} has no version {version}.")
    return predictor_of(specs.get(model), found)(rows)


def count_rows(*, model: str) -> int:
    """Count the labelled rows of a model for the pages; reads the whole dataset."""
    return training_progress.count(model)


def consider_training(*, model: str) -> Job:
    """Count the labelled rows in the background, and train where there are enough and clearly more than last time."""
    return enqueue(kind="readiness", args={"model": model}, key=f"readiness:{model}", resource=f"model:{model}")


def train_if_worth(*, model: str) -> dict[str, Any]:
    """What the readiness job does: count; ask for a training when it is possible and would see something new."""
    rows, need = training_progress.count(model), specs.get(model).minimum_rows
    last = (
        ModelVersion.objects.filter(model=model, origin="trained").order_by("-number").select_related("dataset").first()
    )
    known = last.dataset.rows if last and last.dataset else 0
    worth = rows >= need and rows >= known * 1.2 and rows > known
    if worth:
        request_training(model=model, actor="system:readiness")
    return {"rows": rows, "need": need, "asked": worth}


def forget_live() -> None:
    """Read the live versions anew at the next prediction (tests, and after a restore)."""
    live_models.forget()
    recorder.drop()


def evaluate_router(data: Path, stdout: TextIO) -> None:
    """Print how well learned routers rank prompts; needs the learning libraries, so they are imported here."""
    from mlops.routing.evaluate import run
    from mlops.routing.learned import folder

    run(data, stdout, folder() / "benchmark.json")


def playground(text: str, off: Iterable[str] = (), switches: Mapping[str, str] | None = None) -> Routed:
    """Route a visitor's text over the demonstration targets (`playground_form` names them and what can be done to
    them). Raises RoutingError, or ValueError for an unknown target or switch."""
    from mlops.routing.playground import play

    return play(text=text, switches={**dict.fromkeys(off, "off"), **(switches or {})})


def playground_form() -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """What the form offers: (key, label) of each demonstration target, and the switches."""
    from mlops.routing.playground import DEMO_TARGETS, SWITCHES

    return tuple((target.key, target.label) for target in DEMO_TARGETS), tuple(SWITCHES)
