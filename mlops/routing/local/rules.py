"""Plain rules: the lead sentences of the documents, and a label from the conventional words of a title."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mlops.routing.local.text import units
from mlops.routing.records import Document, Sentence

# Conventional-commit prefixes and the verbs that mean the same, in the order in which they are tried.
LABELS = (
    ("fix", r"^(?:hot)?fix(?:es|ed)?\b|\bbug\b|\brevert\b"),
    ("documentation", r"^docs?\b|\breadme\b|\bdocumentation\b"),
    ("test", r"^tests?\b|\bunit tests?\b|\bcoverage\b"),
    ("performance", r"^perf\b|\bspeed up\b|\bfaster\b|\boptimi[sz]e"),
    ("refactoring", r"^refactor|\bclean ?up\b|\brename\b|\bextract\b"),
    ("maintenance", r"^(?:chore|ci|build)\b|\bbump\b|\bdependenc|\bupgrade\b"),
    ("feature", r"^feat(?:ure)?\b|^add\b|\bimplement|\bintroduce|\bsupport\b"),
)


def label_by_rules(documents: Sequence[Document]) -> tuple[str, str]:
    """A label and the words that led to it; "unknown" when no rule fits."""
    title = documents[0].text.strip().splitlines()[0].lower() if documents and documents[0].text.strip() else ""
    for label, pattern in LABELS:
        found = re.search(pattern, title)
        if found:
            return label, f"the title says {found[0]!r}"
    return "unknown", "no rule fits the title"


def first_lines(documents: Sequence[Document], max_chars: int, count: int = 3) -> tuple[Sentence, ...]:
    """The first sentences of the documents that say something, as they stand."""
    taken: list[Sentence] = []
    left = max_chars
    for document in documents:
        for unit in units(document.text):
            cost = unit.end - unit.start + len(document.name) + 4
            if unit.quiet or cost > left:
                continue
            taken.append(Sentence(document.text[unit.start : unit.end], document.name, unit.start, unit.end))
            left -= cost
            break
        if len(taken) == count:
            break
    return tuple(taken)
