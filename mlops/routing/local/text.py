"""Cut Markdown-like text into units (sentences and list items) with their exact places.

Code blocks, comments, tables, trailers and headings are no units; a heading names the section of what follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^\s*(```|~~~)")
_HEADING = re.compile(r"^\s*(?:#{1,6}\s+(?P<hash>.+?)\s*#*|\*\*(?P<bold>[^*]+)\*\*:?|(?P<colon>[^.:!?]{2,70}):)\s*$")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[(?P<box>[ xX])\]\s+)?(?P<text>.+)$")
_TRAILER = re.compile(r"^\s*[A-Z][\w-]+(?:-by|-By|-Change|-Id|-id):\s|^\s*(?:Closes|Fixes|Refs?)\s+#\d+\s*$")
_TABLE = re.compile(r"^\s*\|.*\|\s*$|^\s*[-=_*]{3,}\s*$")
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_STOP = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9`*_])")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|Mr|Mrs|Dr|No|Fig|al)|\b[A-Z])\.$")
_QUIET = re.compile(
    r"generated with|co-authored|signed-off|^merge (?:branch|pull|remote|origin|main|upstream)|^conflicts\b|^\W*$|"
    r"^(?:https?://\S+|@\S+)$|^(?:n/?a|none|tbd|wip)\.?$|reviewed by me|self-review",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """`text[start:end]` is one sentence or list item; `quiet` marks what says nothing about the change."""

    start: int
    end: int
    section: str
    item: bool
    quiet: bool


def units(text: str) -> list[Unit]:
    """All units of a text, in order."""
    blank = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    found: list[Unit] = []
    section, fenced = "", ""
    paragraph: list[tuple[int, int]] = []

    def flush() -> None:
        if paragraph:
            found.extend(_sentences(text, paragraph[0][0], paragraph[-1][1], section, item=False))
            paragraph.clear()

    for start, line in _lines(blank):
        fence = _FENCE.match(line)
        if fence or fenced:
            flush()
            fenced = "" if fence and fenced == fence[1] else (fenced or fence[1] if fence else fenced)
            continue
        heading = _HEADING.match(line)
        item = _ITEM.match(line)
        if not line.strip() or heading or item or _TRAILER.match(line) or _TABLE.match(line):
            flush()
        if heading and not item:
            section = next(part for part in heading.groups() if part).strip().lower()
        elif item and item["box"] != " ":
            found.extend(_sentences(text, start + item.start("text"), start + len(line), section, item=True))
        elif line.strip() and not item and not _TRAILER.match(line) and not _TABLE.match(line):
            paragraph.append((start + len(line) - len(line.lstrip()), start + len(line.rstrip())))
    flush()
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _sentences(text: str, start: int, end: int, section: str, *, item: bool) -> Iterator[Unit]:
    """Sentences of text[start:end]; an item is one unit unless it is long."""
    whole = text[start:end].rstrip()
    cuts = [0]
    if not item or len(whole) > 240:
        stops = _STOP.finditer(whole)
        cuts += [match.end() for match in stops if not _ABBREVIATION.search(whole[: match.start()])]
    for left, right in zip(cuts, [*cuts[1:], len(whole)], strict=True):
        piece = whole[left:right].rstrip()
        if piece.strip():
            yield Unit(start + left, start + left + len(piece), section, item, bool(_QUIET.search(piece.strip())))


def words(text: str) -> list[str]:
    """Lower-case words, with identifiers cut at underscores and camel humps, and a plain plural taken off."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text).replace("_", " ")
    return [word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word
            for word in re.findall(r"[a-z][a-z0-9]+", spaced.lower())]  # fmt: skip
