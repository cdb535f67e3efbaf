"""The trained versions: a small network over named features. Predicting needs numpy and one JSON file, nothing else.

The parameters are one embedding row for each known feature (8-bit integers with one scale a column), one hidden layer
and an output layer. An answer's probability is that a reader accepts the type: its confidence, made honest by a
temperature that was fitted on repositories outside the training, plus the share of its misses that a reader accepts
as a second right answer (titles such as "reduce allocation": refactor or performance).
"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.change_types.features import feature_set

SHIPPED = Path(__file__).with_name("parameters.json")
EARLIER = {path.stem: path for path in sorted(SHIPPED.with_name("earlier").glob("network-*.json"))}
FORMAT = "change-type network 1"
BATCH = 2_000
# Below this confidence a type is little better than drawing one of ten.
ABSTAIN_BELOW = 0.2


@dataclass(frozen=True, slots=True)
class TypePrediction:
    """One answer: the type (None when abstained), the probability that a reader accepts it, and all ten shares."""

    type: str | None
    probability: float
    abstained: bool
    shares: Mapping[str, float]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """Loaded parameters, ready to predict. `rows` maps a feature to its row of `embedding` (float32, n x h)."""

    classes: tuple[str, ...]
    rows: Mapping[str, int]
    embedding: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    output: NDArray[np.float32]
    output_bias: NDArray[np.float32]
    temperature: float
    accepted_share: float


def load(document: Mapping[str, Any]) -> Network:
    """Build the network from its JSON document; raises ValueError when it is of another format or does not add up."""
    if document.get("format") != FORMAT:
        raise ValueError(f"Not parameters of a change-type network: format {document.get('format')!r}.")
    names = document["features"].split("\n")
    hidden = len(document["scale"])
    raw = np.frombuffer(base64.b64decode(document["embedding"], validate=True), dtype=np.int8)
    if raw.size != len(names) * hidden:
        raise ValueError(f"{raw.size} weights for {len(names)} features of {hidden} units.")
    embedding = raw.reshape(len(names), hidden).astype(np.float32) * np.asarray(document["scale"], dtype=np.float32)
    return Network(
        classes=tuple(document["classes"]),
        rows={name: index for index, name in enumerate(names)},
        embedding=embedding,
        hidden_bias=np.asarray(document["hidden_bias"], dtype=np.float32),
        output=np.asarray(document["output"], dtype=np.float32),
        output_bias=np.asarray(document["output_bias"], dtype=np.float32),
        temperature=float(document["temperature"]),
        accepted_share=float(document["accepted_share"]),
    )


@functools.cache
def shipped() -> Network:
    """The version trained on public histories that lies beside this module."""
    return load(json.loads(SHIPPED.read_text(encoding="utf-8")))


@functools.cache
def earlier(version: str) -> Network:
    """A version that shipped before, kept so that what it predicted can be computed again. Raises LookupError."""
    if version not in EARLIER:
        raise LookupError(f"no earlier version is called {version}")
    return load(json.loads(EARLIER[version].read_text(encoding="utf-8")))


def logits(network: Network, changes: Sequence[tuple[str, Sequence[str]]]) -> NDArray[np.float32]:
    """The ten scores of each (text, files), before the temperature; shape (len(changes), 10)."""
    found = np.empty((len(changes), len(network.classes)), dtype=np.float32)
    rows, hidden = network.rows, np.empty(network.hidden_bias.shape, dtype=np.float32)
    for index, (text, files) in enumerate(changes):
        # In one order, since the last bits of a sum depend on it.
        known = sorted(rows[name] for name in feature_set(text, files) if name in rows)
        hidden[:] = network.hidden_bias + network.embedding[known].sum(axis=0)
        found[index] = np.maximum(hidden, 0) @ network.output + network.output_bias
    return found


def predict(network: Network, changes: Sequence[tuple[str, Sequence[str]]]) -> list[TypePrediction]:
    """One prediction for each (text, files), in order."""
    answers: list[TypePrediction] = []
    for start in range(0, len(changes), BATCH):
        part = changes[start : start + BATCH]
        shares = softmax(logits(network, part) / network.temperature)
        answers.extend(_answer(network, *change, row) for change, row in zip(part, shares, strict=True))
    return answers


def softmax(scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Shares that sum to one in each row."""
    raised = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def _answer(network: Network, text: str, files: Sequence[str], row: NDArray[np.float64]) -> TypePrediction:
    best = int(row.argmax())
    shares = {name: round(float(share), 4) for name, share in zip(network.classes, row, strict=True)}
    if not text.strip() and not files:
        return TypePrediction(None, 0.0, True, shares, "nothing to read")
    confidence = float(row[best])
    if confidence < ABSTAIN_BELOW:
        return TypePrediction(None, 0.0, True, shares, "no type stands out")
    probability = confidence + (1 - confidence) * network.accepted_share
    return TypePrediction(network.classes[best], round(min(probability, 0.995), 4), False, shares)
