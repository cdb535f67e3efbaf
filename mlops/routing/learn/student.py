"""The router that is served: a linear model of the gain over words and hand-made features.

It is stored as plain numbers: no sklearn, no pickle, a prompt in a fraction of a millisecond. Teaching it the stacked
router's predictions instead of the gains was tried and was no better.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops.routing.learn.features import hand

WORDS = r"\b\w+\b"
MAX_CHARS = 2000  # of a prompt that are looked at; what is longer is known as such by then
HAND_WEIGHT = 0.05
ALPHA = 10.0
_TOKEN = re.compile(WORDS)


@dataclass(frozen=True)
class Student:
    """Coefficients: `words` maps a word or pair to (idf, coefficient); the features are centred, scaled and clipped."""

    intercept: float
    words: dict[str, tuple[float, float]]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    features: tuple[float, ...]

    def predict(self, prompt: str) -> float:
        """The expected gain of the dearer target on this prompt."""
        text = prompt[:MAX_CHARS]
        tokens = _TOKEN.findall(text.lower())
        counts: dict[str, int] = {}
        known = self.words
        for at, token in enumerate(tokens):
            if token in known:
                counts[token] = counts.get(token, 0) + 1
            if at:
                pair = f"{tokens[at - 1]} {token}"
                if pair in known:
                    counts[pair] = counts.get(pair, 0) + 1
        length = total = 0.0
        for term, count in counts.items():
            idf, coefficient = known[term]
            weight = idf * (1 + math.log(count)) if count > 1 else idf
            length += weight * weight
            total += weight * coefficient
        score = self.intercept + (total / math.sqrt(length) if length else 0.0)
        for value, centre, scale, weight in zip(hand(text), self.centre, self.scale, self.features, strict=True):
            score += weight * min(4.0, max(-4.0, (value - centre) / scale))
        return score

    def save(self, path: Path) -> None:
        body = {
            "format": 1, "intercept": self.intercept, "centre": self.centre, "scale": self.scale,
            "features": self.features, "words": {term: list(pair) for term, pair in sorted(self.words.items())},
        }  # fmt: skip
        path.write_text(json.dumps(body, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Student:
        body = json.loads(path.read_text(encoding="utf-8"))
        words = {term: (float(pair[0]), float(pair[1])) for term, pair in body["words"].items()}
        return cls(body["intercept"], words, tuple(body["centre"]), tuple(body["scale"]), tuple(body["features"]))


class Table:
    """Prompts as rows of numbers: weighted words and pairs, and scaled features. Made without labels; needs sklearn."""

    def __init__(self, prompts: Sequence[str]) -> None:
        import scipy.sparse as sp
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = [prompt[:MAX_CHARS] for prompt in prompts]
        self.words = TfidfVectorizer(
            ngram_range=(1, 2), min_df=3, sublinear_tf=True, token_pattern=WORDS, max_features=40_000
        )
        words = self.words.fit_transform(texts)
        raw = np.array([hand(text) for text in texts])
        self.centre, self.scale = raw.mean(0), raw.std(0)
        self.scale[self.scale == 0] = 1.0
        features = np.clip((raw - self.centre) / self.scale, -4, 4)
        self.rows = sp.hstack([words, sp.csr_matrix(features * HAND_WEIGHT)]).tocsr()


def regress(rows: Any, gains: npt.ArrayLike) -> Any:
    """The ridge regression behind a student."""
    from sklearn.linear_model import Ridge

    return Ridge(alpha=ALPHA, solver="sparse_cg", tol=1e-4).fit(rows, np.asarray(gains, float))


def teach(prompts: Sequence[str], gains: npt.ArrayLike) -> Student:
    """Fit a student to the gains of some prompts. Needs sklearn, so workers only."""
    table = Table(prompts)
    model = regress(table.rows, gains)
    terms = table.words.get_feature_names_out()
    pairs = {
        str(term): (round(float(idf), 5), round(float(weight), 6))
        for term, idf, weight in zip(terms, table.words.idf_, model.coef_, strict=False)
    }
    return Student(
        float(model.intercept_), pairs, tuple(map(float, table.centre)), tuple(map(float, table.scale)),
        tuple(float(weight) * HAND_WEIGHT for weight in model.coef_[len(terms) :]),
    )  # fmt: skip
