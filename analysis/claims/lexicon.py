"""Sets of words, written the way they are read."""

from __future__ import annotations


def lexicon(text: str) -> frozenset[str]:
    """The words of ``text`` as a set."""
    return frozenset(text.split())
