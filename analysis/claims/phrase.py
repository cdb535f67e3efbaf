"""The words around a quotation that say what it is about, without another number (no Django)."""

from __future__ import annotations

import re

from analysis.claims.outcome import sentence_around

LONGEST = 240
_MARK = re.compile(r"[,;:(|–—]\s*|\s-\s")  # where a clause of its own may begin
_EDGES = " \t\r\n*_#>•+`~|-–—:,;"


def phrase_around(text: str, start: int, end: int) -> str:
    """A slice of ``text`` that holds the quotation and its sentence, as far as no further digit stands in it.

    Markup at its edges is left out. On each side of the quotation it has LONGEST code points at most.
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
        right = max(end, text.rfind(" ", end, stop))
        while right > end and text[right - 1] in _EDGES + "([$€£~<>":
            right -= 1
    while left < start and text[left] in _EDGES:
        left += 1
    while right > end and text[right - 1] in _EDGES:
        right -= 1
    return text[left:right]
