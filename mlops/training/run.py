"""One training from dataset to registered candidate. Workers only; the same rows, seed and code give the same bytes."""

from __future__ import annotations

import logging
import platform
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as library_version
from pathlib import Path
from typing import Any

from django.conf import settings

from mlops.datasets import snapshots
from mlops.registry.models import Alias, ModelVersion
from mlops.registry.storable import storable
from mlops.registry.versions import NewVersion, add
from mlops.training import figures, gates
from mlops.training.predictors import predictor_of
from mlops.training.spec import Answer, Example, Inputs, TrainingSpec
from mlops.training.splitting import Split, require_enough, split

logger = logging.getLogger(__name__)
LIBRARIES = ("numpy", "scipy", "scikit-learn", "skops", "mlflow")
Progress = Callable[[int, int, str], None]
_STEPS = 6


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything that was found out about a candidate on the test rows."""

    metrics: dict[str, Any]
    card: dict[str, Any]
    figures: dict[str, float | None]


def train(
    spec: TrainingSpec,
    *,
    seed: int = 1,
    asked_for: str = "",
    origin: Mapping[str, Any] | None = None,
    retraining: bool = False,
    simulated: bool = False,
    progress: Progress = lambda done, total, message: None,
) -> ModelVersion:
    """Train, judge and register one version; it is approved or refused by its gates, never live by itself.

    Raises TooLittleData (nothing is registered) and Leak. A kill at any moment leaves at most a snapshot and an
    artefact that nothing points to: version, card and gates are written in one transaction at the end.
    """
    progress(0, _STEPS, "taking the snapshot")
    examples = list(spec.dataset())
    require_enough(spec, examples)
    dataset = snapshots.take(spec.model, (_row(example) for example in examples), origin=origin or {})
    progress(1, _STEPS, f"splitting {len(examples)} rows")
    parts = split(spec, examples, seed=seed)
    progress(2, _STEPS, f"fitting {len(parts.train)} rows")
    payload = spec.fit(parts.train, seed)
    progress(3, _STEPS, f"judging on {len(parts.test)} rows")
    from mlops.registry.artefacts import parse

    predict = spec.load(parse(payload, spec.artefact, list(spec.trusted_types), spec.model))
    alias = Alias.objects.filter(model=spec.model, role=Alias.Role.CHAMPION).select_related("version").first()
    champion = alias.version if alias else None
    judged = judge(spec, parts, payload, predict, champion, seed=seed, simulated=simulated)
    progress(5, _STEPS, "registering")
    fields = {
        "dataset": dataset,
        "parent": champion,
        "lineage": {**lineage(spec, seed), "split": dict(parts.facts), "dataset": dataset.sha256},
        "is_simulated": simulated,
        "asked_for": asked_for[:150],
    }
    return add(_candidate(spec, payload, judged, fields, retraining=retraining))


def _candidate(
    spec: TrainingSpec, payload: bytes, judged: Judged, fields: Mapping[str, Any], *, retraining: bool
) -> NewVersion:
    """What is registered: the bytes with all that was found out, and the gates' verdict."""
    return NewVersion(
        model=spec.model,
        origin=ModelVersion.Origin.TRAINED,
        payload=payload,
        artefact_format=spec.artefact,
        trusted_types=spec.trusted_types,
        fields={**fields, "schema": spec.schema(), "metrics": judged.metrics, "card": judged.card},
        gates=gates.judge(gates.standing(spec, retraining=retraining), judged.figures),
    )


def judge(
    spec: TrainingSpec,
    parts: Split,
    payload: bytes,
    predict: Callable[[Sequence[Inputs]], list[Answer]],
    champion: ModelVersion | None,
    *,
    seed: int,
    simulated: bool,
) -> Judged:
    """Measure a candidate against labels, naive baselines and the champion, all on the same test rows."""
    inputs, labels = [example.inputs for example in parts.test], [example.label for example in parts.test]
    began = time.perf_counter()
    answers = predict(inputs)
    milliseconds = (time.perf_counter() - began) * 1000 / max(1, len(inputs))
    test = figures.with_intervals(spec.evaluate, labels, answers, seed=seed)
    naive = {
        name: figures.with_intervals(spec.evaluate, labels, baseline(inputs), seed=seed, draws=100)
        for name, baseline in spec.baselines(parts.train).items()
    }
    metrics: dict[str, Any] = {"test": test, "baselines": naive}
    measured: dict[str, float | None] = {
        **figures.plain(test),
        f"{spec.headline}.low": _low(test.get(spec.headline)),
        "against_baselines": _ahead(spec, test, naive),
        "milliseconds_per_row": milliseconds,
        "megabytes": len(payload) / 1e6,
        "inputs_missing": float(_missing(spec, parts.train)),
        "simulated": float(simulated),
    }
    if champion is None:
        measured["against_champion.low"] = None
    else:
        name, theirs = _answers_now(spec, champion, inputs)
        found = figures.with_intervals(spec.evaluate, labels, theirs, seed=seed, draws=100)
        apart = figures.paired_difference(spec.evaluate, spec.headline, labels, answers, theirs, seed=seed)
        metrics["champion"] = {"version": name, "test": found, **({"difference": apart} if apart else {})}
        if apart:
            measured["against_champion.low"] = apart["interval"][0]
        elif spec.headline not in found:
            measured["against_champion.low"] = None  # it answers nothing, so that nothing can fall behind it
    return Judged(metrics, _card(spec, parts, answers), measured)


def _low(figure: Mapping[str, Any] | None) -> float | None:
    """The lower end of a figure's interval, None where there is none."""
    return float(figure["interval"][0]) if figure and figure["interval"] else None


def _ahead(spec: TrainingSpec, test: Mapping[str, Any], naive: Mapping[str, Mapping[str, Any]]) -> float | None:
    """By how much the headline lies above that of the best naive baseline; None when the candidate has none."""
    if spec.headline not in test:
        return None
    best = max((found[spec.headline]["value"] for found in naive.values() if spec.headline in found), default=None)
    return 0.0 if best is None else float(test[spec.headline]["value"] - best)


def _answers_now(spec: TrainingSpec, champion: ModelVersion, inputs: Sequence[Inputs]) -> tuple[str, list[Answer]]:
    """What the champion answers, under its name; where it cannot answer, what serving puts in its place.

    Its inputs may be others than those of the code, its artefact may be damaged: that is when a new version is needed
    most, so that the comparison must not fail with it.
    """
    try:
        return str(champion), predictor_of(spec, champion)(inputs)
    except Exception as error:  # noqa: BLE001  whatever it is, the rules answer in its place, as they do in serving
        logger.warning("%s cannot be compared with: %s", champion, error)
        return f"rules, in place of {champion}, which cannot answer", spec.rules(inputs)


def lineage(spec: TrainingSpec, seed: int) -> dict[str, Any]:
    """From what a version was made: code, lock, libraries, seed, spec."""
    return {
        "spec_version": spec.version,
        "seed": seed,
        "code_revision": _revision(),
        "lock_sha256": _lock_hash(),
        "python": platform.python_version(),
        "libraries": {name: found for name in LIBRARIES if (found := _installed(name))},
    }


def _card(spec: TrainingSpec, parts: Split, answers: Sequence[Answer]) -> dict[str, Any]:
    hits = [spec.correct(example.label, answer) for example, answer in zip(parts.test, answers, strict=True)]
    groups: dict[str, list[bool]] = {}
    for example, hit in zip(parts.test, hits, strict=True):
        groups.setdefault(example.group, []).append(hit)
    sure = [float(answer["probability"]) for answer in answers if isinstance(answer.get("probability"), int | float)]
    card = {
        "purpose": spec.purpose,
        "inputs": list(spec.input_names),
        "limits": list(spec.limits),
        "by_group": {
            name: {"rows": len(found), "right": float(f"{sum(found) / len(found):.4g}")}
            for name, found in sorted(groups.items())[:50]
        },
        "calibration": figures.calibration_curve(sure, hits) if len(sure) == len(hits) else [],
        "watched": _watched(spec, parts.test, answers),
    }
    return dict(storable(card))


def _watched(spec: TrainingSpec, examples: Sequence[Example], answers: Sequence[Answer]) -> dict[str, list[Any]]:
    """The values of the watched features on the test rows: the baseline of drift (at most 1,000 each)."""
    step = max(1, len(examples) // 1_000)
    found: dict[str, list[Any]] = {}
    for example, answer in list(zip(examples, answers, strict=True))[::step][:1_000]:
        for name, value in spec.watch(example.inputs, answer).items():
            found.setdefault(name, []).append(value)
    return found


def _missing(spec: TrainingSpec, examples: Sequence[Example]) -> int:
    return sum(any(name not in example.inputs for name in spec.input_names) for example in examples)


def _row(example: Example) -> dict[str, Any]:
    return {
        "id": example.id,
        "inputs": dict(example.inputs),
        "label": example.label,
        "group": example.group,
        "at": example.at,
    }


def _installed(name: str) -> str:
    try:
        return library_version(name)
    except PackageNotFoundError:
        return ""


def _revision() -> str:
    """The commit that runs, where the code lies in a git checkout; empty is unknown."""
    found = subprocess.run(
        ["git", "-C", str(settings.BASE_DIR), "rev-parse", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    return found.stdout.strip() if found.returncode == 0 else ""


def _lock_hash() -> str:
    lock = Path(settings.BASE_DIR) / "requirements.txt"
    return sha256(lock.read_bytes()).hexdigest() if lock.exists() else ""
