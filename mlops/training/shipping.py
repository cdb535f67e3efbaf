"""Put the versions that come with the code into the registry at the first start, and make the last one champion."""

from __future__ import annotations

from hashlib import sha256

from django.db import transaction

from mlops.registry import deployment
from mlops.registry.models import Alias, ModelVersion
from mlops.registry.versions import NewVersion, add
from mlops.training import spec as specs
from mlops.training.run import lineage
from mlops.training.spec import Shipped, TrainingSpec

ACTOR = "system:first start"


def register_shipped() -> int:
    """Register what is not yet there; returns how many versions were added. Repeating it changes nothing."""
    return sum(_register(spec) for spec in specs.known())


@transaction.atomic
def _register(spec: TrainingSpec) -> int:
    added = 0
    for shipped in spec.shipped:
        version, is_new = _version(spec, shipped)
        added += is_new
        if is_new and not Alias.objects.filter(model=spec.model, role=Alias.Role.CHAMPION).exclude(
            version__origin__in=("rules", "shipped")
        ):
            # A newer shipped version takes over from an older shipped one, never from one that the owner trained.
            deployment.promote(version, reason=f"{shipped.name} ships with the code", actor=ACTOR)
    return added


def _version(spec: TrainingSpec, shipped: Shipped) -> tuple[ModelVersion, bool]:
    payload = shipped.read()
    digest = sha256(payload).hexdigest() if payload else ""
    known = ModelVersion.objects.filter(model=spec.model, name=shipped.name, artefact_sha256=digest).first()
    if known is not None:
        return known, False
    card = shipped.card()
    origin = ModelVersion.Origin.SHIPPED if payload else ModelVersion.Origin.RULES
    parent = ModelVersion.objects.filter(model=spec.model).order_by("-number").first()
    version = add(
        NewVersion(
            model=spec.model,
            name=shipped.name,
            origin=origin,
            payload=payload,
            artefact_format="json" if payload else "",
            fields={
                "schema": spec.schema(),
                "lineage": {
                    **lineage(spec, int(card.get("settings", {}).get("seed", 0))),
                    "provenance": "ships with the code",
                },
                "metrics": {"held_out": _held_out(card)},
                "card": card,
                "parent": parent,
                "asked_for": ACTOR,
            },
        )
    )
    return version, True


def _held_out(card: dict[str, object]) -> object:
    metrics = card.get("metrics")
    if isinstance(metrics, dict) and metrics:
        return next(iter(metrics.values()))
    return {}
