"""The descent: its slopes are the loss's own, dropping keeps the mean, and it learns what can be learnt."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from analysis.change_types.descent import Settings, _dropped, _slopes, descend

RANDOM = np.random.default_rng(5)


def values(features: int = 6, hidden: int = 4, classes: int = 3) -> dict[str, np.ndarray]:
    shapes = {
        "embedding": (features, hidden),
        "hidden_bias": (hidden,),
        "output": (hidden, classes),
        "output_bias": (classes,),
    }
    return {name: RANDOM.normal(0, 0.5, shape) for name, shape in shapes.items()}


def loss(at: dict[str, np.ndarray], part: csr_matrix, labels: np.ndarray, weights: np.ndarray, penalty: float) -> float:
    scores = np.maximum(part @ at["embedding"] + at["hidden_bias"], 0) @ at["output"] + at["output_bias"]
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    squares = (at["embedding"] ** 2).sum() + (at["output"] ** 2).sum()
    fit = -(weights * np.log(shares[np.arange(len(labels)), labels])).mean()
    return float(fit + penalty / 2 / len(labels) * squares)


def test_slopes_are_those_of_the_loss() -> None:
    at, labels, weights = values(), np.array([0, 2, 1, 1]), np.array([1.0, 2.0, 0.5, 1.0])
    part = csr_matrix(RANDOM.integers(0, 2, (4, 6)).astype(float))
    slopes = _slopes(at, part, labels, weights, 0.7)
    for name, slope in slopes.items():
        for place in np.ndindex(slope.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = {key: value.copy() for key, value in at.items()}
                moved[name][place] += step
                ends.append(loss(moved, part, labels, weights, 0.7))
            assert slope[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-5)


def test_dropping_keeps_the_mean() -> None:
    part = csr_matrix(np.ones((200, 50), dtype=np.float32))
    dropped = _dropped(part.copy(), 0.5, np.random.default_rng(1))
    assert dropped.sum() == pytest.approx(part.sum(), rel=0.05)
    assert set(np.unique(dropped.data)) == {0.0, 2.0}


def test_it_learns_a_combination_and_gives_the_same_bytes_again() -> None:
    # The type is told by two features together (exclusive or), which no linear model can learn.
    pairs = RANDOM.integers(0, 2, (2_000, 2))
    matrix = csr_matrix(np.column_stack([pairs, 1 - pairs]).astype(np.float32))
    labels, weights = pairs[:, 0] ^ pairs[:, 1], np.ones(2_000, np.float32)
    settings = Settings(hidden=16, dropout=0.0, penalty=0.0, epochs=40, batch=100, rate=0.01)
    seen: list[int] = []
    first = descend(
        matrix, labels, weights, classes=2, settings=settings, seed=2, progress=lambda done, of: seen.append(done)
    )
    second = descend(matrix, labels, weights, classes=2, settings=settings, seed=2)
    assert first.embedding.tobytes() == second.embedding.tobytes()
    scores = np.maximum(matrix @ first.embedding + first.hidden_bias, 0) @ first.output + first.output_bias
    assert (scores.argmax(axis=1) == labels).mean() == 1
    assert seen == list(range(1, 41))
