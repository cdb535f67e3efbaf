"""What a new policy would have earned on the decisions that another policy made.

Estimators for logged (propensity, reward) with the new policy's chance of the logged action (Dudík et al., 2011):

ips    mean of w·r, w = new chance / logged propensity: unbiased, wide
snips  sum w·r / sum w: a little biased, narrower
dr     mean of q(new policy) + w·(r - q(logged action)): right if either the odds or the reward model is right

The effective sample size, (sum w)² / sum w², tells how many decisions the weights leave. Intervals are bootstrap
percentiles with a seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MIN_EFFECTIVE = 50.0
MAX_WEIGHT = 50.0
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Logged:
    """One decision that was really made: its action, the odds of it, and its reward."""

    action: str
    propensity: float
    reward: float
    new_chances: Mapping[str, float]  # the new policy's distribution in the same situation
    features: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The new policy against the logged one on the same decisions."""

    decisions: int
    effective: float
    logged: Estimate
    ips: Estimate
    snips: Estimate
    doubly_robust: Estimate
    difference: Estimate  # doubly robust minus logged, by the same resamples
    clipped: int


def evaluate(log: Sequence[Logged], draws: int = 1000) -> Evaluation:
    """Estimate the new policy's value. Raises ValueError on an empty log or an action logged with no chance."""
    if not log:
        raise ValueError("there are no logged decisions to evaluate on")
    if any(not 0 < entry.propensity <= 1 for entry in log):
        raise ValueError("a decision was logged with odds outside (0, 1]")
    reward = np.array([entry.reward for entry in log])
    raw = np.array([entry.new_chances.get(entry.action, 0.0) / entry.propensity for entry in log])
    weight = np.minimum(raw, MAX_WEIGHT)
    direct, here = _reward_model(log, reward)
    robust = direct + weight * (reward - here)
    effective = float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0
    rows = np.random.Generator(np.random.PCG64(0)).integers(0, len(log), (draws, len(log)))
    total = np.maximum(weight[rows].sum(1), 1e-12)
    snips = (weight * reward)[rows].sum(1) / total
    return Evaluation(
        len(log), effective, _estimate(reward, rows), _estimate(weight * reward, rows),
        _interval(float((weight * reward).sum() / max(weight.sum(), 1e-12)), snips), _estimate(robust, rows),
        _estimate(robust - reward, rows), int((raw > MAX_WEIGHT).sum()),
    )  # fmt: skip


def _reward_model(log: Sequence[Logged], reward: Vector) -> tuple[Vector, Vector]:
    """Expected reward under the new policy, and of the logged action: each action's smoothed mean, cross-fitted in two
    halves so that a reward never predicts itself."""
    actions = sorted({entry.action for entry in log} | {name for entry in log for name in entry.new_chances})
    taken = np.array([actions.index(entry.action) for entry in log])
    chances = np.array([[entry.new_chances.get(name, 0.0) for name in actions] for entry in log])
    half = np.arange(len(log)) % 2
    model = np.empty((len(log), len(actions)))
    for side in (0, 1):
        other = half != side
        base = reward[other].mean() if other.any() else reward.mean()
        sums = np.bincount(taken[other], reward[other], minlength=len(actions))
        sizes = np.bincount(taken[other], minlength=len(actions))
        model[half == side] = (sums + base) / (sizes + 1)
    direct: Vector = (chances * model).sum(1)
    return direct, model[np.arange(len(log)), taken]


def _estimate(values: Vector, rows: npt.NDArray[np.int64]) -> Estimate:
    return _interval(float(values.mean()), values[rows].mean(1))


def _interval(value: float, samples: Vector) -> Estimate:
    low, high = np.percentile(samples, [2.5, 97.5])
    return Estimate(round(value, 6), round(float(low), 6), round(float(high), 6))


@dataclass(frozen=True, slots=True)
class Verdict:
    """May the new policy go live, and why or why not."""

    passed: bool
    reason: str


def gate(evaluation: Evaluation, min_effective: float = MIN_EFFECTIVE) -> Verdict:
    """A policy goes live only if it is better with 95 % confidence on enough effective decisions."""
    if evaluation.effective < min_effective:
        return Verdict(
            False,
            f"{evaluation.effective:.0f} effective decisions of {evaluation.decisions}; {min_effective:.0f} are needed",
        )
    if evaluation.difference.low <= 0:
        found = evaluation.difference
        return Verdict(False, f"not better: difference {found.value:+.4f} [{found.low:+.4f}, {found.high:+.4f}]")
    return Verdict(True, f"better by {evaluation.difference.value:+.4f}, at least {evaluation.difference.low:+.4f}")
