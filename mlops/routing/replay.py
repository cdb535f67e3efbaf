"""Evaluate a policy on logged decisions: each is decided again by the new policy from what the row recorded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlops.routing.offpolicy import Logged
from mlops.routing.policy import VIEW_FIELDS, View, choose
from mlops.routing.records import NANO, PolicySpec

# How a value between 0 and 1 is read from a decision: what people said goes before what the checks said.
FAILED = 0.0


def logged(rows: Iterable[Any], policy: PolicySpec) -> list[Logged]:
    """Rows of Decision (with `outcomes` prefetched) as a log for `offpolicy.evaluate`.

    The reward is the quality of the chosen target's answer less what money and waiting cost, by the new policy's own
    weights; a decision whose chosen target gave no answer earned nothing for it.
    """
    entries = []
    for row in rows:
        if not row.chosen or row.cached or row.propensity <= 0 or row.status == "open":
            continue
        views = [View(**dict(zip(VIEW_FIELDS, values, strict=True))) for values in row.state["views"]]
        choice = choose(policy, views, row.seed)
        chances = {candidate.target: candidate.propensity for candidate in choice.candidates if candidate.propensity}
        entries.append(Logged(row.chosen, row.propensity, reward(row, policy), chances))
    return entries


def reward(row: Any, policy: PolicySpec) -> float:
    """Quality of the chosen target's answer, less what the call cost and how long it took."""
    said = {outcome.kind: outcome.value for outcome in row.outcomes.all() if outcome.target == row.chosen}
    order = ("later_rejected", "thumbs", "edit_distance", "check_passed")
    quality = next((said[kind] for kind in order if kind in said), None)
    if quality is None:
        quality = 1.0 if row.answered_by == row.chosen and not row.degraded else FAILED
    money = policy.cost_weight * row.cost / NANO
    return float(policy.quality_weight * quality - money - policy.latency_weight * row.seconds)
