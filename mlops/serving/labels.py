"""Right answers that arrive later, put beside the predictions that they judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone

from mlops.serving.models import PredictionSample

MOST = 200


def give(model: str, *, key: str, label: Any, is_right: Callable[[Mapping[str, Any]], bool]) -> int:
    """Mark the newest stored predictions of a key as right or wrong; returns how many."""
    rows = list(PredictionSample.objects.filter(model=model, key=key).order_by("-at", "-id")[:MOST])
    now = timezone.now()
    for row in rows:
        row.label, row.correct, row.labelled_at = label, is_right(row.answer), now
    return PredictionSample.objects.bulk_update(rows, ["label", "correct", "labelled_at"])
