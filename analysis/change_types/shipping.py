"""Make the version that ships: fit on public histories, measure on repositories kept out whole, write the card."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.change_types import network
from analysis.change_types.classify import with_rules
from analysis.change_types.evaluate import figures, judge
from analysis.change_types.fitting import ACCEPTED_SHARE, EPOCHS, HIDDEN, PENALTY, LabelledChange, fit
from analysis.change_types.labels import TYPES
from analysis.change_types.network import TypePrediction
from analysis.change_types.watching import baseline

MOST_PER_TYPE = 1_000
MOST_HELD_OUT = 60
DRAWS = 200
CARD = Path(__file__).with_name("card.json")


def ship(rows: Iterable[LabelledChange], *, held_out: Sequence[str], seed: int) -> tuple[bytes, dict[str, Any]]:
    """Fit and measure; return the parameters' bytes and the card."""
    train, test = _split(rows, frozenset(held_out))
    document = fit(train, seed=seed)
    payload = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
    loaded = network.load(document)
    changes = [(row.text, row.files) for row in test]
    answers = network.predict(loaded, changes)
    card = {
        "model": "change-type",
        "version": "network-2",
        "purpose": "Predict which of ten types a change has, from its title and the paths that it touches.",
        "parameters_sha256": hashlib.sha256(payload).hexdigest(),
        "settings": {
            "hidden": HIDDEN,
            "penalty": PENALTY,
            "epochs": EPOCHS,
            "seed": seed,
            "accepted_share": ACCEPTED_SHARE,
        },
        "training": _provenance(train),
        "held_out": {"repositories": sorted(held_out), "rows": len(test), "rows_by_type": _count(test)},
        "metrics": {
            "network": measure(test, answers),
            "rules": measure(test, with_rules(changes)),
        },
        "watched": baseline(changes, answers),
        "limits": [
            "Labels are the authors' own prefixes, and many titles admit two types: no reader reaches 1.",
            "Security labels come in part from the same wording as the rules, so that its held-out figure flatters.",
            "Only the title and paths are read, never the diff.",
            "Every type counts alike in training, so that on a history with few security changes security is "
            "predicted too often.",
            "The probability is that a reader accepts the type; the share of accepted misses was read by one person.",
        ],
    }
    return payload, card


def measure(rows: Sequence[LabelledChange], answers: Sequence[TypePrediction]) -> dict[str, Any]:
    """Figures where every type counts alike, with 95% intervals from resampling whole repositories."""
    judged = judge([{"label": row.label} for row in rows], answers)
    random = np.random.Generator(np.random.PCG64(11))
    by_group: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        by_group[row.group].append(index)
    names = sorted(by_group)
    drawn = [
        _balanced(
            judged, np.concatenate([by_group[names[i]] for i in random.integers(0, len(names), len(names))]), random
        )
        for _ in range(DRAWS)
    ]
    point = {key: float(np.mean([draw[key] for draw in drawn])) for key in ("strict", "macro_f1", "abstained")}
    bounds = {key: np.percentile([draw[key] for draw in drawn], [2.5, 97.5]).round(4).tolist() for key in point}
    return {key: {"value": round(value, 4), "interval": bounds[key]} for key, value in point.items()}


def _balanced(judged: Any, index: Any, random: np.random.Generator) -> dict[str, float]:
    by_label = [index[judged.label[index] == name] for name in TYPES]
    size = min(200, max(len(part) for part in by_label))
    return figures(judged, np.concatenate([random.choice(part, size) for part in by_label if len(part)]))


def _split(
    rows: Iterable[LabelledChange], held_out: frozenset[str]
) -> tuple[list[LabelledChange], list[LabelledChange]]:
    kept: Counter[tuple[str, str]] = Counter()
    train: list[LabelledChange] = []
    test: list[LabelledChange] = []
    for row in rows:
        key, most = (row.group, row.label), MOST_HELD_OUT if row.group in held_out else MOST_PER_TYPE
        kept[key] += 1
        if kept[key] <= most:
            (test if row.group in held_out else train).append(row)
    return train, test


def _provenance(rows: Sequence[LabelledChange]) -> dict[str, Any]:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([row.group, row.label, row.text, row.files]).encode())
    return {
        "rows": len(rows),
        "rows_by_type": _count(rows),
        "repositories": sorted({row.group for row in rows}),
        "rows_sha256": digest.hexdigest(),
        "labels": "conventional, bracket and upper-case prefixes, bots' titles, test-only and docs-only paths",
        "text": "public commit messages; not distributed with this model",
    }


def _count(rows: Sequence[LabelledChange]) -> dict[str, int]:
    return dict(sorted(Counter(row.label for row in rows).items()))
