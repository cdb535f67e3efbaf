"""Add versions to our registry, and keep MLflow's copy in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from mlops.registry import artefacts
from mlops.registry.models import Alias, GateResult, ModelVersion, RegistryHealth


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What is written in one step: a version with everything that its card says, and what the gates said of it.

    Without a name it gets one of its own: the same bytes may be registered twice, and judged differently.
    """

    model: str
    origin: str
    name: str = ""
    payload: bytes = b""
    artefact_format: str = ""
    trusted_types: Sequence[str] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    gates: Sequence[Mapping[str, Any]] = ()


def add(new: NewVersion) -> ModelVersion:
    """Register a version: artefact first (by its hash, harmless alone), then the rows, all or none."""
    digest = artefacts.keep(new.payload) if new.origin != ModelVersion.Origin.RULES else ""
    passed = all(gate["passed"] for gate in new.gates)
    with transaction.atomic():
        # Two trainings may end at once: the unique number lets one of them wait or fail, never share.
        last = ModelVersion.objects.filter(model=new.model).aggregate(last=Max("number"))["last"] or 0
        version = ModelVersion.objects.create(
            model=new.model,
            number=last + 1,
            name=new.name or f"{new.origin}-{last + 1}-{digest[:8]}",
            origin=new.origin,
            state=ModelVersion.State.APPROVED if passed else ModelVersion.State.REFUSED,
            artefact_format=new.artefact_format,
            artefact_sha256=digest,
            artefact_bytes=len(new.payload),
            trusted_types=list(new.trusted_types),
            **new.fields,
        )
        GateResult.objects.bulk_create([GateResult(version=version, **gate) for gate in new.gates])
    return version


def sync() -> int:
    """Bring MLflow up to our rows: push what it lacks, set its aliases. Returns how many versions were pushed.

    An unreachable store is noted for the banner and raised; nothing that is served depends on it.
    """
    from mlops.registry import mlflow_store

    try:
        mlflow_store.ping()
        pushed = sum(_push(version) for version in ModelVersion.objects.filter(mlflow_version="").order_by("id"))
        for model in Alias.objects.order_by().values_list("model", flat=True).distinct():
            rows = Alias.objects.filter(model=model).exclude(version__mlflow_version="").select_related("version")
            mlflow_store.set_aliases(model, {alias.role: alias.version.mlflow_version for alias in rows})
    except mlflow_store.StoreUnavailable as error:
        note_health(problem=str(error))
        raise
    note_health()
    return pushed


def note_health(*, problem: str = "") -> None:
    """Remember whether MLflow answered, for the banner."""
    now = timezone.now()
    values: dict[str, Any] = {"is_up": not problem, "checked_at": now, "problem": problem}
    if not problem:
        values["last_up_at"] = now
    RegistryHealth.objects.update_or_create(id=1, defaults=values)


def _push(version: ModelVersion) -> bool:
    from mlops.registry import mlflow_store

    is_rules = version.origin == ModelVersion.Origin.RULES
    payload = b'{"format": "rules in code"}\n' if is_rules else artefacts.read(version)
    run, number = mlflow_store.push(
        version.model,
        version.number,
        payload,
        "rules.json" if is_rules else f"model.{version.artefact_format}",
        metrics=flat(version.metrics),
        tags={"name": version.name, "origin": version.origin, "sha256": version.artefact_sha256},
    )
    ModelVersion.objects.filter(pk=version.pk).update(mlflow_run=run, mlflow_version=number)
    return True


def flat(metrics: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Nested figures as MLflow wants them: {"test.strict": 0.8}; intervals and lists are left out."""
    found: dict[str, float] = {}
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            found.update(
                {prefix + name: float(value["value"])} if "value" in value else flat(value, f"{prefix}{name}.")
            )
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[prefix + name] = float(value)
    return found
