"""Fit the network. Worker-only: scikit-learn is imported inside. The same rows and seed give the same bytes."""

from __future__ import annotations

import base64
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.change_types.features import features_of
from analysis.change_types.labels import TYPES
from analysis.change_types.network import FORMAT, load, logits, softmax

# Of the answers that miss the author's own label, this share names a type that a reader accepts as well: judged by
# one reader on 61 misses on held-out public repositories (29 accepted).
ACCEPTED_SHARE = 0.475
HIDDEN = 32
PENALTY = 0.3
EPOCHS = 3


@dataclass(frozen=True, slots=True)
class LabelledChange:
    """One training row: what the classifier may see, its label, and the group (repository) that must not be split."""

    text: str
    files: tuple[str, ...]
    label: str
    group: str


def fit(rows: Sequence[LabelledChange], *, seed: int) -> dict[str, Any]:
    """Train on `rows`; return the parameters as a JSON document. A sixth of the groups is kept for the temperature."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    groups = sorted({row.group for row in rows})
    kept = (
        set(np.random.default_rng(seed).permutation(groups)[: max(1, len(groups) // 6)]) if len(groups) > 5 else set()
    )
    train = [row for row in rows if row.group not in kept]
    names = _vocabulary(train)
    matrix, labels = _matrix(train, names), np.array([TYPES.index(row.label) for row in train])
    present = sorted(set(labels.tolist()))
    counts = np.bincount(labels, minlength=len(TYPES))
    weights = counts[present].mean() / counts[labels]
    # A sum over threads changes the last bits from run to run; one thread does not.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        batch = min(512, max(16, len(train) // 20))
        model = MLPClassifier(
            (HIDDEN,), alpha=PENALTY, batch_size=batch, max_iter=_epochs(len(train)), random_state=seed
        ).fit(matrix, labels, sample_weight=weights)
    document = _document(model, names, present)
    document["temperature"] = _temperature(document, [row for row in rows if row.group in kept])
    return document


def _epochs(rows: int) -> int:
    """Passes over the data: three when there is much, more when there is little (the same number of steps)."""
    return EPOCHS if rows > 50_000 else min(60, max(EPOCHS, 150_000 // max(rows, 1)))


def _vocabulary(rows: Sequence[LabelledChange]) -> list[str]:
    """Features seen often and in many groups: what only one repository says does not carry over."""
    groups: dict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    total = len({row.group for row in rows})
    need_groups, need_count = (9, 30) if total > 40 else (min(2, total), 3)
    for row in rows:
        for name in features_of(row.text, row.files):
            counts[name] += 1
            if len(groups[name]) < need_groups:
                groups[name].add(row.group)
    return sorted(name for name, count in counts.items() if count >= need_count and len(groups[name]) >= need_groups)


def _matrix(rows: Sequence[LabelledChange], names: Sequence[str]) -> Any:
    from scipy.sparse import csr_matrix

    index = {name: position for position, name in enumerate(names)}
    columns: list[int] = []
    ends = [0]
    for row in rows:
        columns.extend(index[name] for name in features_of(row.text, row.files) if name in index)
        ends.append(len(columns))
    ones = np.ones(len(columns), dtype=np.float32)
    return csr_matrix((ones, columns, ends), shape=(len(rows), len(names)))


def _document(model: Any, names: Sequence[str], present: Sequence[int]) -> dict[str, Any]:
    embedding, output = (np.asarray(weights, dtype=np.float64) for weights in model.coefs_)
    scale = np.maximum(np.abs(embedding).max(axis=0), 1e-9) / 127
    quantised = np.rint(embedding / scale).astype(np.int8)
    full, bias = np.zeros((output.shape[0], len(TYPES))), np.full(len(TYPES), -20.0)
    if output.shape[1] == 1:  # two classes: one logit
        full[:, present[1]], bias[present[0]], bias[present[1]] = output[:, 0], 0.0, model.intercepts_[1][0]
    else:
        full[:, present], bias[present] = output, model.intercepts_[1]
    return {
        "format": FORMAT,
        "classes": list(TYPES),
        "features": "\n".join(names),
        "embedding": base64.b64encode(quantised.tobytes()).decode("ascii"),
        "scale": _plain(scale),
        "hidden_bias": _plain(model.intercepts_[0]),
        "output": [_plain(line) for line in full],
        "output_bias": _plain(bias),
        "temperature": 1.0,
        "accepted_share": ACCEPTED_SHARE,
    }


def _plain(values: NDArray[np.floating[Any]]) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def _temperature(document: Mapping[str, Any], rows: Sequence[LabelledChange]) -> float:
    """The divisor of the scores that makes unseen groups' labels likeliest, every type counting alike."""
    if len(rows) < 100:
        return 1.0
    scores = logits(load(document), [(row.text, row.files) for row in rows])
    labels = np.array([TYPES.index(row.label) for row in rows])
    weights = 1 / np.bincount(labels, minlength=len(TYPES))[labels]

    def loss(temperature: float) -> float:
        shares = softmax(scores / temperature)[np.arange(len(labels)), labels]
        return float(-(weights * np.log(np.maximum(shares, 1e-9))).sum())

    return min((math.exp(step / 40) for step in range(-20, 41)), key=loss)
