"""The router's model as the platform sees it: how much the dearer target gains on a prompt, as one TrainingSpec.

Its rows are prompts that a cheaper and a dearer model both answered, with what either got right; the newest table that
`router_learn` installed is the data set. A version is trained, gated, promoted and rolled back like any other; the
rules know no gain, and then the operator's priors stand.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from mlops.datasets.external import DataSetProblem
from mlops.routing.learn.metrics import calibration, curve
from mlops.routing.learn.student import Student
from mlops.training.spec import Answer, Example, Gate, Inputs, Shipped, TrainingSpec, register

MODEL = "router-gain"
PURPOSE = "Say how much more often the dearer of two models answers a prompt rightly than the cheaper one."
LIMITS = (
    "Learned from questions with one right answer (GSM8K, MMLU) and two models of one time; other tasks and other "
    "targets gain differently.",
    "Decisions keep no texts, so that outcomes of live traffic do not train it; they feed Thompson sampling.",
    "Below two remote targets of different priors it has no say.",
)
NO_PROBABILITY = "It predicts a gain and no probability, so that there is no plot; how far off is among its figures."
NO_ANSWER = "It predicts nothing that could be held against what was seen."
LEAST_PROMPTS = 200
FEW_DOMAINS = 8  # below, domains are too coarse to keep apart, and prompts are split one by one
SHIPPED = Path(__file__).with_name("gain_1.json.gz")
CARD = Path(__file__).with_name("gain_1.card.json")
Predict = Callable[[Sequence[Inputs]], list[Answer]]


def table_path() -> Path:
    """Where the newest table of prompts lies that was learned from here."""
    return Path(settings.VAR_DIR) / "datasets" / MODEL / "table.csv.gz"


def dataset() -> Iterator[Example]:
    """The rows of the installed table; raises DataSetProblem when there is none."""
    if not table_path().exists():
        raise DataSetProblem("no table of prompts and outcomes: `manage.py router_learn FILE` brings one in")
    yield from examples(table_path())


def examples(*paths: Path) -> Iterator[Example]:
    """Rows of tables as `evaluate.load` reads them; whole domains stay together where there are enough of them."""
    from mlops.routing.evaluate import load

    for path in paths:
        table = load(path)
        name, apart = path.name.split(".")[0], len(set(table.domains)) >= FEW_DOMAINS
        for at, (prompt, domain) in enumerate(zip(table.prompts, table.domains, strict=True)):
            yield Example(
                id=f"{name} {at:06d}",
                inputs={"prompt": prompt},
                label={"cheap": float(table.weak[at]), "dear": float(table.strong[at]), "domain": domain},
                group=domain if apart else "",
            )


def fit(rows: Sequence[Example], seed: int) -> bytes:
    """Fit the student; its draws have seeds of their own, so that `seed` changes nothing but the split."""
    from mlops.routing.learn.teach import teach

    student = teach(
        [str(row.inputs["prompt"]) for row in rows],
        [row.label["cheap"] for row in rows],
        [row.label["dear"] for row in rows],
        [row.label["domain"] for row in rows],
    )
    return student.dump()


def load_predictor(document: Any) -> Predict:
    """A predictor of the JSON document; raises ValueError, KeyError or TypeError when it is no student."""
    student = Student.read(document)
    return lambda rows: [{"gain": student.predict(str(row["prompt"]))} for row in rows]


def rules(rows: Sequence[Inputs]) -> list[Answer]:
    """The version that always exists knows no gain: the operator's priors stand."""
    return [{"gain": None} for _ in rows]


def evaluate(labels: Sequence[Any], answers: Sequence[Answer]) -> dict[str, float]:
    """RouteLLM's figures and the distance of predicted and observed gain; {} for what predicts no gain. APGR and CPT
    are left out where the dearer model is not the better one."""
    said = [answer["gain"] for answer in answers]
    if not said or None in said:
        return {}
    cheap, dear = (np.array([float(label[name]) for label in labels]) for name in ("cheap", "dear"))
    _bins, error = calibration(said, dear - cheap, max(1, min(10, len(said) // 50)))
    found = {"calibration_error": error}
    if dear.mean() > cheap.mean():
        drawn = curve(said, cheap, dear)
        found |= {"apgr": drawn.apgr, "cpt50": drawn.cpt(0.5), "cpt80": drawn.cpt(0.8)}
    return found


def baselines(rows: Sequence[Example]) -> dict[str, Predict]:
    """A line through the prompts' length, which is strong, and the mean gain of the training prompts for everybody."""
    gains = np.array([row.label["dear"] - row.label["cheap"] for row in rows])
    mean = float(gains.mean())
    slope, start = np.polyfit([len(row.inputs["prompt"]) for row in rows], gains, 1)

    def by_length(given: Sequence[Inputs]) -> list[Answer]:
        return [{"gain": float(start + slope * len(row["prompt"]))} for row in given]

    def always(given: Sequence[Inputs]) -> list[Answer]:
        return [{"gain": mean} for _ in given]

    return {"prompt length": by_length, "mean gain": always}


def right_way(label: Any, answer: Answer) -> bool:
    """Say whether the predicted gain lies nearer to the observed one than to any other (-1, 0, 1)."""
    return answer["gain"] is not None and abs(answer["gain"] - (label["dear"] - label["cheap"])) < 0.5


def watch(inputs: Inputs, answer: Answer) -> Mapping[str, str | float]:
    """Nothing: the decision's row keeps what was predicted, and no text of a prompt is kept anywhere."""
    return {}


def shipped_bytes() -> bytes:
    """The shipped version as it is registered: JSON."""
    return gzip.decompress(SHIPPED.read_bytes())


def shipped_card() -> dict[str, Any]:
    """What was found out about the shipped version when it was made (see shipping.py)."""
    card: dict[str, Any] = json.loads(CARD.read_text("utf-8"))
    return card | {"calibration_note": NO_PROBABILITY}


def _priors_card() -> dict[str, Any]:
    return {"purpose": PURPOSE, "limits": list(LIMITS), "calibration_note": NO_ANSWER}


SPEC = register(
    TrainingSpec(
        model=MODEL,
        version="1",
        purpose=PURPOSE,
        input_names=("prompt",),
        dataset=dataset,
        fit=fit,
        load=load_predictor,
        rules=rules,
        evaluate=evaluate,
        headline="apgr",
        watch=watch,
        baselines=baselines,
        correct=right_way,
        minimum_rows=LEAST_PROMPTS,
        gates=(
            Gate("better than chance with 95 % confidence", "apgr.low", ">=", 0.5),
            Gate("calibrated", "calibration_error", "<=", 0.1),
        ),
        limits=LIMITS,
        shipped=(
            Shipped("priors", lambda: b"", _priors_card),
            Shipped("gain_1", shipped_bytes, shipped_card),
        ),
    )
)
