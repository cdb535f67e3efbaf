"""The change-type classifier as the platform sees it: one TrainingSpec, handed to mlops by its door."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.change_types import classify, network
from analysis.change_types.evaluate import figures, judge
from analysis.change_types.fitting import LabelledChange, fit
from analysis.change_types.labels import weak_label
from analysis.change_types.models import TypeReview
from analysis.change_types.network import TypePrediction
from analysis.change_types.watching import watched
from analysis.collection.models import Change
from mlops.training.spec import Answer, Example, Gate, Inputs, Shipped, TrainingSpec, register

MODEL = "change-type"
CARD = Path(__file__).with_name("card.json")
MAX_FILES = 200


def inputs_of(title: str, paths: Sequence[str]) -> dict[str, Any]:
    """What the model sees of a change."""
    return {"text": classify.bare(title), "files": list(paths[:MAX_FILES])}


def dataset() -> Iterator[Example]:
    """Every change with a label: the owner's word first, else what a prefix, a bot or a GitHub label says."""
    reviews = dict(TypeReview.objects.exclude(type="").values_list("change_id", "type"))
    changes = Change.objects.filter(vanished_at__isnull=True).select_related("repository").order_by("id")
    for change in changes.prefetch_related("files").iterator(chunk_size=500):
        paths = sorted(file.path for file in change.files.all())
        found = weak_label(change.title, files=paths, body=change.body or "")
        label = reviews.get(change.pk) or (found.type if found else None)
        if label is None:
            continue
        text = found.text if found else classify.bare(change.title)
        yield Example(
            id=f"{change.repository.key} {change.key}",
            inputs={"text": text, "files": paths[:MAX_FILES]},
            label=label,
            group=change.repository.key,
            at=change.sorted_at.isoformat(),
        )


def fit_bytes(examples: Sequence[Example], seed: int) -> bytes:
    """Fit the network; groups of one repository alone are split by row instead."""
    several = len({example.group for example in examples}) > 1
    rows = [
        LabelledChange(
            text=str(example.inputs["text"]),
            files=tuple(example.inputs["files"]),
            label=example.label,
            group=example.group if several else example.id,
        )
        for example in examples
    ]
    return json.dumps(fit(rows, seed=seed), separators=(",", ":"), sort_keys=True).encode()


def load(document: Any) -> Callable[[Sequence[Inputs]], list[Answer]]:
    """A predictor of the JSON parameters."""
    loaded = network.load(document)
    return lambda inputs: [_answer(found) for found in network.predict(loaded, _changes(inputs))]


def rules(inputs: Sequence[Inputs]) -> list[Answer]:
    """Version 1."""
    return [_answer(found) for found in classify.with_rules(_changes(inputs))]


def evaluate(labels: Sequence[Any], answers: Sequence[Answer]) -> dict[str, float]:
    """Strict accuracy, macro-F1, calibration error and share abstained."""
    rows = [{"label": label} for label in labels]
    given = [
        TypePrediction(answer["type"], float(answer["probability"]), answer["type"] is None, {}) for answer in answers
    ]
    found = figures(judge(rows, given))
    return {name: found[name] for name in ("strict", "macro_f1", "calibration_error", "abstained")}


def watch(inputs: Inputs, answer: Answer) -> Mapping[str, str | float]:
    """What is watched for drift: length of the title, number of files, their commonest kind, the answer itself."""
    return watched(str(inputs["text"]), inputs["files"], answer["type"], float(answer["probability"]))


def baselines(examples: Sequence[Example]) -> dict[str, Callable[[Sequence[Inputs]], list[Answer]]]:
    """Always the commonest type of the training rows."""
    commonest = Counter(example.label for example in examples).most_common(1)[0]
    share = commonest[1] / len(examples)

    def always(inputs: Sequence[Inputs]) -> list[Answer]:
        return [{"type": commonest[0], "probability": share, "reason": ""} for _ in inputs]

    return {f"always {commonest[0]}": always}


def _changes(inputs: Sequence[Inputs]) -> list[tuple[str, Sequence[str]]]:
    return [(str(row["text"]), row["files"]) for row in inputs]


def _answer(found: TypePrediction) -> Answer:
    return {"type": found.type, "probability": found.probability, "reason": found.reason}


def _shipped_card() -> dict[str, Any]:
    card: dict[str, Any] = json.loads(CARD.read_text(encoding="utf-8"))
    return card | _promise(card, "network")


def _promise(card: Mapping[str, Any], version: str) -> dict[str, Any]:
    """What the card of one version says of its certainty."""
    found = card.get("calibration", {}).get(version)
    if found is None:
        return {"calibration": [], "calibration_note": "No file of judged titles was given when it was made."}
    return {"calibration": found["bins"], "calibration_note": found["note"]}


def _rules_card() -> dict[str, Any]:
    card: dict[str, Any] = json.loads(CARD.read_text(encoding="utf-8"))
    return {
        **_promise(card, "rules"),
        "purpose": card["purpose"],
        "metrics": {"network": card["metrics"]["rules"]},
        "held_out": card["held_out"],
        "limits": ["Words, paths and bots only; the first rule that holds decides."],
    }


SPEC = register(
    TrainingSpec(
        model=MODEL,
        version="1",
        purpose="Predict which of ten types a change has, from its title and the paths that it touches.",
        input_names=("files", "text"),
        dataset=dataset,
        fit=fit_bytes,
        load=load,
        rules=rules,
        evaluate=evaluate,
        headline="strict",
        watch=watch,
        baselines=baselines,
        correct=lambda label, answer: answer["type"] == label,
        split="time",
        minimum_rows=200,
        gates=(
            Gate("right often enough", "strict", ">=", 0.6),
            Gate("every type counts", "macro_f1", ">=", 0.4),
            Gate("says how sure it is", "calibration_error", "<=", 0.15),
            Gate("seldom undecided", "abstained", "<=", 0.1),
        ),
        limits=tuple(_shipped_card()["limits"]),
        shipped=(
            Shipped(classify.RULES_VERSION, lambda: b"", _rules_card),
            Shipped(classify.NETWORK_VERSION, network.SHIPPED.read_bytes, _shipped_card),
        ),
    )
)
