"""From a registered version to something that answers, or the reason why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mlops.registry import artefacts
from mlops.registry.models import ModelVersion
from mlops.training.spec import Answer, Inputs, TrainingSpec

Predictor = Callable[[Sequence[Inputs]], list[Answer]]


def predictor_of(spec: TrainingSpec, version: ModelVersion) -> Predictor:
    """Load a version safely. Raises ArtefactRefused, also when the inputs of the spec are not those it was made for."""
    if version.origin == ModelVersion.Origin.RULES:
        return spec.rules
    if version.schema and version.schema.get("inputs") != spec.schema()["inputs"]:
        raise artefacts.ArtefactRefused(
            f"it was made for the inputs {version.schema.get('inputs')}, the code now gives {spec.schema()['inputs']}: "
            "train it again"
        )
    return spec.load(artefacts.load(version))
