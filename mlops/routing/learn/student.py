"""The router that is served: a small blend of three views of a prompt, in plain numbers.

Two linear models over words, pairs and hand-made features, one of the cheap target's success and one of the dear
one's; the gain of the domain that the words sound like; and a few dozen randomised trees over features, domain and what
the linear models say. It is stored as JSON: no sklearn, no pickle, a prompt in a fraction of a millisecond. How it is
fitted stands in teach.py.
"""

from __future__ import annotations

import base64
import functools
import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops.routing.learn.features import hand

WORDS = r"\b\w+\b"
FORMAT = 3
MAX_CHARS = 2000  # of a prompt that are looked at; what is longer is known as such by then
CLIP = 4.0
REPEATED = 5  # the domain's gain among the features: a tree that tries some of them at random is to meet it
_TOKEN = re.compile(WORDS)


@dataclass(frozen=True)
class Trees:
    """Trees laid end to end, parents before children: the left child is the next node, `right` names the other one. A
    leaf has the feature -1 and its value in `threshold`."""

    roots: list[int]
    feature: list[int]
    threshold: list[float]
    right: list[int]

    def predict(self, values: list[float]) -> float:
        """The mean of the leaves that these features reach."""
        feature, threshold, right = self.feature, self.threshold, self.right
        total = 0.0
        for node in self.roots:
            at = feature[node]
            while at >= 0:
                node = node + 1 if values[at] <= threshold[node] else right[node]
                at = feature[node]
            total += threshold[node]
        return total / len(self.roots)


@dataclass(frozen=True)
class Domains:
    """What the words say about the domain: one row of log odds for each word, and the mean gain of each domain."""

    odds: npt.NDArray[np.float32]
    gain: npt.NDArray[np.float64]

    def guess(self, rows: list[int], weights: list[float], length: float) -> tuple[float, list[float]]:
        """The gain to expect, and features for the trees: the square roots of the domains' probabilities, scaled like
        the other features, and that gain, several times."""
        if rows:
            heard = np.asarray(weights, np.float32) @ self.odds[rows] / length
        else:
            heard = np.zeros(len(self.gain), np.float32)
        heard = np.exp(heard - heard.max())
        flat = np.sqrt(heard)  # half as sure: the words of a prompt are not independent of each other
        gain = float(flat @ self.gain / flat.sum())
        features: list[float] = (flat * (4.0 / math.sqrt(heard.sum()))).tolist()
        return gain, [*features, *[gain] * REPEATED]


Floats = npt.NDArray[np.float64]
Linear = tuple[float, float]  # of the cheap target's success, of the dear one's


def opinions(cheap: float, dear: float) -> list[float]:
    """What the linear models say, as the trees are told: each success, that only the dear one is right, the gain."""
    return [cheap, dear, dear * (1 - cheap), dear - cheap]


@dataclass(frozen=True)
class Student:
    """`words` maps a word or pair to (idf, coefficient of either linear model, row of `domains` or -1); the features
    are centred, scaled and clipped; `blend` holds (weight, centre) of the linear gain, the chance that only the dear
    target is right, the trees, and the domains' gain."""

    words: dict[str, tuple[float, float, float, int]]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    features: tuple[tuple[float, ...], tuple[float, ...]]
    intercept: Linear
    mean: float = 0.0
    blend: tuple[tuple[float, float], ...] = ((1.0, 0.0),)
    trees: Trees | None = None
    domains: Domains | None = None

    def predict(self, prompt: str) -> float:
        """The expected gain of the dearer target on this prompt."""
        score = self.mean
        for value, (weight, centre) in zip(self.parts(prompt), self.blend, strict=True):
            score += weight * (value - centre)
        return score

    def parts(self, prompt: str) -> list[float]:
        """What each part says, in the order of the blend."""
        text = prompt[:MAX_CHARS]
        rows, weights, totals, length = self._weigh(text)
        centre, scale, coefficients = self._arrays
        scaled = np.clip((np.array(hand(text)) - centre) / scale, -CLIP, CLIP)
        cheap, dear = (coefficients @ scaled).tolist()
        share = 1 / length if length else 0.0
        cheap += self.intercept[0] + totals[0] * share
        dear += self.intercept[1] + totals[1] * share
        said = opinions(cheap, dear)
        found, gains = [said[3], said[2]], list[float]()
        values: list[float] = scaled.tolist()
        if self.domains is not None:
            gain, sounds = self.domains.guess(rows, weights, length or 1.0)
            values += sounds
            gains.append(gain)
        if self.trees is not None:
            found.append(self.trees.predict(values + said + said))
        return found + gains

    @functools.cached_property
    def _arrays(self) -> tuple[Floats, Floats, Floats]:
        return np.array(self.centre), np.array(self.scale), np.array(self.features)

    def _weigh(self, text: str) -> tuple[list[int], list[float], Linear, float]:
        """Rows and weights of the known words, the sums of either coefficient, and the length of the vector."""
        tokens = _TOKEN.findall(text.lower())
        known = self.words
        counts = Counter(filter(known.__contains__, tokens))
        counts.update(filter(known.__contains__, map(" ".join, pairwise(tokens))))
        rows, weights = list[int](), list[float]()
        cheap = dear = squares = 0.0
        for term, count in counts.items():
            weight, first, second, row = known[term]
            if count > 1:
                weight *= 1 + math.log(count)
            squares += weight * weight
            cheap += weight * first
            dear += weight * second
            if row >= 0:
                rows.append(row)
                weights.append(weight)
        return rows, weights, (cheap, dear), math.sqrt(squares)

    def dump(self) -> bytes:
        """JSON; the same student gives the same bytes."""
        body: dict[str, Any] = {
            "format": FORMAT, "mean": self.mean, "intercept": self.intercept, "centre": self.centre,
            "scale": self.scale, "features": self.features,
            "blend": self.blend, "words": {term: list(entry) for term, entry in sorted(self.words.items())},
        }  # fmt: skip
        if self.trees is not None:
            body["trees"] = {
                "roots": self.trees.roots, "feature": _packed(self.trees.feature, "<i2"),
                "threshold": _packed(self.trees.threshold, "<f4"), "right": _packed(self.trees.right, "<i4"),
            }  # fmt: skip
        if self.domains is not None:
            body["domains"] = {"odds": _packed(self.domains.odds, "<f2"), "gain": self.domains.gain.tolist()}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def read(cls, body: Any) -> Student:
        """From the document that `dump` wrote; raises ValueError, KeyError or TypeError when it is no such document."""
        if body["format"] != FORMAT:
            raise ValueError(f"format {body['format']} is not known here; learn the router again")
        words = {
            term: (float(entry[0]), float(entry[1]), float(entry[2]), int(entry[3]))
            for term, entry in body["words"].items()
        }
        trees = domains = None
        if packed := body.get("trees"):
            trees = Trees(
                list(map(int, packed["roots"])), _unpacked(packed["feature"], "<i2").tolist(),
                _unpacked(packed["threshold"], "<f4").tolist(), _unpacked(packed["right"], "<i4").tolist(),
            )  # fmt: skip
        if packed := body.get("domains"):
            gain = np.asarray(packed["gain"], float)
            domains = Domains(_unpacked(packed["odds"], "<f2").astype(np.float32).reshape(-1, len(gain)), gain)
        return cls(
            words, tuple(body["centre"]), tuple(body["scale"]),
            (tuple(body["features"][0]), tuple(body["features"][1])),
            tuple(body["intercept"]), body["mean"],
            tuple((float(weight), float(centre)) for weight, centre in body["blend"]), trees, domains,
        )  # fmt: skip


def _packed(values: Any, form: str) -> str:
    return base64.b64encode(np.asarray(values).astype(form).tobytes()).decode()


def _unpacked(text: str, form: str) -> npt.NDArray[Any]:
    return np.frombuffer(base64.b64decode(text, validate=True), form)
