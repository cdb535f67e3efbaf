"""Which target to ask: hard constraints first, then the policy's mode. A pure function of what it is given.

The same views and seed give the same choice, which is what makes a decision replayable. The propensity of the choice is
exact: under exploration the action is drawn from an explicit distribution, not from a sampler whose odds are unknown.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from mlops.routing.records import NANO, Candidate, Decision, PolicySpec

DRAWS = 32  # Thompson samples behind the explicit distribution
PRIOR_STRENGTH = 8.0  # how many outcomes the predicted quality weighs


@dataclass(frozen=True, slots=True)
class View:
    """One target as the choice sees it. `blocked` names a hard constraint that the target itself does not meet."""

    target: str
    local: bool
    quality: float
    cost: int
    latency: float
    blocked: str = ""
    good: float = 0.0  # decayed counts of good and bad outcomes
    bad: float = 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """The choice and the order of those who stand in when it fails."""

    chosen: str
    propensity: float
    explored: bool
    reason: str
    order: tuple[str, ...]
    candidates: tuple[Candidate, ...]


def utility(policy: PolicySpec, view: View) -> float:
    """Predicted quality less what money and waiting are worth."""
    return (
        policy.quality_weight * view.quality
        - policy.cost_weight * view.cost / NANO
        - policy.latency_weight * view.latency
    )


def exclusion(policy: PolicySpec, view: View) -> str:
    """Why this target is out of the question, or nothing."""
    if view.blocked:
        return view.blocked
    if policy.max_cost is not None and view.cost > policy.max_cost:
        return f"costs {view.cost} nanodollars, the policy allows {policy.max_cost}"
    if view.quality < policy.min_quality:
        return f"predicted quality {view.quality:.3f} is under the policy's {policy.min_quality:.3f}"
    if view.latency > policy.total_seconds:
        return f"predicted latency {view.latency:.2f} s is over the time budget"
    return ""


def choose(policy: PolicySpec, views: Sequence[View], seed: int) -> Choice:
    """Choose among the views. With no target left, `chosen` is empty and the caller answers locally."""
    scored = [(utility(policy, view), exclusion(policy, view), view) for view in views]
    open_ = sorted((entry for entry in scored if not entry[1]), key=lambda entry: (-entry[0], entry[2].target))
    if not open_:
        return Choice("", 0.0, False, "no target meets the constraints", (), _candidates(scored, {}))
    chances, best, why = _chances(policy, open_, seed)
    chosen = _draw(chances, seed) if chances[best] < 1 else best
    explored = chosen != best
    reason = f"explored instead of {best}: drawn with chance {chances[chosen]:.3f}" if explored else why
    order = _order(policy, open_, chosen)
    return Choice(chosen, round(chances[chosen], 6), explored, reason, order, _candidates(scored, chances))


def _chances(policy: PolicySpec, open_: list[tuple[float, str, View]], seed: int) -> tuple[dict[str, float], str, str]:
    """The distribution over targets, the greedy one, and why that is the greedy one."""
    names = [view.target for _, _, view in open_]
    if policy.mode == "weighted":
        weights = [max(0.0, float(policy.weights.get(name, 0.0))) for name in names]
        total = sum(weights)
        if total:
            chances = {name: weight / total for name, weight in zip(names, weights, strict=True)}
            best = max(names, key=lambda name: chances[name])
            return chances, best, f"drawn by weight, chance {chances[best]:.3f}"
    if policy.mode in ("fixed", "cascade"):
        best = _fixed_order(policy, open_)[0]
        return {best: 1.0}, best, f"first of the {policy.mode} order that meets the constraints"
    best = names[0]
    gap = open_[0][0] - open_[1][0] if len(open_) > 1 else 0.0
    why = f"highest utility {open_[0][0]:.4f}" + (f", {gap:.4f} ahead of {names[1]}" if len(open_) > 1 else "")
    chances = dict.fromkeys(names, 0.0)
    chances[best] = 1.0 - policy.exploration
    if policy.exploration:
        for name, share in zip(names, _thompson(policy, open_, seed), strict=True):
            chances[name] += policy.exploration * share
    return chances, best, why


def _thompson(policy: PolicySpec, open_: list[tuple[float, str, View]], seed: int) -> list[float]:
    """Share of posterior draws in which each target is best, smoothed so that no share is zero."""
    views = [view for _, _, view in open_]
    quality = np.clip([view.quality for view in views], 0.02, 0.98)
    good = quality * PRIOR_STRENGTH + [view.good for view in views]
    bad = (1 - quality) * PRIOR_STRENGTH + [view.bad for view in views]
    draws = np.random.Generator(np.random.PCG64(seed)).beta(good, bad, (DRAWS, len(views)))
    known = [entry[0] - policy.quality_weight * entry[2].quality for entry in open_]
    wins = np.bincount((policy.quality_weight * draws + known).argmax(1), minlength=len(views))
    return [float(share) for share in (wins + 1) / (DRAWS + len(views))]


def _draw(chances: dict[str, float], seed: int) -> str:
    left = random.Random(seed).random()  # noqa: S311
    for name, chance in chances.items():
        left -= chance
        if left < 0:
            return name
    return next(name for name, chance in reversed(chances.items()) if chance > 0)


def _fixed_order(policy: PolicySpec, open_: list[tuple[float, str, View]]) -> list[str]:
    """The policy's own order, then the rest by price; a cascade without an order goes from cheap to dear."""
    by_cost = sorted(open_, key=lambda entry: (entry[2].cost, -entry[2].quality, entry[2].target))
    names = [view.target for _, _, view in by_cost]
    return [name for name in policy.order if name in names] + [name for name in names if name not in policy.order]


def _order(policy: PolicySpec, open_: list[tuple[float, str, View]], chosen: str) -> tuple[str, ...]:
    if policy.mode in ("fixed", "cascade"):
        names = _fixed_order(policy, open_)
    else:
        names = [view.target for _, _, view in open_]
    return (chosen, *(name for name in names if name != chosen))


def _candidates(scored: list[tuple[float, str, View]], chances: dict[str, float]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            view.target, round(view.quality, 6), view.cost, round(view.latency, 6), round(value, 6),
            round(chances.get(view.target, 0.0), 6), reason,
        )
        for value, reason, view in scored
    )  # fmt: skip


def state_of(policy: PolicySpec, views: Sequence[View]) -> dict[str, Any]:
    """Everything the choice rests on, as plain data for the decision's row."""
    settings: dict[str, Any] = {name: getattr(policy, name) for name in POLICY_FIELDS}
    settings["weights"], settings["order"] = dict(policy.weights), list(policy.order)
    return {"policy": settings, "views": [[getattr(view, name) for name in VIEW_FIELDS] for view in views]}


VIEW_FIELDS = tuple(field.name for field in fields(View))
POLICY_FIELDS = tuple(field.name for field in fields(PolicySpec))


def replay(decision: Decision) -> Choice:
    """Choose again from what the decision recorded; the same choice must come out."""
    settings = dict(decision.state["policy"])
    settings["order"] = tuple(settings["order"])
    views = [View(**dict(zip(VIEW_FIELDS, values, strict=True))) for values in decision.state["views"]]
    return choose(PolicySpec(**settings), views, decision.seed)
