"""Two regular expressions that find claims by a number beside a word: the naive baseline of every evaluation."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CHANGE = re.compile(
    r"\d[\d.,]*\s?(?:%|x\b|×|times)\s+(?:\w+\s+){0,2}(?:faster|slower|reduc\w+|improv\w+|less|more|smaller|speed\W?up)|"
    r"(?:reduc|improv|increas|decreas|sav|cut|speed)\w*\b[^.\n]{0,60}?\d[\d.,]*\s?(?:%|x\b|×|ms\b|s\b|min\b|[kMG]i?B\b)",
    re.IGNORECASE,
)
_PAIR = re.compile(r"\d[\d.,]*\s?\w{0,7}\s?(?:->|→|=>|\bto\b)\s?~?\d[\d.,]*\s?(?:%|\w{0,7})")


def find(text: str) -> Iterator[dict[str, object]]:
    """Spans that look like claims, as rows of the interchange format without a magnitude."""
    for pattern in (_CHANGE, _PAIR):
        for match in pattern.finditer(text):
            yield {
                "start": match.start(),
                "end": match.end(),
                "quote": match.group(),
                "metric": "other",
                "direction": "better",
                "magnitude": {"kind": ""},
                "state": "stated",
            }
