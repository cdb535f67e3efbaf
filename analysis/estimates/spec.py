"""The effort range as the platform sees it: one TrainingSpec, trained and gated like every other model.

Its rows are the tasks of the data set SiP, which is not part of this repository: without it there is nothing to train
on, and the shipped version serves. The newest fifth of the tasks is the test; of the rest the newest eighth calibrates.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from analysis.estimates import calibration
from analysis.estimates.effort import fit, sip
from analysis.estimates.effort.shipping import CALIBRATION_WINDOW
from analysis.estimates.methods import effort_1
from mlops import queries as mlops
from mlops.training.spec import Answer, Example, Gate, Inputs, Shipped, TrainingSpec, register

MODEL = "effort-range"
RANGE = ("p05", "p10", "p25", "p50", "p75", "p90", "p95")


def dataset() -> Iterator[Example]:
    """Every usable task; raises DataSetProblem when the data set is not installed."""
    for task in sip.load(mlops.dataset_folder("sip")):
        yield Example(
            id=f"sip {task.number:06d}",
            inputs={"hours": task.estimated, "kind": task.subcategory, "task": task.number},
            label=task.actual,
            at=task.completed.isoformat(),
        )


def fit_bytes(examples: Sequence[Example], seed: int) -> bytes:
    """Fit quantiles on the older tasks and calibrate on the newest eighth; no randomness, whatever the seed."""
    ordered = sorted(examples, key=lambda example: (example.at, example.id))
    tasks = [_task(example) for example in ordered]
    cut = round(len(tasks) * (1 - CALIBRATION_WINDOW))
    parameters = fit.fit(tasks[:cut], tasks[cut:])
    parameters["provenance"] = {"data_set": "sip", "tasks": {"fitted": cut, "window": len(tasks) - cut}}
    return json.dumps(parameters, separators=(",", ":"), sort_keys=True).encode()


def load(document: Any) -> Callable[[Sequence[Inputs]], list[Answer]]:
    """A predictor of the JSON parameters; what cannot be answered says why."""
    return lambda inputs: [_answer(document, row) for row in inputs]


def rules(inputs: Sequence[Inputs]) -> list[Answer]:
    """The version that always exists: without a model there is no range, and it says so."""
    return [
        {**dict.fromkeys(RANGE), "reason": "no effort model is live: without one there is no range"} for _ in inputs
    ]


def evaluate(labels: Sequence[Any], answers: Sequence[Answer]) -> dict[str, float]:
    """Coverage and width of the 80% range, error of the point, and CRPS beside that of always saying the same."""
    known = [(float(label), answer) for label, answer in zip(labels, answers, strict=True) if answer["p50"] is not None]
    if not known:
        return {}
    outcome = np.array([label for label, _ in known])
    arrays = {name: np.array([float(answer[name]) for _, answer in known]) for name in RANGE}
    levels = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
    quantiles = np.column_stack([arrays[name] for name in RANGE])
    marginal = np.tile(np.quantile(outcome, levels), (len(outcome), 1))
    crps = calibration.crps_of_quantiles(outcome, quantiles, levels)
    kept = calibration.coverage(0.8, outcome, arrays["p10"], arrays["p90"]).share
    width = calibration.sharpness(arrays["p10"], arrays["p90"])
    return {
        "accuracy": calibration.standardised_accuracy(outcome, arrays["p50"]),
        "mae": calibration.mean_absolute_error(outcome, arrays["p50"]),
        "coverage_80": kept,
        "off_promise": abs(kept - 0.8),
        "high_over_low": width.median,
        "crps": crps,
        "crps_against_marginal": crps / calibration.crps_of_quantiles(outcome, marginal, levels),
    }


def watch(inputs: Inputs, answer: Answer) -> Mapping[str, str | float]:
    """What is watched for drift: the size of the estimate, its kind, how wide the range is."""
    found: dict[str, str | float] = {
        "log hours": float(np.log(max(float(inputs["hours"]), 1e-3))),
        "kind": str(inputs["kind"]),
    }
    if answer["p50"] is not None:
        found["log width"] = float(np.log(answer["p90"] / answer["p10"]))
    return found


def baselines(examples: Sequence[Example]) -> dict[str, Callable[[Sequence[Inputs]], list[Answer]]]:
    """The same range for every task, and the expert's own estimate with the spread that experts had."""
    levels = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
    spent = np.quantile([float(example.label) for example in examples], levels)
    strayed = np.quantile([float(example.label) / float(example.inputs["hours"]) for example in examples], levels)

    def always(inputs: Sequence[Inputs]) -> list[Answer]:
        return [dict(zip(RANGE, map(float, spent), strict=True)) for _ in inputs]

    def experts(inputs: Sequence[Inputs]) -> list[Answer]:
        return [dict(zip(RANGE, map(float, strayed * float(row["hours"])), strict=True)) for row in inputs]

    return {"training median": always, "the experts' estimate": experts}


def inside(label: Any, answer: Answer) -> bool:
    """Say whether the hours spent lie in the 80% range."""
    return answer["p10"] is not None and float(answer["p10"]) <= float(label) <= float(answer["p90"])


def _task(example: Example) -> sip.Task:
    day = dt.date.fromisoformat(example.at[:10])
    given = example.inputs
    return sip.Task(int(given["task"]), "", str(given["kind"]), "", float(given["hours"]), float(example.label), day)


def _answer(parameters: Mapping[str, Any], row: Inputs) -> Answer:
    try:
        found = effort_1.predict(parameters, float(row["hours"]), str(row["kind"]))
    except effort_1.EffortRefused as error:
        return {**dict.fromkeys(RANGE), "reason": str(error)}
    return {**{name: float(f"{getattr(found, name):.6g}") for name in RANGE}, "reason": ""}


def _card() -> dict[str, Any]:
    card = json.loads((effort_1.PARAMETERS / f"{effort_1.SHIPPED}.card.json").read_text(encoding="utf-8"))
    own = card["predictors"][-1]
    return {
        "purpose": "Say how many hours a task took, as a range, from a person's own estimate and the kind of task.",
        "metrics": {
            "effort_1": {"accuracy": own["sa"], "mae": own["mae"], "coverage_80": own["band"]["share"]},
            "baselines": {row["name"]: {"mae": row["mae"], "accuracy": row["sa"]} for row in card["predictors"][:-1]},
        },
        "held_out": card["test"],
        "calibration": [
            {"probability": band["promised"], "right": band["share"], "rows": band["count"]} for band in card["bands"]
        ],
        "calibration_note": "Each point is a range: what it promises, and the share of the newest tasks inside it.",
        "limits": list(LIMITS),
    }


LIMITS = (
    "Learned from one company's tasks of 2004 to 2014; other people stray differently from their estimates.",
    "Without a person's estimate there is no range.",
    "Effort is a cost and is never added to value.",
)

SPEC = register(
    TrainingSpec(
        model=MODEL,
        version="1",
        purpose="Say how many hours a task took, as a range, from a person's own estimate and the kind of task.",
        input_names=("hours", "kind", "task"),
        dataset=dataset,
        fit=fit_bytes,
        load=load,
        rules=rules,
        evaluate=evaluate,
        headline="accuracy",
        watch=watch,
        baselines=baselines,
        correct=inside,
        split="time",
        test_share=0.2,
        minimum_rows=400,
        gates=(
            Gate("keeps its promise", "off_promise", "<=", 0.04),
            Gate("better than saying the same always", "crps_against_marginal", "<=", 1.0),
            Gate("useful", "accuracy", ">=", 0.5),
        ),
        limits=LIMITS,
        shipped=(Shipped("effort_1", (effort_1.PARAMETERS / f"{effort_1.SHIPPED}.json").read_bytes, _card),),
    )
)
