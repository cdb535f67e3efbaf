"""The words around a quotation that say what it is about, without another number (no Django)."""

from __future__ import annotations

import re

from analysis.claims.lexicon import lexicon
from analysis.claims.outcome import sentence_around

LONGEST = 240
_MARK = re.compile(r"[,;:(|–—]\s*|\s-\s")  # where a clause of its own may begin
_EDGES = " \t\r\n*_#>•+`~|-–—:,;"
_CLOSER = {"(": ")", "[": "]"}
# A phrase that another number cut short does not end with a word that led to it.
_LEADS = lexicon(
    "a about across and around as at but by down for from in into of on or over per plus than the to under up versus "
    "vs was were which while with within worth"
)


def phrase_around(text: str, start: int, end: int) -> str:
    """A slice of ``text`` that holds the quotation and its sentence, as far as no further digit stands in it.

    Markup at its edges is left out, and so is what stands outside a bracket of which the other half is missing. On each
    side of the quotation it has LONGEST code points at most.
    """
    sentence = sentence_around(text, start, end)
    begin = text.find(sentence, max(0, start - len(sentence)))
    left, right = max(begin, start - LONGEST), min(begin + len(sentence), end + LONGEST)
    digits = [place for place in range(left, start) if text[place].isdigit()]
    if digits:
        mark = _MARK.search(text, digits[-1] + 1, start)
        left = mark.end() if mark else start
    stop = next((place for place in range(end, right) if text[place].isdigit()), right)
    if stop < right:
        right = _before_number(text, end, stop)
    left, right = _whole_brackets(text, left, start, end, right)
    while left < start and text[left] in _EDGES:
        left += 1
    while right > end and text[right - 1] in _EDGES:
        right -= 1
    return text[left:right]


def _before_number(text: str, end: int, stop: int) -> int:
    """Where a phrase ends that a number at ``stop`` cuts short: before the words that lead to the number."""
    right = max(end, text.rfind(" ", end, stop))
    while right > end:
        while right > end and text[right - 1] in _EDGES + "([$€£~<>":
            right -= 1
        word = max(end, text.rfind(" ", end, right) + 1)
        if text[word:right].lower() not in _LEADS:
            break
        right = word
    return right


def _whole_brackets(text: str, left: int, start: int, end: int, right: int) -> tuple[int, int]:
    """The same edges, or ones nearer to the quotation where a bracket outside it has no other half in the slice."""
    for opening, closing in _CLOSER.items():
        opened: list[int] = []
        for place in range(left, right):
            if text[place] == opening:
                opened.append(place)
            elif text[place] == closing and opened:
                opened.pop()
            elif text[place] == closing and place < start:
                left = place + 1
            elif text[place] == closing and place >= end:
                right = place
                break
        right = min([right, *(place for place in opened if place >= end)])
    return left, right
