"""The learned router: several small regressors of the gain (strong minus weak), stacked. Workers only: needs sklearn.

The gain is what a router should rank by; predicting that the weak model fails also sends prompts up that the strong
model cannot answer either. A prompt's domain is not known when it is routed, so a classifier trained on the training
prompts' domains guesses it, and only the guess is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import nnls
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from mlops.routing.learn.features import hand

Vector = npt.NDArray[np.float64]
SHRINK = 1000.0  # pull of the stacking weights towards equal ones, in prompts
WORDS = r"(?u)\b\w+\b"
TOPICS = 100
BIG = 5000  # prompts from which on trees may grow larger


@dataclass
class Views:
    """The same prompts in four forms: words, characters, topics (dense) and hand-made features (dense)."""

    words: Any
    chars: Any
    topics: Vector
    hand: Vector

    def rows(self, at: npt.NDArray[np.int64]) -> Views:
        return Views(self.words[at], self.chars[at], self.topics[at], self.hand[at])

    @property
    def sparse(self) -> Any:
        return sp.hstack([self.words, self.chars, sp.csr_matrix(self.hand * 0.05)]).tocsr()


class Representation:
    """Turns prompts into views; fitted on training prompts, without their labels."""

    def fit(self, prompts: Sequence[str]) -> Representation:
        big = len(prompts) > BIG
        self.words = TfidfVectorizer(
            ngram_range=(1, 2), min_df=3 if big else 2, sublinear_tf=True, token_pattern=WORDS,
            max_features=40_000, dtype=np.float32,
        ).fit(prompts)  # fmt: skip
        self.chars = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 4) if big else (2, 5), min_df=3, sublinear_tf=True,
            max_features=40_000, dtype=np.float32,
        ).fit(prompts)  # fmt: skip
        count = min(TOPICS if big else 60, len(self.words.vocabulary_) - 1)
        self.topics = TruncatedSVD(count, random_state=0).fit(self.words.transform(prompts))
        self.scale = StandardScaler().fit(np.array([hand(prompt) for prompt in prompts]))
        return self

    def views(self, prompts: Sequence[str]) -> Views:
        words = self.words.transform(prompts)
        features = np.clip(self.scale.transform(np.array([hand(prompt) for prompt in prompts])), -4, 4)
        topics = self.topics.transform(words) * np.sqrt(self.topics.n_components)
        return Views(words, self.chars.transform(prompts), topics, features)


@dataclass
class Bases:
    """The regressors that are stacked; `domain_gain` is the smoothed mean gain of each training domain."""

    models: dict[str, Any] = field(default_factory=dict)
    domain_gain: Vector | None = None

    def fit(self, views: Views, guess: Vector, gain: Vector, domains: npt.NDArray[np.int64] | None) -> Bases:
        big = len(gain) > BIG
        boosted = {
            "max_iter": 200 if big else 100, "learning_rate": 0.05 if big else 0.03, "max_leaf_nodes": 16 if big else 8,
            "min_samples_leaf": 20, "l2_regularization": 5.0, "max_features": 0.3, "random_state": 0,
        }  # fmt: skip
        self.models = {
            "linear": Ridge(alpha=10, solver="sparse_cg", tol=1e-3).fit(views.sparse, gain),
            "features": Ridge(alpha=3000).fit(views.hand, gain),
            "boosted features": HistGradientBoostingRegressor(**boosted).fit(views.hand, gain),
            "boosted topics": HistGradientBoostingRegressor(**boosted).fit(self._dense(views), gain),
            "trees": ExtraTreesRegressor(
                120 if big else 200, min_samples_leaf=8 if big else 10, max_features=0.3, random_state=0
            ).fit(self._all(views, guess), gain),
        }
        if domains is not None:
            sums = np.bincount(domains, gain, minlength=guess.shape[1])
            sizes = np.bincount(domains, minlength=guess.shape[1])
            self.domain_gain = (sums + 5 * gain.mean()) / (sizes + 5)
        return self

    def predict(self, views: Views, guess: Vector) -> Vector:
        """One column for each regressor."""
        columns = [
            self.models["linear"].predict(views.sparse), self.models["features"].predict(views.hand),
            self.models["boosted features"].predict(views.hand),
            self.models["boosted topics"].predict(self._dense(views)),
            self.models["trees"].predict(self._all(views, guess)),
        ]  # fmt: skip
        if self.domain_gain is not None:
            odds = np.exp(6 * (guess - guess.max(1, keepdims=True)))
            columns.append(odds / odds.sum(1, keepdims=True) @ self.domain_gain)
        return np.column_stack(columns)

    @staticmethod
    def _dense(views: Views) -> Vector:
        return np.hstack([views.hand, views.topics])

    @staticmethod
    def _all(views: Views, guess: Vector) -> Vector:
        return np.hstack([views.hand, views.topics, guess]) if guess.shape[1] else views.hand


class Stacked:
    """Predicts the gain of a prompt. `out_of_fold` keeps the training prompts' own out-of-fold predictions."""

    def fit(self, prompts: Sequence[str], gain: npt.ArrayLike, domains: Sequence[str] | None = None) -> Stacked:
        target = np.asarray(gain, float)
        self.representation = Representation().fit(prompts)
        views = self.representation.views(prompts)
        names = sorted(set(domains)) if domains is not None else []
        labels = np.array([names.index(name) for name in domains]) if domains is not None and len(names) > 1 else None
        guess = self._fit_domains(views, labels, len(names))
        columns: list[Vector] = []
        places = []
        for train, test in KFold(4, shuffle=True, random_state=1).split(target):
            part = Bases().fit(
                views.rows(train), guess[train], target[train], None if labels is None else labels[train]
            )
            columns.append(part.predict(views.rows(test), guess[test]))
            places.append(test)
        oof = np.empty((len(target), columns[0].shape[1]))
        oof[np.concatenate(places)] = np.concatenate(columns)
        self.bases = Bases().fit(views, guess, target, labels)
        self.centre, self.spread, self.mean = oof.mean(0), oof.std(0) + 1e-12, float(target.mean())
        self.weights = weigh((oof - self.centre) / self.spread, target - self.mean)
        self.out_of_fold = self._combine(oof)
        return self

    def predict(self, prompts: Sequence[str]) -> Vector:
        """The expected gain of each prompt, on the scale of the gain itself."""
        views = self.representation.views(prompts)
        guess = self.domain_model.predict(views.words) if self.domain_model is not None else np.zeros((len(prompts), 0))
        return self._combine(self.bases.predict(views, guess))

    def _combine(self, columns: Vector) -> Vector:
        combined: Vector = self.mean + (columns - self.centre) / self.spread @ self.weights
        return combined

    def _fit_domains(self, views: Views, labels: npt.NDArray[np.int64] | None, count: int) -> Vector:
        """Fit the domain classifier; returns cross-fitted guesses for the training prompts themselves."""
        self.domain_model = None
        if labels is None:
            return np.zeros((views.hand.shape[0], 0))
        marks = np.where(np.arange(count) == labels[:, None], 1.0, -1.0).astype(np.float32)
        guess = np.zeros((len(labels), count))
        for train, test in KFold(3, shuffle=True, random_state=2).split(labels):
            part = Ridge(alpha=1, solver="sparse_cg", tol=1e-2).fit(views.words[train], marks[train])
            guess[test] = part.predict(views.words[test])
        self.domain_model = Ridge(alpha=1, solver="sparse_cg", tol=1e-2).fit(views.words, marks)
        return guess


def weigh(columns: Vector, gain: Vector) -> Vector:
    """Non-negative least squares, shrunk towards equal weights; few prompts keep them nearly equal."""
    count = columns.shape[1]
    mean = columns.mean(1)
    equal = max(0.0, float(mean @ gain / (mean @ mean))) / count
    rows = np.vstack([columns, np.sqrt(SHRINK) * np.eye(count)])
    goal = np.concatenate([gain, np.full(count, np.sqrt(SHRINK) * equal)])
    weights: Vector = nnls(rows, goal)[0]
    return weights
