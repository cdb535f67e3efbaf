"""One pass over a sentence: words, quantities, arrows and marks, with code, links and identifiers made opaque.

Every branch of the scanner starts at its own character and has a bounded or a single-loop tail, so a sentence is read
in linear time, whatever it holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from analysis.claims.quantities import attach_unit, read_clock, read_duration, read_number
from analysis.claims.records import Dim, Quantity, Reason

SCANNER = re.compile(
    r"""
    (?P<space>(?<!\w)_(?=[\d~]) | [\s*\\\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+)
  | (?P<url>(?:https?://|www\.)[^\s<>|]+)
  | (?P<word>[^\W\d_]\w*(?:['’.\-]\w+)*)
  | (?P<code>`{1,3}(?![,;:]?\s+[a-z]+\s+[a-z]+\s)[^`]{1,300}`{1,3})
  | (?P<link>\]\([^()\s]{1,500}\))
  | (?P<tag><[/!a-zA-Z][^<>]{0,400}>)
  | (?P<issue>(?:\#|GH-)\d+)
  | (?P<arrow>-{1,2}>|={1,2}>|[→⇒➜➔⟶⟹↦➡]\ufe0f?)
  | (?P<damaged>[$€£][.,]\d*\w*|(?<![\w.)\]])[,]\d{3}\b[^\s)|]*)
  | (?P<date>(?:19|20)\d\d[-/]\d{1,2}[-/]\d{1,2}(?:[T ]\d\d:\d\d\S{0,20})?)
  | (?P<clock>[~≈<>+\-−]?\d{1,3}:\d\d(?::\d\d)?(?:\.\d{1,6})?(?![\d:]))
  | (?P<duration>[~≈<>+\-−]?\d{1,4}\s?(?:h|hr|hrs|hours?)\s?\d{1,2}\s?(?:m|mins?|minutes?)
        (?:\s?\d{1,2}(?:\.\d{1,6})?\s?s(?:ecs?)?)?\b
      | [~≈<>+\-−]?\d{1,4}m[0-5]\d(?!\w)
      | [~≈<>+\-−]?\d{1,4}\s?(?:m|mins?|minutes?)\s?\d{1,2}(?:\.\d{1,6})?\s?(?:s|secs?|seconds?)\b)
  | (?P<version>[<>=~^]{0,2}\d+(?:\.\d+){2,}[\w.+\-]* | \d+(?:\.\d+){0,3}\.[xX]\b)
  | (?P<number>(?:[+\-−–~≈<>≤≥=±$€£¥\\]{0,4})(?:\d+(?:\\?[.,_]\d+)*|(?<![\w.])\.\d+))
  | (?P<mark>[^\w\s])
  | (?P<other>\w)
    """,
    re.VERBOSE,
)


_DIGIT = re.compile(r"\d")
_BARE = r"\d[\d.,]{0,12}\s?(?:[a-zA-Zµμ]{1,12}|%|×)?"
_NUMBER_IN_CODE = re.compile(rf"`((?:[+\-−]\s)?[~<>≈+\-−]{{0,3}}{_BARE}(?:\s?(?:[-–~→±]|[-=]>)\s?{_BARE})?)`")


@dataclass(slots=True)
class Token:
    """A piece of a sentence: kind "w" word, "q" quantity, "a" arrow, "c" code or other opaque text, "p" a mark."""

    kind: str
    text: str
    start: int
    end: int
    quantity: Quantity | None = None


def _opaque(start: int, end: int, reason: Reason) -> Quantity:
    return Quantity(start, end, Dim.OPAQUE, None, reason=reason)


def tokenise(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The tokens of ``text[start:end]``; offsets refer to the whole text."""
    stop = len(text) if end is None else end
    found: list[Token] = []
    position = start
    scan = SCANNER.match
    while position < stop:
        match = scan(text, position, stop)
        if match is None:  # cannot happen: the last two branches take any character
            position += 1
            continue
        kind = match.lastgroup or ""
        if kind == "space":
            position = match.end()
            continue
        numeric = _NUMBER_IN_CODE.match(text, match.start(), match.end()) if kind == "code" else None
        if numeric is not None:  # "from `16` to `8` bytes": ticks for looks, not for code
            found.extend(tokenise(text, numeric.start(1), numeric.end(1)))
            bare = found[-1].quantity
            if bare is not None:
                attach_unit(bare, text, match.end(), stop)
                found[-1].end = bare.end
            position = max(match.end(), found[-1].end)
            continue
        token = _make(text, kind, match, stop)
        found.append(token)
        position = max(token.end, position + 1)
    return found


def _make(text: str, kind: str, match: re.Match[str], stop: int) -> Token:
    begin, end = match.span()
    if kind == "word":
        return _word(match.group(), begin, end)
    if kind in ("mark", "other"):
        return Token("p", match.group(), begin, end)
    if kind == "arrow":
        return Token("a", "→", begin, end)
    if kind in ("url", "link", "tag"):
        return Token("c", "", begin, end)
    if kind == "code":
        return Token("c", match.group().strip("`").lower(), begin, end)
    quantity = _read(text, kind, match, stop)
    return Token("q", match.group(), begin, quantity.end, quantity)


_SIMPLE = {
    "issue": Reason.ISSUE_NUMBER,
    "damaged": Reason.DAMAGED,
    "date": Reason.DATE_OR_TIME,
    "version": Reason.VERSION,
}


def _read(text: str, kind: str, match: re.Match[str], stop: int) -> Quantity:
    begin, end = match.span()
    if kind in _SIMPLE:
        return _opaque(begin, end, _SIMPLE[kind])
    if kind == "clock":
        return read_clock(text, begin, end)
    if kind == "duration":
        return read_duration(text, begin, end)
    return read_number(text, begin, end, stop)


def _word(word: str, begin: int, end: int) -> Token:
    if word[-1] == ".":
        word, end = word[:-1], end - 1
    while word[-1] == "_":  # "_a 5x increase_": emphasis
        word, end = word[:-1], end - 1
    lower = word.lower().removesuffix("'s").removesuffix("’s")
    if _DIGIT.search(word):
        return Token("q", lower, begin, end, _opaque(begin, end, Reason.IDENTIFIER))
    return Token("w", lower, begin, end)
