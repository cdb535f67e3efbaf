"""The ``claims --jsonl`` interchange: lines {"id", "text"} in, lines {"id", "claims", "refused"} out. No database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from analysis.claims.extractor import extract


def answers(lines: Iterable[str]) -> Iterator[dict[str, object]]:
    """One answer for each line that is not empty. Raises ValueError for a line that is no {"id", "text"} object."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            identity, text = row["id"], row["text"]
        except (json.JSONDecodeError, KeyError, TypeError) as wrong:
            raise ValueError(f'line {number} is no {{"id", "text"}} object') from wrong
        if not isinstance(text, str):
            raise ValueError(f"line {number}: text is no string")
        yield answer(identity, text)


def answer(identity: object, text: str) -> dict[str, object]:
    """The answer for one text."""
    found = extract(text)
    return {
        "id": identity,
        "claims": [claim.as_dict() for claim in found.claims],
        "refused": [refusal.as_dict() for refusal in found.refusals],
    }
