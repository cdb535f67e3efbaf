"""Fit the served router to the gains of some prompts. Needs sklearn, so workers and commands only.

Everything is chosen on the prompts that are given: representation, models, and the weights of the blend, which come
from predictions for prompts that the part in question had not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import nnls
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold
from sklearn.naive_bayes import MultinomialNB

from mlops.routing.learn.features import hand
from mlops.routing.learn.student import CLIP, MAX_CHARS, REPEATED, WORDS, Domains, Student, Trees, opinions

Vector = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
HAND_WEIGHT = 0.05
ALPHA = 10.0  # of the ridge
TREES, LEAF, TRIED = 30, 8, 0.4
SHRINK = 1000.0  # pull of the blend's weights towards equal ones, in prompts
SMOOTH = 5.0  # prompts by which a domain's mean gain is pulled towards that of all


class Table:
    """Prompts as rows of numbers: weighted words and pairs, scaled features, single words. Made without labels."""

    def __init__(self, prompts: Sequence[str]) -> None:
        texts = [prompt[:MAX_CHARS] for prompt in prompts]
        self.vectors = TfidfVectorizer(
            ngram_range=(1, 2), min_df=3, sublinear_tf=True, token_pattern=WORDS, max_features=40_000
        )
        words = self.vectors.fit_transform(texts)
        raw = np.array([hand(text) for text in texts])
        self.centre, self.scale = raw.mean(0), raw.std(0)
        self.scale[self.scale == 0] = 1.0
        self.hand = np.clip((raw - self.centre) / self.scale, -CLIP, CLIP)
        self.rows = sp.hstack([words, sp.csr_matrix(self.hand * HAND_WEIGHT)]).tocsr()
        self.terms = [str(term) for term in self.vectors.get_feature_names_out()]
        self.single = np.array([at for at, term in enumerate(self.terms) if " " not in term])
        self.words = words[:, self.single].tocsr()


class Labels:
    """Which of a table's prompts either target gets right, and their domains as numbers where they have several."""

    def __init__(self, cheap: npt.ArrayLike, dear: npt.ArrayLike, domains: Sequence[str] | None) -> None:
        self.right = np.column_stack([np.asarray(cheap, float), np.asarray(dear, float)])
        self.gain = self.right[:, 1] - self.right[:, 0]
        names = sorted(set(domains or ()))
        self.count = len(names) if len(names) > 1 else 0
        self.domain = np.array([names.index(name) for name in domains]) if domains and self.count else None

    def mean_gain(self, rows: Places) -> Vector:
        """Each domain's mean gain over these rows, the rare ones pulled towards the mean of all."""
        assert self.domain is not None  # noqa: S101  tells the type
        sums = np.bincount(self.domain[rows], self.gain[rows], minlength=self.count)
        sizes = np.bincount(self.domain[rows], minlength=self.count)
        means: Vector = (sums + SMOOTH * self.gain[rows].mean()) / (sizes + SMOOTH)
        return means


def regress(rows: Any, right: npt.ArrayLike) -> Any:
    """The ridge regressions of the linear part, one for each column of `right`."""
    return Ridge(alpha=ALPHA, solver="sparse_cg", tol=1e-3).fit(rows, np.asarray(right, float))


def teach(
    prompts: Sequence[str], cheap: npt.ArrayLike, dear: npt.ArrayLike, domains: Sequence[str] | None = None
) -> Student:
    """Fit a student to what either target got right (0 to 1 for each prompt); domains, where they are known, teach it
    what a domain sounds like."""
    table, labels = Table(prompts), Labels(cheap, dear, domains)
    everything = np.arange(len(prompts))
    columns: Vector | None = None
    for train, test in KFold(4, shuffle=True, random_state=1).split(everything):
        student = _fit(table, labels, train)
        part = np.array([student.parts(prompts[at]) for at in test])
        columns = np.zeros((len(prompts), part.shape[1])) if columns is None else columns
        columns[test] = part
    assert columns is not None  # noqa: S101  tells the type
    centre, spread = columns.mean(0), columns.std(0) + 1e-12
    weights = weigh((columns - centre) / spread, labels.gain - labels.gain.mean()) / spread
    blend = tuple((float(weight), float(middle)) for weight, middle in zip(weights, centre, strict=True))
    return replace(_fit(table, labels, everything), blend=blend, mean=float(labels.gain.mean()))


def weigh(columns: Vector, gain: Vector) -> Vector:
    """Non-negative least squares, shrunk towards equal weights; few prompts keep them nearly equal."""
    count = columns.shape[1]
    mean = columns.mean(1)
    equal = max(0.0, float(mean @ gain / (mean @ mean))) / count
    rows = np.vstack([columns, np.sqrt(SHRINK) * np.eye(count)])
    goal = np.concatenate([gain, np.full(count, np.sqrt(SHRINK) * equal)])
    weights: Vector = nnls(rows, goal)[0]
    return weights


def _fit(table: Table, labels: Labels, rows: Places) -> Student:
    """All parts on these rows of the table; the blend is left open."""
    model = regress(table.rows[rows], labels.right[rows])
    domains, sounds = _hear(table, labels, rows) if labels.count else (None, np.zeros((len(rows), 0)))
    place = {int(at): row for row, at in enumerate(table.single)} if domains else {}
    many = len(table.terms)
    words = {
        term: (round(float(idf), 5), round(float(first), 6), round(float(second), 6), place.get(at, -1))
        for at, (term, idf, first, second) in enumerate(
            zip(table.terms, table.vectors.idf_, *model.coef_[:, :many], strict=True)
        )
    }
    said = _say(table, labels, rows)
    forest = ExtraTreesRegressor(TREES, min_samples_leaf=LEAF, max_features=TRIED, random_state=0, n_jobs=-1)
    forest.fit(np.hstack([table.hand[rows], sounds, said, said]), labels.right[rows])
    first, second = (tuple(float(weight) * HAND_WEIGHT for weight in row[many:]) for row in model.coef_)
    return Student(
        words, tuple(map(float, table.centre)), tuple(map(float, table.scale)), (first, second),
        (float(model.intercept_[0]), float(model.intercept_[1])),
        trees=_flat(forest), domains=domains, blend=((1.0, 0.0),) * (4 if domains else 3),
    )  # fmt: skip


def _say(table: Table, labels: Labels, rows: Places) -> Vector:
    """What linear models that had not seen a row say of it: the same as the trees are told in service."""
    found = np.zeros((len(rows), 4))
    for train, test in KFold(3, shuffle=True, random_state=3).split(rows):
        model = regress(table.rows[rows[train]], labels.right[rows[train]])
        cheap, dear = model.predict(table.rows[rows[test]]).T
        found[test] = np.array(opinions(cheap, dear)).T
    return found


def _hear(table: Table, labels: Labels, rows: Places) -> tuple[Domains, Vector]:
    """What the words say about the domain, and how each of these rows sounds to a classifier that had not seen it."""
    assert labels.domain is not None  # noqa: S101  tells the type
    gain = labels.mean_gain(rows)
    sounds = np.zeros((len(rows), labels.count + REPEATED))
    for train, test in KFold(3, shuffle=True, random_state=2).split(rows):
        heard = _odds(table, labels, rows[train])
        logs = table.words[rows[test]] @ heard
        shares = np.exp(logs - logs.max(1, keepdims=True))
        flat = np.sqrt(shares)
        guessed = np.repeat((flat @ gain / flat.sum(1))[:, None], REPEATED, 1)
        sounds[test] = np.hstack([4.0 * flat / np.sqrt(shares.sum(1, keepdims=True)), guessed])
    return Domains(_odds(table, labels, rows).astype(np.float16).astype(np.float32), gain), sounds


def _odds(table: Table, labels: Labels, rows: Places) -> Vector:
    """Log odds of each word (row) in each domain (column); a domain without rows is as likely as its words are rare."""
    assert labels.domain is not None  # noqa: S101  tells the type
    bayes = MultinomialNB(alpha=0.1, fit_prior=False).fit(table.words[rows], labels.domain[rows])
    odds = np.full((labels.count, table.words.shape[1]), float(bayes.feature_log_prob_.min()))
    odds[bayes.classes_] = bayes.feature_log_prob_
    columns: Vector = (odds - odds.mean(0)).T
    return columns


def _flat(forest: Any) -> Trees:
    """The trees of a forest end to end, a leaf by its gain: the dear target's success less the cheap one's.

    sklearn builds trees depth first, so that a left child follows its parent.
    """
    roots, feature, threshold, right = list[int](), list[int](), list[float](), list[int]()
    for grown in forest.estimators_:
        tree, start = grown.tree_, len(feature)
        roots.append(start)
        for node in range(tree.node_count):
            leaf = tree.children_left[node] < 0
            if not leaf and tree.children_left[node] != node + 1:
                raise ValueError("this sklearn does not lay trees out depth first")
            feature.append(-1 if leaf else int(tree.feature[node]))
            gain = tree.value[node, 1, 0] - tree.value[node, 0, 0]
            threshold.append(float(np.float32(gain if leaf else tree.threshold[node])))
            right.append(0 if leaf else start + int(tree.children_right[node]))
    return Trees(roots, feature, threshold, right)
