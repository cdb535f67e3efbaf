"""The router that is served: a linear model over words and hand-made features, taught by the stacked one.

It learns the teacher's out-of-fold predictions, which carry less noise than single outcomes, and is stored as plain
numbers: no sklearn, no pickle, a prompt in a fraction of a millisecond.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mlops.routing.learn.features import hand

WORDS = r"\b\w+\b"
MAX_CHARS = 2000  # of a prompt that are looked at; what is longer is known as such by then
HAND_WEIGHT = 0.05
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


def teach(prompts: Sequence[str], lessons: npt.ArrayLike, alpha: float = 10.0) -> Student:
    """Fit a student to a teacher's predictions (or to gains). Needs sklearn, so workers only."""
    import scipy.sparse as sp
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge

    texts = [prompt[:MAX_CHARS] for prompt in prompts]
    table = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True, token_pattern=WORDS, max_features=40_000)
    words = table.fit_transform(texts)
    raw = np.array([hand(text) for text in texts])
    centre, scale = raw.mean(0), raw.std(0)
    scale[scale == 0] = 1.0
    features = np.clip((raw - centre) / scale, -4, 4)
    matrix = sp.hstack([words, sp.csr_matrix(features * HAND_WEIGHT)]).tocsr()
    model = Ridge(alpha=alpha, solver="sparse_cg", tol=1e-4).fit(matrix, np.asarray(lessons, float))
    terms = table.get_feature_names_out()
    pairs = {
        str(term): (round(float(idf), 5), round(float(weight), 6))
        for term, idf, weight in zip(terms, table.idf_, model.coef_, strict=False)
    }
    return Student(
        float(model.intercept_), pairs, tuple(map(float, centre)), tuple(map(float, scale)),
        tuple(float(weight) * HAND_WEIGHT for weight in model.coef_[len(terms) :]),
    )  # fmt: skip
