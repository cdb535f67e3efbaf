"""Fit the network. Worker-only: scipy is imported inside. The same rows and seed give the same bytes."""

from __future__ import annotations

import base64
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.change_types.descent import Layers, Settings, descend
from analysis.change_types.features import features_of
from analysis.change_types.labels import TYPES
from analysis.change_types.network import FORMAT, load, logits, softmax

# Of the answers that miss the author's own label, this share names a type that a reader accepts as well: judged by
# one reader on 151 misses on held-out public repositories (77 accepted).
ACCEPTED_SHARE = 0.51
SETTINGS = Settings()
# No row counts more than this many times the mean, so that a rare type does not drown in its own noise.
MOST_WEIGHT = 12.0


@dataclass(frozen=True, slots=True)
class LabelledChange:
    """One training row: what the classifier may see, its label, and the group (repository) that must not be split."""

    text: str
    files: tuple[str, ...]
    label: str
    group: str


def fit(rows: Sequence[LabelledChange], *, seed: int) -> dict[str, Any]:
    """Train on `rows`; return the parameters as a JSON document.

    The temperature comes from a first fit without a sixth of the groups, which it then answers; the weights from all.
    """
    bags = [features_of(row.text, row.files) for row in rows]
    groups = sorted({row.group for row in rows})
    kept = set(np.random.default_rng(seed).permutation(groups)[: len(groups) // 6]) if len(groups) > 5 else set()
    apart = [row for row in rows if row.group in kept]
    temperature = 1.0
    if len(apart) >= 100:
        rest = [index for index, row in enumerate(rows) if row.group not in kept]
        temperature = _temperature(_fitted([bags[i] for i in rest], [rows[i] for i in rest], seed), apart)
    return {**_fitted(bags, rows, seed), "temperature": temperature}


def _fitted(bags: Sequence[Sequence[str]], rows: Sequence[LabelledChange], seed: int) -> dict[str, Any]:
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    names = _vocabulary(bags, [row.group for row in rows])
    labels = np.array([TYPES.index(row.label) for row in rows])
    # A sum over threads changes the last bits from run to run; one thread does not.
    with threadpool_limits(limits=1):
        layers = descend(
            _matrix(bags, names), labels, _weights(labels), classes=len(TYPES), settings=_settings(len(rows)), seed=seed
        )
    return _document(layers, names, sorted(set(labels.tolist())))


def _settings(rows: int) -> Settings:
    """As measured when there is much data; smaller steps and more passes when there is little."""
    if rows > 50_000:
        return SETTINGS
    return replace(
        SETTINGS,
        batch=min(SETTINGS.batch, max(16, rows // 20)),
        epochs=min(60, max(SETTINGS.epochs, 150_000 // max(rows, 1))),
    )


def _weights(labels: NDArray[np.intp]) -> NDArray[np.float32]:
    """Weights of rows by which every type counts alike, within MOST_WEIGHT."""
    counts = np.bincount(labels, minlength=len(TYPES))
    weights = np.minimum(counts[counts > 0].mean() / counts[labels], MOST_WEIGHT)
    return np.asarray(weights / weights.mean(), dtype=np.float32)


def _vocabulary(bags: Sequence[Sequence[str]], origins: Sequence[str]) -> list[str]:
    """Features seen often and in many groups: what only one repository says does not carry over."""
    groups: dict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    total = len(set(origins))
    need_groups, need_count = (9, 30) if total > 40 else (min(2, total), 3)
    for bag, origin in zip(bags, origins, strict=True):
        counts.update(bag)
        for name in bag:
            if len(groups[name]) < need_groups:
                groups[name].add(origin)
    return sorted(name for name, count in counts.items() if count >= need_count and len(groups[name]) >= need_groups)


def _matrix(bags: Sequence[Sequence[str]], names: Sequence[str]) -> Any:
    from scipy.sparse import csr_matrix

    index = {name: position for position, name in enumerate(names)}
    columns: list[int] = []
    ends = [0]
    for bag in bags:
        columns.extend(index[name] for name in bag if name in index)
        ends.append(len(columns))
    ones = np.ones(len(columns), dtype=np.float32)
    return csr_matrix((ones, columns, ends), shape=(len(bags), len(names)))


def _document(layers: Layers, names: Sequence[str], present: Sequence[int]) -> dict[str, Any]:
    scale = np.maximum(np.abs(layers.embedding).max(axis=0), 1e-9) / 127
    quantised = np.rint(layers.embedding / scale).astype(np.int8)
    bias = np.full(len(TYPES), -20.0)  # a type that no row has is never answered
    bias[present] = layers.output_bias[present]
    return {
        "format": FORMAT,
        "classes": list(TYPES),
        "features": "\n".join(names),
        "embedding": base64.b64encode(quantised.tobytes()).decode("ascii"),
        "scale": _plain(scale),
        "hidden_bias": _plain(layers.hidden_bias),
        "output": [_plain(line) for line in layers.output],
        "output_bias": _plain(bias),
        "temperature": 1.0,
        "accepted_share": ACCEPTED_SHARE,
    }


def _plain(values: NDArray[np.floating[Any]]) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def _temperature(document: Mapping[str, Any], rows: Sequence[LabelledChange]) -> float:
    """The divisor of the scores that makes unseen groups' labels likeliest, every type counting alike."""
    scores = logits(load(document), [(row.text, row.files) for row in rows])
    labels = np.array([TYPES.index(row.label) for row in rows])
    weights = 1 / np.bincount(labels, minlength=len(TYPES))[labels]

    def loss(temperature: float) -> float:
        shares = softmax(scores / temperature)[np.arange(len(labels)), labels]
        return float(-(weights * np.log(np.maximum(shares, 1e-9))).sum())

    return min((math.exp(step / 40) for step in range(-20, 41)), key=loss)
