"""`manage.py evaluate router --data DIR`: how well learned routers rank prompts, against baselines.

DIR holds gsm8k.csv.gz and mmlu.csv.gz (domain, prompt, weak_correct, strong_correct). Five shuffled folds with seed 0;
representation, models and the weights of the blend are fitted inside the training folds only, and each prompt is
scored once, by the models that never saw it. Held-out domains show what is left when the kind of question is new.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from mlops.routing.learn.metrics import Figures, calibration, curve, figures

Vector = npt.NDArray[np.float64]
Split = Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]
CAVEAT = (
    "RouteLLM's own published routers were trained on other data and tested out of distribution; their figures are not "
    "comparable with cross-validation on the same data. Held-out domains are the closer analogue."
)


@dataclass(frozen=True)
class Data:
    """The prompts of one benchmark and which model answered each of them correctly."""

    name: str
    prompts: list[str]
    domains: list[str]
    weak: Vector
    strong: Vector

    @property
    def gain(self) -> Vector:
        return self.strong - self.weak


def load(path: Path) -> Data:
    """Read one benchmark's file."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    weak, strong = (np.array([float(row[column]) for row in rows]) for column in ("weak_correct", "strong_correct"))
    return Data(
        path.name.split(".")[0],
        [row["prompt"] for row in rows],
        [row.get("domain") or "" for row in rows],
        weak,
        strong,
    )


def folds(data: Data) -> Split:
    """Five folds, shuffled with seed 0."""
    from sklearn.model_selection import KFold

    return KFold(5, shuffle=True, random_state=0).split(data.prompts)


def held_out_domains(data: Data, groups: int | None = None) -> Split:
    """Each domain left out in turn; with `groups`, so many sets of whole domains."""
    from sklearn.model_selection import GroupKFold, LeaveOneGroupOut

    splitter = GroupKFold(groups) if groups else LeaveOneGroupOut()
    return splitter.split(data.prompts, groups=data.domains)


def scores_of_served(data: Data, splits: Split) -> Vector:
    """What is served, fitted on the training prompts of each split and asked prompt by prompt, as in service."""
    from mlops.routing.learn.teach import teach

    scores = np.zeros(len(data.prompts))
    for train, test in splits:
        prompts, domains = [data.prompts[at] for at in train], [data.domains[at] for at in train]
        student = teach(prompts, data.weak[train], data.strong[train], domains)
        scores[test] = [student.predict(data.prompts[at]) for at in test]
    return scores


def scores_of_linear(data: Data, splits: Split) -> Vector:
    """The linear part alone. The word table is that of all prompts, the labels are those of the training ones only."""
    from mlops.routing.learn.teach import Table, regress

    rows, scores = Table(data.prompts).rows, np.zeros(len(data.prompts))
    for train, test in splits:
        scores[test] = regress(rows[train], data.gain[train]).predict(rows[test]).ravel()
    return scores


def baselines(data: Data) -> dict[str, Vector]:
    """Routers that learn nothing: chance, length, and the oracle who knows the gain."""
    chance = np.random.Generator(np.random.PCG64(0)).random(len(data.prompts))
    length = np.array([float(len(prompt)) for prompt in data.prompts])
    return {"random": chance, "prompt length": length, "oracle": data.gain}


def operating_point(score: Vector, data: Data) -> tuple[float, float]:
    """Where the default policy would stand with the demonstration's two priced targets: the share of prompts whose
    predicted gain is worth what the dearer target costs and waits more, and the accuracy that this reaches (0 to 1)."""
    from mlops.routing.estimates import expected_tokens
    from mlops.routing.playground import SPECS
    from mlops.routing.records import NANO, Document, PolicySpec, Task, TaskInput

    policy, task, (dear, cheap) = PolicySpec(), Task("evaluate", ""), SPECS
    tokens = [expected_tokens(task, TaskInput((Document("prompt", prompt),))) for prompt in data.prompts]
    money = np.array([dear.cost(*pair) - cheap.cost(*pair) for pair in tokens]) / NANO
    waiting = dear.prior_latency - cheap.prior_latency
    sent = policy.quality_weight * score > policy.cost_weight * money + policy.latency_weight * waiting
    return float(sent.mean()), float(np.where(sent, data.strong, data.weak).mean())


def line(name: str, result: Figures) -> str:
    def cell(value: tuple[float, float, float], digits: int) -> str:
        here, low, high = value
        return f"{here:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"

    return f"{name:<34} {cell(result.apgr, 3):<22} {cell(result.cpt50, 1):<20} {cell(result.cpt80, 1)}"


def report(data: Data, stdout: TextIO) -> dict[str, Any]:
    """All routers on one benchmark: printed as they are ready, returned as the page's record."""
    rows: list[dict[str, Any]] = []

    def say(text: str) -> None:
        stdout.write(text + "\n")
        stdout.flush()

    def row(name: str, score: Vector) -> None:
        result, drawn = figures(score, data.weak, data.strong), curve(score, data.weak, data.strong)
        say(line(name, result))
        points = [[round(100 * x, 1), round(100 * y, 2)] for x, y in zip(drawn.share, drawn.accuracy, strict=True)]
        entry: dict[str, Any] = {key: [round(part, 4) for part in value] for key, value in asdict(result).items()}
        if name.startswith("served, 5"):
            share, accuracy = operating_point(score, data)
            say(f"  default policy, demonstration's prices: {100 * share:.1f} % of calls dear, accuracy {accuracy:.3f}")
            if name == "served, 5 folds":  # the line that the page draws, so that the point lies on it
                entry["point"] = [round(100 * share, 1), round(100 * accuracy, 2)]
        rows.append({"router": name, **entry, "points": points})

    say(f"\n{data.name}: {len(data.prompts)} prompts, weak {data.weak.mean():.3f}, strong {data.strong.mean():.3f}")
    say(f"{'router':<34} {'APGR':<22} {'CPT(50) %':<20} CPT(80) %")
    for name, score in baselines(data).items():
        row(name, score)
    served = scores_of_served(data, folds(data))
    row("served, 5 folds", served)
    first = next(folds(data))[1]  # the form was chosen on the prompts outside of this fold, so it alone is free of that
    say(line("  its first fold alone", figures(served[first], data.weak[first], data.strong[first])))
    bins, error = calibration(served, data.gain)
    say(f"  calibration: mean distance {error:.3f} over {len(bins)} bins of equal size")
    say("  predicted " + " ".join(f"{part[0]:+.2f}" for part in bins))
    say("  observed  " + " ".join(f"{part[1]:+.2f}" for part in bins))
    row("linear, 5 folds", scores_of_linear(data, folds(data)))
    if len(set(data.domains)) > 1:
        row("served, 5 sets of domains out", scores_of_served(data, held_out_domains(data, 5)))
        row("linear, each domain left out", scores_of_linear(data, held_out_domains(data)))
    return {
        "name": data.name, "prompts": len(data.prompts), "weak": round(float(data.weak.mean()), 4),
        "strong": round(float(data.strong.mean()), 4), "caveat": CAVEAT, "rows": rows,
    }  # fmt: skip


def run(data: Path, stdout: TextIO, results: Path | None = None) -> None:
    """Print the tables for both benchmarks; also written to `results`, which the router's page reads."""
    found = [report(load(data / f"{name}.csv.gz"), stdout) for name in ("gsm8k", "mmlu")]
    stdout.write("\n" + CAVEAT + "\n")
    if results is not None:
        results.parent.mkdir(parents=True, exist_ok=True)
        results.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
