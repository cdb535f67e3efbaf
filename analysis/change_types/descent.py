"""Fit a bag of features through one hidden layer by gradient descent. Worker-only: scipy is imported by the caller.

The features of a row are dropped at random in each step, so that no single word or path carries an answer: measured on
repositories kept out whole, that is worth more than a larger layer. One thread, one order: the same bytes each time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
FIRST, SECOND, TINY = 0.9, 0.999, 1e-8  # Adam (Kingma and Ba, 2015)


@dataclass(frozen=True, slots=True)
class Settings:
    """How to descend: units of the hidden layer, share of features dropped, L2 penalty, passes, rows a step, rate."""

    hidden: int = 32
    dropout: float = 0.5
    penalty: float = 0.3
    epochs: int = 8
    batch: int = 1_024
    rate: float = 0.004


@dataclass(frozen=True, slots=True)
class Layers:
    """Fitted weights: features x hidden, hidden, hidden x classes, classes."""

    embedding: Floats
    hidden_bias: Floats
    output: Floats
    output_bias: Floats


def descend(
    matrix: Any,
    labels: NDArray[np.intp],
    weights: Floats,
    *,
    classes: int,
    settings: Settings,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> Layers:
    """Weights that minimise the weighted cross entropy of `labels` given the rows of a CSR `matrix` of ones."""
    random = np.random.Generator(np.random.PCG64(seed))
    hidden, rows = settings.hidden, matrix.shape[0]
    values = {
        "embedding": random.normal(0, 0.1, (matrix.shape[1], hidden)).astype(np.float32),
        "hidden_bias": np.zeros(hidden, np.float32),
        "output": random.normal(0, hidden**-0.5, (hidden, classes)).astype(np.float32),
        "output_bias": np.zeros(classes, np.float32),
    }
    adam = _Adam(values)
    total = settings.epochs * -(-rows // settings.batch)
    for epoch in range(settings.epochs):
        order = random.permutation(rows)
        for start in range(0, rows, settings.batch):
            chosen = order[start : start + settings.batch]
            part = _dropped(matrix[chosen], settings.dropout, random)
            slopes = _slopes(values, part, labels[chosen], weights[chosen], settings.penalty)
            adam.step(slopes, settings.rate * (1 - adam.taken / total))
        if progress:
            progress(epoch + 1, settings.epochs)
    return Layers(**values)


def _dropped(part: Any, share: float, random: np.random.Generator) -> Any:
    """The rows with a random share of their features left out, and the others raised to make up for them."""
    part.data = ((random.random(len(part.data)) >= share) / (1 - share)).astype(np.float32)
    return part


def _slopes(
    values: dict[str, Floats], part: Any, labels: NDArray[np.intp], weights: Floats, penalty: float
) -> dict[str, Floats]:
    before = part @ values["embedding"] + values["hidden_bias"]
    units = np.maximum(before, 0)
    scores = units @ values["output"] + values["output_bias"]
    error = np.exp(scores - scores.max(axis=1, keepdims=True))
    error /= error.sum(axis=1, keepdims=True)
    error[np.arange(len(labels)), labels] -= 1
    error *= weights[:, None] / len(labels)
    back = (error @ values["output"].T) * (before > 0)
    return {
        "embedding": part.T @ back + penalty / len(labels) * values["embedding"],
        "hidden_bias": back.sum(axis=0),
        "output": units.T @ error + penalty / len(labels) * values["output"],
        "output_bias": error.sum(axis=0),
    }


class _Adam:
    """Steps of Adam, in place."""

    def __init__(self, values: dict[str, Floats]) -> None:
        self.values, self.taken = values, 0
        self.means = {name: np.zeros_like(value) for name, value in values.items()}
        self.squares = {name: np.zeros_like(value) for name, value in values.items()}

    def step(self, slopes: dict[str, Floats], rate: float) -> None:
        self.taken += 1
        rate *= (1 - SECOND**self.taken) ** 0.5 / (1 - FIRST**self.taken)
        for name, slope in slopes.items():
            mean, square = self.means[name], self.squares[name]
            mean += (1 - FIRST) * (slope - mean)
            square += (1 - SECOND) * (slope * slope - square)
            self.values[name] -= np.float32(rate) * mean / (np.sqrt(square) + np.float32(TINY))
