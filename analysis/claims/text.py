"""A text into blocks and sentences, each with its origin: prose, list, table, code, log, quotation, template, tool.

Works on lines, never copies what it need not, and keeps offsets in code points of the text as given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analysis.claims.records import Origin

_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(\S.*)")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)]|[\u2190-\u2bff\U0001f300-\U0001faff]\ufe0f?)\s+")
_ROW = re.compile(r"\s{0,3}\|")
_RULE = re.compile(r"\s*\|?[\s:|\-]+\|[\s:|\-]*$")
_QUOTE = re.compile(r"\s{0,3}>\s?(?![\d\s]*\d+\s?[%x])")
_TRAILER = re.compile(
    r"(?:[A-Z][a-z]+-)+(?:by|To|to|Id|for)\s?:|(?:Closes|Fixes|Refs|Resolves)\s*:?\s+#\d+\s*$|BREAKING[ -]CHANGE:\s*$"
)
_LOG = re.compile(
    r"\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?(?:INFO|DEBUG|WARN|WARNING|ERROR|TRACE)\]?[:\s]|\$ |>>> |❯ |Traceback |"
    r"\s+at \S+ \(|={5,}|-{5,}.*-{5,}|Receiving objects:|Resolving deltas:|test result:|Benchmark \d+:|"
    r"Time \(mean|Range \(min|\s*time:\s+\[|Found \d+ outliers|Summary$)"
)
_TOOL = re.compile(
    r"Bumps? \[|This PR contains the following updates|\[!\[.*badge|redirect\.github\.com|renovate|dependabot|"
    r"Merging \[?#?\d|codecov|coverallsapp|CodSpeed Performance Report|<!-- (?:BUILD|bot|generated|codspeed)|"
    r"(?:^|[^\w\s]\s{0,2})generated (?:by|with) ",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(r"\s*[-*]\s\[ \]\s|\s*<!--")
_END = re.compile(r"[.!?][)\"'”’*_`]*\s+(?!\(\d)(?=≈\d|[\"'“‘*_`(\[]*[A-Z\u00c0-\u024f\u0400-\u042f\"'“`*\[(⚡✅🚀])")
_ABBREVIATIONS = ("e.g.", "i.e.", "vs.", "approx.", "ca.", "etc.", "cf.", "resp.", "no.", "incl.")
MAX_SENTENCE = 4000  # code points; a longer stretch is data, not a sentence
_NEWLINES = re.compile(r"\n+")
_NUMBERS = re.compile(r"\d|(?i:halv|half|twice|doubl|tripl|fold|times|third|quarter|minutes|hours|[$€£])")
INDENT = 4


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, list item, heading or table row of a text."""

    start: int
    end: int
    origin: Origin
    block: int  # the number of the paragraph, list or table it stands in


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    length = len(text)
    while start < length:
        if text[start] == "\n":  # a run of empty lines is one blank line
            end = _NEWLINES.match(text, start).end()  # type: ignore[union-attr]
            yield _Line(start, start, "")
            start = end
            continue
        end = text.find("\n", start)
        end = length if end < 0 else end
        yield _Line(start, end, text[start : min(end, start + 300)])
        start = end + 1


class _Reader:
    """Walks over the lines and gathers hard-wrapped ones into paragraphs."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.fence = ""
        self.comment = False
        self.block = 0
        self.pending: tuple[int, int, Origin] | None = None
        self.after_blank = True
        self.in_list = False
        self.single = "\n" not in text.strip()

    def sentences(self) -> Iterator[Sentence]:
        for line in _lines(self.text):
            yield from self._line(line)
        yield from self._flush()

    def _line(self, line: _Line) -> Iterator[Sentence]:
        if self._inside(line):
            yield from self._flush()
            yield Sentence(line.start, line.end, self._inside_origin(line), self.block)
            return
        if not line.text.strip():
            yield from self._flush()
            self.block += 0 if self.after_blank else 1
            self.after_blank = True
            return
        origin = self._origin(line)
        alone = origin in (
            Origin.HEADING,
            Origin.TABLE,
            Origin.CODE,
            Origin.LOG,
            Origin.TEMPLATE,
            Origin.TOOL,
            Origin.TRAILER,
        )
        starts = alone or _ITEM.match(line.text) is not None or self.pending is None or self.pending[2] is not origin
        if starts and not (self._continues_item(line, origin)):
            yield from self._flush()
        self.in_list = origin is Origin.LIST or (self.in_list and (not self.after_blank or line.text[0].isspace()))
        self.after_blank = False
        if self.pending is None:
            self.pending = (line.start, line.end, origin)
        else:
            self.pending = (self.pending[0], line.end, self.pending[2])
        if alone:
            yield from self._flush()

    def _continues_item(self, line: _Line, origin: Origin) -> bool:
        wrapped = self.pending is not None and self.pending[2] is Origin.LIST and origin is Origin.PROSE
        return wrapped and not self.after_blank

    def _inside(self, line: _Line) -> bool:
        fence = _FENCE.match(line.text)
        if self.fence:
            closing = fence is not None and fence.group(1).startswith(self.fence) and not line.text.strip(" `~\r")
            if closing:
                self.fence = ""
            return True
        if fence is not None and not self.single:
            self.fence = fence.group(1)[:3]
            return True
        if self.comment:
            self.comment = "-->" not in line.text
            return True
        return False

    def _inside_origin(self, line: _Line) -> Origin:
        return Origin.TEMPLATE if self.comment or "-->" in line.text else Origin.CODE

    def _origin(self, line: _Line) -> Origin:
        text = line.text
        if text.lstrip().startswith("<!--"):
            self.comment = "-->" not in text
            return Origin.TEMPLATE
        special = self._special(text)
        if special is not None:
            return special
        if _HEADING.match(text):
            return Origin.HEADING
        if _ROW.match(text) or (text.count("|") >= 2 and text.count(" | ") >= 2 and not self.single):
            return Origin.TABLE
        indent = len(text) - len(text.lstrip(" "))
        if not self.single and (indent >= INDENT or text[0] == "\t") and self.after_blank and not self.in_list:
            return Origin.CODE
        if _ITEM.match(text):
            return Origin.LIST
        return Origin.PROSE

    def _special(self, text: str) -> Origin | None:
        if _TOOL.search(text):
            return Origin.TOOL
        if _TRAILER.match(text):
            return Origin.TRAILER
        if _TEMPLATE.match(text):
            return Origin.TEMPLATE
        if _QUOTE.match(text):
            return Origin.QUOTE
        if _LOG.match(text):
            return Origin.LOG
        return None

    def _flush(self) -> Iterator[Sentence]:
        if self.pending is None:
            return
        start, end, origin = self.pending
        self.pending = None
        if origin in (Origin.PROSE, Origin.LIST, Origin.QUOTE, Origin.HEADING):
            yield from self._split(start, end, origin)
        else:
            yield Sentence(start, end, origin, self.block)

    def _split(self, start: int, end: int, origin: Origin) -> Iterator[Sentence]:
        begin = start
        if end - start > MAX_SENTENCE and not _NUMBERS.search(self.text, start, end):
            yield Sentence(start, end, origin, self.block)  # long prose without any number is not worth cutting
            return
        for match in _END.finditer(self.text, start, end):
            stop = match.start() + 1
            if self.text[max(begin, stop - 7) : stop].lower().endswith(_ABBREVIATIONS):
                continue
            yield from self._chunks(begin, match.end(), origin)
            begin = match.end()
        if begin < end:
            yield from self._chunks(begin, end, origin)

    def _chunks(self, start: int, end: int, origin: Origin) -> Iterator[Sentence]:
        while end > start and self.text[end - 1].isspace():
            end -= 1
        if end > start:
            yield Sentence(start, end, origin, self.block)


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of ``text`` in order; together with the gaps between them they cover the text."""
    return _Reader(text).sentences()


def is_rule(text: str) -> bool:
    """Whether a table row is the line of dashes under a header."""
    return _RULE.match(text[:300]) is not None and "-" in text[:300]
