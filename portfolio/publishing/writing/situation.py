"""The sentence of the sources that says what was wrong or needed before a piece of work was done."""

from __future__ import annotations

import re
from collections.abc import Iterator

from portfolio.publishing.writing.asking import pieces, tidy
from portfolio.publishing.writing.material import Material, Source
from portfolio.publishing.writing.sentences import Sentence, from_source, wrong_with

_HEADING = re.compile(r"^\s{0,3}(?:#{1,6}\s+|\*\*)?([A-Za-z ]{3,30}?)\s*(?:\*\*)?:?(?:\*\*)?\s*$")
_WHY = frozenset(["problem", "background", "motivation", "context", "why", "issue", "rationale"]) | {
    "the problem", "root cause", "problem statement", "why this change",
}  # fmt: skip
# Words about a state that had to change, beside a verb: a title such as "Fix build" tells an action, not a state.
_STATE = re.compile(
    r"\b(?:previously|currently|until now|so far|before this|because|since|root cause|the problem|the issue)\b"
    r"|\b(?:was|were|is|are|had|has|could|did|does|would)\b[^.]{0,80}\b(?:not|slow|broken|missing|wrong|failing|failed"
    r"|unable|hard|impossible|too|never|twice|manual|manually|duplicated|inconsistent|leaking|stuck|only)\b"
    r"|\b(?:cannot|can't|couldn't|didn't|doesn't|wasn't|weren't|fails? (?:to|when|because|on)|failed (?:to|because))\b"
    r"|\bcaus(?:ed|es|ing)\b|\bneed(?:s|ed)? (?:a|an|the|to)\b",
    re.I,
)
# A sentence that begins so tells what was done, or hangs on the one before it.
_ACTION = re.compile(
    r"(?:also|but|and|or|so|then|this (?:fix|change|commit|pr)|it|add|allow|change|correct|create|delete|disable|enable"
    r"|ensure|fix|handle|improve|implement|make|mend|move|prevent|remove|rename|replace|resolve|revert|set|skip|support"
    r"|switch|test|update|use)(?:s|es|d|ed|ing)?\b",
    re.I,
)
_WRAPPED = re.compile(r"(?<=[^\s.:!?])\n[ \t]*(?=[a-z(])")
_WORDS = (5, 45)


def stated_in(material: Material) -> Sentence | None:
    """The first sentence under a heading such as "Problem", else the first about a state that had to change."""
    for candidates in (_under_headings, _about_a_state):
        for source in material.sources:
            for text in candidates(source):
                words = tidy(text)
                if not words[:1].isupper() or words.endswith(":") or _ACTION.match(words):
                    continue
                found = Sentence("situation", from_source(words), "extracted", (source.ref,))
                if _WORDS[0] <= len(words.split()) <= _WORDS[1] and not wrong_with(found, material):
                    return found
    return None


def _under_headings(source: Source) -> Iterator[str]:
    inside = False
    for line in _WRAPPED.sub(" ", source.text).splitlines():
        heading = _HEADING.match(line)
        if heading:
            inside = heading[1].strip().lower() in _WHY
        elif inside and line.strip():
            yield from pieces(line)


def _about_a_state(source: Source) -> Iterator[str]:
    return (piece for piece in pieces(_WRAPPED.sub(" ", source.text)) if _STATE.search(piece))
