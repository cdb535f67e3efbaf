"""How good a router's ranking is: the definitions of RouteLLM (Ong et al., 2024).

A router scores prompts; the share x of them with the highest scores goes to the strong model. Over the eleven points
x = 0, 10 … 100 %, the accuracy draws a curve. APGR is the area between the curve and the weak model's level, as a share
of the same area of the strong model; CPT(p) is the share x at which p of the gap between the two is recovered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

POINTS = 11
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """Shares of strong calls (0 to 1) and the accuracy at each."""

    share: tuple[float, ...]
    accuracy: tuple[float, ...]
    weak: float
    strong: float

    @property
    def apgr(self) -> float:
        area = float(np.trapezoid(self.accuracy, self.share))
        return (area - self.weak) / (self.strong - self.weak)

    def cpt(self, part: float) -> float:
        """Percentage of strong calls that recovers `part` of the gap, between points on a straight line."""
        recovered = [(value - self.weak) / (self.strong - self.weak) for value in self.accuracy]
        for at in range(1, len(recovered)):
            if recovered[at] >= part:
                below, step = recovered[at - 1], recovered[at] - recovered[at - 1]
                start, width = self.share[at - 1], self.share[at] - self.share[at - 1]
                return 100 * (start + width * (part - below) / step) if step > 0 else 100 * start
        return 100.0


def curve(score: npt.ArrayLike, weak: npt.ArrayLike, strong: npt.ArrayLike, points: int = POINTS) -> Curve:
    """The curve of a score; `weak` and `strong` are 1 where that model was right."""
    first, second = np.asarray(weak, float), np.asarray(strong, float)
    order = np.argsort(-np.asarray(score, float), kind="stable")
    gained = np.concatenate([[0.0], np.cumsum((second - first)[order])]) / len(first)
    shares = np.linspace(0, 1, points)
    accuracy = first.mean() + gained[np.round(shares * len(first)).astype(int)]
    return Curve(tuple(map(float, shares)), tuple(map(float, accuracy)), float(first.mean()), float(second.mean()))


@dataclass(frozen=True, slots=True)
class Figures:
    """APGR, CPT(50), CPT(80), each with the 2.5th and 97.5th percentile of the bootstrap over prompts."""

    apgr: tuple[float, float, float]
    cpt50: tuple[float, float, float]
    cpt80: tuple[float, float, float]


def figures(score: npt.ArrayLike, weak: npt.ArrayLike, strong: npt.ArrayLike, draws: int = 400) -> Figures:
    """The three figures with intervals; the resampling is seeded, so the same input gives the same figures."""
    values, first, second = (np.asarray(part, float) for part in (score, weak, strong))
    rng = np.random.Generator(np.random.PCG64(0))
    samples = []
    for _ in range(draws):
        rows = rng.integers(0, len(values), len(values))
        if second[rows].mean() > first[rows].mean():
            samples.append(_triple(curve(values[rows], first[rows], second[rows])))
    low, high = np.percentile(samples, [2.5, 97.5], axis=0)
    here = _triple(curve(values, first, second))
    return Figures(*((here[at], float(low[at]), float(high[at])) for at in range(3)))


def _triple(drawn: Curve) -> tuple[float, float, float]:
    return drawn.apgr, drawn.cpt(0.5), drawn.cpt(0.8)


def calibration(
    predicted: npt.ArrayLike, gain: npt.ArrayLike, bins: int = 10
) -> tuple[list[tuple[float, float, int]], float]:
    """Mean predicted and mean observed gain by bins of equal size, and the mean distance between the two."""
    guess, truth = np.asarray(predicted, float), np.asarray(gain, float)
    parts = np.array_split(np.argsort(guess, kind="stable"), bins)
    rows = [(float(guess[part].mean()), float(truth[part].mean()), len(part)) for part in parts]
    error = sum(abs(left - right) * size for left, right, size in rows) / len(guess)
    return rows, error
