"""`manage.py evaluate types --data FILE`: the judged table of both versions and the naive baselines, with intervals."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from analysis.change_types.classify import NETWORK_VERSION, with_network, with_rules
from analysis.change_types.network import TypePrediction

DRAWS = 1_000
FIGURES = ("strict", "lenient", "macro_f1", "abstained", "calibration_error")


@dataclass(frozen=True, slots=True)
class Judged:
    """Columns for one set of answers, one entry a row; an abstention has type "" and counts as wrong."""

    label: NDArray[np.str_]
    answer: NDArray[np.str_]
    accepted: NDArray[np.bool_]
    probability: NDArray[np.float64]


def judge(rows: Sequence[Mapping[str, Any]], answers: Sequence[TypePrediction]) -> Judged:
    """Line the answers up with {"label", "label_ok"} rows."""
    given = ["" if answer.type is None else answer.type for answer in answers]
    accepted = [found in (row.get("label_ok") or [row["label"]]) for row, found in zip(rows, given, strict=True)]
    return Judged(
        np.array([row["label"] for row in rows], dtype=str),
        np.array(given, dtype=str),
        np.array(accepted, dtype=bool),
        np.array([answer.probability for answer in answers], dtype=np.float64),
    )


def figures(judged: Judged, index: NDArray[np.intp] | None = None) -> dict[str, float]:
    """Strict and lenient accuracy, macro-F1, share abstained, calibration error in ten bins over what was answered."""
    pick = np.arange(len(judged.label)) if index is None else index
    label, answer, accepted, probability = (
        judged.label[pick], judged.answer[pick], judged.accepted[pick], judged.probability[pick],
    )  # fmt: skip
    scores = []
    for name in np.unique(label):
        right = int(((answer == name) & (label == name)).sum())
        scores.append(2 * right / max(1, int((answer == name).sum()) + int((label == name).sum())))
    answered = answer != ""
    bins = np.minimum(9, (probability * 10).astype(int))
    gaps = [
        abs(probability[chosen].sum() - accepted[chosen].sum())
        for number in range(10)
        if (chosen := answered & (bins == number)).any()
    ]
    return {
        "strict": float((answer == label).mean()),
        "lenient": float(accepted.mean()),
        "macro_f1": float(np.mean(scores)),
        "abstained": float(1 - answered.mean()),
        "calibration_error": float(sum(gaps) / max(1, int(answered.sum()))),
    }


def calibration(judged: Judged) -> list[dict[str, float]]:
    """What a calibration plot needs: of each tenth of the probabilities its mean, the share accepted, and the rows."""
    answered = judged.answer != ""
    bins = np.minimum(9, (judged.probability * 10).astype(int))
    return [
        {
            "probability": round(float(judged.probability[chosen].mean()), 4),
            "right": round(float(judged.accepted[chosen].mean()), 4),
            "rows": int(chosen.sum()),
        }
        for number in range(10)
        if (chosen := answered & (bins == number)).any()
    ]


def intervals(judged: Judged, *, seed: int = 7, draws: int = DRAWS) -> dict[str, tuple[float, float]]:
    """95% percentile intervals of each figure over resampled rows."""
    random = np.random.Generator(np.random.PCG64(seed))
    count = len(judged.label)
    drawn = [figures(judged, random.integers(0, count, count)) for _ in range(draws)]
    return {name: tuple(np.percentile([figure[name] for figure in drawn], [2.5, 97.5]).tolist()) for name in FIGURES}


def run(data: Path, stdout: TextIO) -> None:
    """Print the tables for a labelled file (or the file types_dev.jsonl of a folder)."""
    path = data / "types_dev.jsonl" if data.is_dir() else data
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    changes = [(str(row["text"]), tuple(row.get("files") or ())) for row in rows]
    commonest = Counter(row["label"] for row in rows).most_common(1)[0][0]
    versions: dict[str, Callable[[], list[TypePrediction]]] = {
        f"always {commonest}": lambda: [TypePrediction(commonest, 0.5, False, {})] * len(rows),
        "rules (version 1)": lambda: with_rules(changes),
        f"network (version {NETWORK_VERSION.rpartition('-')[2]})": lambda: with_network(changes),
    }
    stdout.write(f"{len(rows)} changes of {path.name}; 95% intervals by {DRAWS} bootstrap draws\n\n")
    for title, chosen in (
        ("all", list(range(len(rows)))),
        (
            "without revert and dependency",
            [i for i, r in enumerate(rows) if r["label"] not in ("revert", "dependency")],
        ),
    ):
        stdout.write(f"{title} (n={len(chosen)})\n")
        for name, answer in versions.items():
            answers = answer()
            judged = judge([rows[i] for i in chosen], [answers[i] for i in chosen])
            point, bounds = figures(judged), intervals(judged)
            cells = "  ".join(f"{key} {point[key]:.3f} [{bounds[key][0]:.3f}, {bounds[key][1]:.3f}]" for key in FIGURES)
            stdout.write(f"  {name:22} {cells}\n")
        stdout.write("\n")
