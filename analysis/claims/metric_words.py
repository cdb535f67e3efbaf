"""The metric that a noun names."""

from __future__ import annotations

from analysis.claims import cues
from analysis.claims.lexicon import lexicon

_TAILS = lexicon("time times size memory latency cost speed throughput overhead")


def metric_word(word: str) -> str:
    """The metric that a noun names, or the empty string."""
    known = cues.METRICS.get(word)
    if known is None and "-" in word:  # "self-time", "heap-size"
        tail = word.rpartition("-")[2]
        known = cues.METRICS.get(tail) if tail in _TAILS else None
    if known is None and word.startswith("benchmark"):
        known = "latency"
    return known or ""
