"""The metric that a noun names."""

from __future__ import annotations

from analysis.claims import cues


def metric_word(word: str) -> str:
    """The metric that a noun names, or the empty string."""
    return cues.METRICS.get(word, "")
