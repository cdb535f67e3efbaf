"""Predicted quality from what is known: the operator's priors, counted outcomes, and the learned gain.

The learned router predicts how much the dearer target gains on this very prompt; the others lie between the cheapest
and the dearest by their priors. Without a learned router, the priors alone stand.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.utils import timezone

from mlops.routing.errors import LedgerUnavailable
from mlops.routing.models import Decision, Outcome
from mlops.routing.records import Qualities, TargetSpec, Task, TaskInput
from mlops.routing.stores import Cached

log = logging.getLogger(__name__)
WINDOW = timedelta(days=14)
NEWEST = 2000  # rows that are looked at
FADE = 0.995  # weight of an outcome against the one after it
Gain = Callable[[str], tuple[float | None, str]]  # of a prompt: the gain, None where unknown, and who says so


class LearnedPredictor:
    """Qualities for each target; thread-safe; the counts are at most half a minute old."""

    def __init__(self, gain: Gain | None = None) -> None:
        self._gain = gain
        self._counts = Cached(count_outcomes, fresh=30.0)

    def quality(self, task: Task, given: TaskInput, targets: Sequence[TargetSpec]) -> Qualities:
        priors = {target.key: target.prior_quality for target in targets}
        remote = [target for target in targets if not target.local]
        if self._gain is None or len(remote) < 2:
            return Qualities(priors)
        low, high = min(target.prior_quality for target in remote), max(target.prior_quality for target in remote)
        if high <= low:
            return Qualities(priors)
        gain, version = self._gain("\n".join(document.text for document in given.documents))
        if gain is None:
            return Qualities(priors)
        for target in remote:
            share = (target.prior_quality - low) / (high - low)
            priors[target.key] = min(1.0, max(0.0, low + gain * share))
        return Qualities(priors, version)

    def outcomes(self, task: Task, target: str) -> tuple[float, float]:
        try:
            counts: dict[tuple[str, str], tuple[float, float]] = self._counts.get()
        except LedgerUnavailable:
            return 0.0, 0.0
        return counts.get((task.name, target), (0.0, 0.0))


def count_outcomes() -> dict[tuple[str, str], tuple[float, float]]:
    """Faded counts of good and bad outcomes for each task and target, from checks and from people."""
    since = timezone.now() - WINDOW
    good: dict[tuple[str, str], float] = defaultdict(float)
    bad: dict[tuple[str, str], float] = defaultdict(float)

    def add(task: str, target: str, value: float) -> None:
        key = task, target
        good[key] = good[key] * FADE + value
        bad[key] = bad[key] * FADE + 1 - value

    rows = Decision.objects.filter(created_at__gte=since, status="answered", cached=False)
    for task, attempts in reversed(rows.order_by("-created_at", "-id").values_list("task", "attempts")[:NEWEST]):
        for attempt in attempts:
            if attempt["outcome"] in ("ok", "check_failed"):
                add(task, attempt["target"], float(attempt["outcome"] == "ok"))
    said = Outcome.objects.filter(created_at__gte=since).exclude(kind="check_passed")
    for task, target, value in reversed(
        said.order_by("-created_at", "-id").values_list("decision__task", "target", "value")[:NEWEST]
    ):
        add(task, target, value)
    return {key: (round(good[key], 4), round(bad[key], 4)) for key in {*good, *bad}}
