"""Choose the effort model's settings on the training and validation parts alone, and say what the choice gives after.

python -m benchmarks.effort_selection DIR [--quick]

Five origins in time order, at 50% to 90% of the first 80% of the tasks: everything before an origin is known, the
newest eighth of it calibrates, the next tenth is predicted. A candidate is scored by the interval score of its 80% band
on the log scale (Gneiting and Raftery 2007: width plus ten times what falls outside), by coverage, width, and by how
far the coverage of single kinds is from 0.8 on average. The test part is looked at once, for the shipped settings and
for the chosen candidate.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.estimates.effort import sip

Array = npt.NDArray[np.float64]
ORIGINS = (0.5, 0.6, 0.7, 0.8, 0.9)
LEVELS = np.arange(0.01, 0.305, 0.005)
"""Lower quantile levels of the bands that calibration chooses from; the upper one is its mirror."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Weights of a task: by distance of the log estimate, of another kind, by age; and how calibration is shared.

    ``pooled`` is the weight of all kinds together beside a kind's own tasks; None calibrates all kinds as one.
    """

    bandwidth: float = 0.5
    other_kind: float = 0.03
    half_life: float = 0.4
    window: float = 0.125
    pooled: float | None = None


@dataclass(frozen=True, slots=True)
class Tasks:
    """Log estimate, log(actual/estimate) and kind of each task, oldest first."""

    size: Array
    ratio: Array
    kind: npt.NDArray[np.str_]

    @classmethod
    def of(cls, tasks: Sequence[sip.Task]) -> Tasks:
        """Read them from the data set."""
        size = np.log([task.estimated for task in tasks])
        ratio = np.log([task.actual / task.estimated for task in tasks])
        return cls(size, ratio, np.array([task.subcategory for task in tasks]))


def quantiles(tasks: Tasks, known: slice, asked: slice, chosen: Candidate) -> tuple[Array, Array]:
    """Lower and upper quantiles of log(actual/estimate) of the asked tasks, each of shape (levels, tasks)."""
    order = np.argsort(tasks.ratio[known], kind="stable")
    ratio, size, kind = tasks.ratio[known][order], tasks.size[known][order], tasks.kind[known][order]
    age = 1 - order / max(len(order), 1)
    weights = np.exp(-0.5 * ((tasks.size[asked][:, None] - size[None]) / chosen.bandwidth) ** 2) + 1e-4
    weights *= 0.5 ** (age / chosen.half_life)[None]
    weights *= np.where(tasks.kind[asked][:, None] == kind[None], 1.0, chosen.other_kind)
    cumulative = np.cumsum(weights, axis=1)
    cumulative /= cumulative[:, -1:]
    low, high = (
        np.array([ratio[np.minimum((cumulative < level).sum(axis=1), len(ratio) - 1)] for level in levels])
        for levels in (LEVELS, 1 - LEVELS)
    )
    return low, high


def predict(tasks: Tasks, origin: int, end: int, chosen: Candidate) -> tuple[Array, Array]:
    """Band of each task from ``origin`` to ``end``: its level holds the promise on the window, then all are fitted."""
    cut = round(origin * (1 - chosen.window))
    window, asked = slice(cut, origin), slice(origin, end)
    low, high = quantiles(tasks, slice(0, cut), window, chosen)
    inside = (low - 1e-9 <= tasks.ratio[window]) & (tasks.ratio[window] <= high + 1e-9)
    low, high = quantiles(tasks, slice(0, origin), asked, chosen)
    ends = np.empty((2, end - origin))
    for kind in np.unique(tasks.kind[asked]):
        weights = np.ones(origin - cut)
        if chosen.pooled is not None:
            weights = (tasks.kind[window] == kind) + chosen.pooled / (origin - cut)
        kept = (inside * weights).sum(axis=1) / weights.sum()
        enough = np.flatnonzero(kept >= 0.8 * (1 + weights.max() / weights.sum()))
        mine = tasks.kind[asked] == kind
        ends[0, mine], ends[1, mine] = (part[enough[-1] if len(enough) else 0, mine] for part in (low, high))
    return ends[0], ends[1]


def told(ratio: Array, kind: npt.NDArray[np.str_], low: Array, high: Array) -> dict[str, float]:
    """What is said of a band."""
    inside = (low - 1e-9 <= ratio) & (ratio <= high + 1e-9)
    outside = np.maximum(low - ratio, 0) + np.maximum(ratio - high, 0)
    names, counts = np.unique(kind, return_counts=True)
    gaps = [abs(inside[kind == name].mean() - 0.8) for name in names[counts >= 60]]
    return {
        "score": float((high - low + 10 * outside).mean()),
        "coverage": float(inside.mean()),
        "median": float(np.exp(np.median(high - low))),
        "mean": float(np.exp((high - low).mean())),
        "kinds": float(np.mean(gaps)),
    }


def rolling(tasks: Tasks, known: int, chosen: Candidate) -> dict[str, float]:
    """The five origins together, inside the first ``known`` tasks."""
    parts = [(int(known * at), int(known * (at + 0.1))) for at in ORIGINS]
    bands = [predict(tasks, *part, chosen) for part in parts]
    where = np.concatenate([np.arange(*part) for part in parts])
    low, high = (np.concatenate([band[end] for band in bands]) for end in (0, 1))
    return told(tasks.ratio[where], tasks.kind[where], low, high)


def row(name: str, found: dict[str, float]) -> str:
    """A row of the table."""
    return (
        f"| {name} | {found['score']:.4f} | {found['coverage']:.3f} | {found['median']:.2f}, {found['mean']:.2f} |"
        f" {found['kinds']:.3f} |"
    )


def main() -> None:
    """Score every candidate, choose, and look at the test part once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--quick", action="store_true", help="half-lives 0.2 and 0.4 only")
    asked = parser.parse_args()
    split = sip.split(sip.load(asked.data))
    tasks = Tasks.of([*split.train, *split.validation, *split.test])
    known = len(split.train) + len(split.validation)
    lives = (0.2, 0.4) if asked.quick else (0.1, 0.2, 0.4, 0.8)
    grid = itertools.product((0.5, 0.8), (0.01, 0.03, 0.1), lives, (0.125, 0.2), (None, 100.0, 300.0))
    found = {chosen: rolling(tasks, known, chosen) for chosen in itertools.starmap(Candidate, grid)}
    best = min(told["score"] for told in found.values())
    near = {chosen: told for chosen, told in found.items() if told["score"] <= 1.005 * best}
    winner = min(near, key=lambda chosen: near[chosen]["kinds"])
    print("| candidate | interval score | coverage | high/low median, mean | kinds off 0.8 |\n|---|---|---|---|---|")
    for chosen in sorted(near, key=lambda chosen: near[chosen]["score"]):
        print(row(str(chosen), near[chosen]))
    low, high = predict(tasks, known, len(tasks.ratio), winner)
    print(f"\nchosen: {winner}: of those within 0.5% of the best score, the one that is fairest to single kinds")
    print(row("chosen, test part", told(tasks.ratio[known:], tasks.kind[known:], low, high)))


if __name__ == "__main__":
    main()
