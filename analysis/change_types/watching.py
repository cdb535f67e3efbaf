"""What is watched of each prediction, for drift: plain values that say nothing of the text itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from analysis.change_types.files import kinds_of
from analysis.change_types.network import TypePrediction

MOST = 600


def watched(text: str, files: Sequence[str], type_: str | None, probability: float) -> dict[str, str | float]:
    """Length of the title, number of files, their commonest kind, the predicted type and how sure it is."""
    kinds = Counter(kinds_of(files))
    return {
        "title words": float(len(text.split())),
        "files": float(len(files)),
        "kind of files": kinds.most_common(1)[0][0] if kinds else "none",
        "predicted type": type_ or "undecided",
        "probability": round(probability, 3),
    }


def baseline(
    changes: Sequence[tuple[str, Sequence[str]]], answers: Sequence[TypePrediction]
) -> dict[str, list[object]]:
    """The watched values of held-out rows, at most MOST spread over all: what a window is compared with."""
    step = max(1, len(changes) // MOST)
    found: dict[str, list[object]] = {}
    for (text, files), answer in list(zip(changes, answers, strict=True))[::step][:MOST]:
        for name, value in watched(text, files, answer.type, answer.probability).items():
            found.setdefault(name, []).append(value)
    return found
