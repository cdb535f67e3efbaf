"""Figures with intervals: bootstrap over rows or groups, paired comparison of two versions, ready-made for classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.training.spec import Answer

DRAWS = 300
Evaluate = Callable[[Sequence[Any], Sequence[Answer]], dict[str, float]]


def with_intervals(
    evaluate: Evaluate, labels: Sequence[Any], answers: Sequence[Answer], *, seed: int, draws: int = DRAWS
) -> dict[str, dict[str, Any]]:
    """Each figure with its 95% interval over resampled rows: {"strict": {"value", "interval": [low, high]}}.

    A figure that is no number is left out: it is unknown, and no gate passes what is unknown.
    """
    point = {name: value for name, value in evaluate(labels, answers).items() if math.isfinite(value)}
    drawn = [evaluate(*_pick(index, labels, answers)) for index in _draws(len(labels), seed, draws)]
    return {
        name: {"value": _round(value), "interval": _bounds([figures.get(name, float("nan")) for figures in drawn])}
        for name, value in point.items()
    }


def paired_difference(
    evaluate: Evaluate,
    headline: str,
    labels: Sequence[Any],
    ours: Sequence[Answer],
    theirs: Sequence[Answer],
    *,
    seed: int,
    draws: int = DRAWS,
) -> dict[str, Any] | None:
    """Ours minus theirs of one figure on the same rows, with its interval: both are resampled together.

    None where one of the two has no such figure: one that answers nothing cannot be compared with.
    """

    def difference(labels: Sequence[Any], ours: Sequence[Answer], theirs: Sequence[Answer]) -> float:
        unknown = float("nan")
        return evaluate(labels, ours).get(headline, unknown) - evaluate(labels, theirs).get(headline, unknown)

    point = difference(labels, ours, theirs)
    if not math.isfinite(point):
        return None
    drawn = [
        difference(*_pick(index, labels, ours), _pick(index, labels, theirs)[1])
        for index in _draws(len(labels), seed, draws)
    ]
    return {"value": _round(point), "interval": _bounds(drawn)}


def classification(labels: Sequence[Any], answers: Sequence[Answer]) -> dict[str, float]:
    """Accuracy, macro-F1, calibration error and share abstained of {"type" or "label", "probability"} answers."""
    said = np.array([str(answer.get("type", answer.get("label")) or "") for answer in answers])
    right = np.array([str(label) for label in labels])
    probability = np.array([float(answer.get("probability", 1.0)) for answer in answers])
    hit, answered = said == right, said != ""
    scores = [
        2 * int((hit & (right == name)).sum()) / max(1, int((said == name).sum()) + int((right == name).sum()))
        for name in np.unique(right)
    ]
    return {
        "accuracy": float(hit.mean()) if len(hit) else 0.0,
        "macro_f1": float(np.mean(scores)) if scores else 0.0,
        "calibration_error": calibration_error(probability[answered], hit[answered]),
        "abstained": float(1 - answered.mean()) if len(answered) else 0.0,
    }


def calibration_error(probability: NDArray[np.float64], hit: NDArray[np.bool_]) -> float:
    """Expected calibration error in ten bins of equal width; 0 when nothing was answered, NaN with a NaN in it."""
    if not len(probability):
        return 0.0
    if not np.isfinite(probability).all():
        return float("nan")
    bins = np.minimum(9, (probability * 10).astype(int))
    gaps = [abs(float(probability[bins == b].sum()) - float(hit[bins == b].sum())) for b in np.unique(bins)]
    return float(sum(gaps) / len(probability))


def calibration_curve(probability: Sequence[float], hit: Sequence[bool]) -> list[dict[str, float]]:
    """What a calibration plot needs: for each bin its mean probability, share right and rows."""
    chosen, right = np.asarray(probability, dtype=float), np.asarray(hit, dtype=bool)
    if not np.isfinite(chosen).all():
        return []
    bins = np.minimum(9, (chosen * 10).astype(int))
    return [
        {
            "probability": _round(float(chosen[bins == b].mean())),
            "right": _round(float(right[bins == b].mean())),
            "rows": int((bins == b).sum()),
        }
        for b in np.unique(bins)
    ]


def plain(figures: Mapping[str, Any]) -> dict[str, float]:
    """The values without their intervals."""
    return {name: float(figure["value"]) for name, figure in figures.items()}


def _draws(count: int, seed: int, draws: int) -> list[NDArray[np.int64]]:
    random = np.random.Generator(np.random.PCG64(seed))
    return [random.integers(0, count, count) for _ in range(draws)] if count else []


def _pick(index: NDArray[np.int64], labels: Sequence[Any], answers: Sequence[Answer]) -> tuple[list[Any], list[Answer]]:
    places = index.tolist()
    return [labels[place] for place in places], [answers[place] for place in places]


def _bounds(values: Sequence[float]) -> list[float]:
    usable = [value for value in values if math.isfinite(value)]
    if not usable:
        return []
    return [_round(float(bound)) for bound in np.percentile(usable, [2.5, 97.5])]


def _round(value: float) -> float:
    return float(f"{value:.6g}")
