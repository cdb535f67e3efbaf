"""A sentence with its tokens, and the questions that decisions ask of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from analysis.claims.amounts import Group
from analysis.claims.lexicon import lexicon
from analysis.claims.records import Origin
from analysis.claims.tokens import Token

HARD_MARKS = frozenset(";|.!?")
_HARD_WORDS = lexicon("but while whereas although however though yet")
SOFT_MARKS = frozenset(",()—–:[]")


@dataclass
class View:
    """One sentence of a text. ``head`` is what its heading, list or column header says, in lower case words."""

    text: str
    start: int
    end: int
    tokens: list[Token]
    origin: Origin = Origin.PROSE
    head: tuple[str, ...] = ()
    expected: bool = False
    columns: list[tuple[str, ...]] = field(default_factory=list)  # the words of the table's header
    unit_spans: dict[str, tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def words(self) -> list[str]:
        """Each token as a lower-case word; quantities are empty."""
        return ["→" if token.kind == "a" else "" if token.kind == "q" else token.text for token in self.tokens]

    @cached_property
    def bag(self) -> frozenset[str]:
        return frozenset(self.words)

    @cached_property
    def lower(self) -> str:
        return self.text[self.start : self.end].lower()

    @cached_property
    def hard(self) -> list[int]:
        """Token indices at which a new clause begins."""
        return [i for i, word in enumerate(self.words) if word in HARD_MARKS or word in _HARD_WORDS]

    @cached_property
    def soft(self) -> list[int]:
        """Token indices at which a new clause or an aside begins."""
        found = []
        for i, word in enumerate(self.words):
            if word in HARD_MARKS or word in _HARD_WORDS or word in SOFT_MARKS or self._spaced_dash(i):
                found.append(i)
        return found

    def _spaced_dash(self, index: int) -> bool:
        token = self.tokens[index]
        return token.text == "-" and index > 0 and self.text[token.start - 1 : token.start].isspace()

    def clause(self, group: Group, *, soft: bool = False) -> tuple[int, int]:
        """First and one-past-last token index of the clause that holds the group."""
        marks = self.soft if soft else self.hard
        before, behind = bisect_left(marks, group.first), bisect_right(marks, group.last)
        begin = marks[before - 1] + 1 if before else 0
        return begin, marks[behind] if behind < len(marks) else len(self.words)

    def has(self, lexicon: frozenset[str], begin: int = 0, end: int | None = None) -> bool:
        """Whether a word of the lexicon stands among the tokens begin..end."""
        if end is None and not begin:
            return not lexicon.isdisjoint(self.bag)
        return any(word in lexicon for word in self.words[begin:end])

    def says(self, *phrases: str) -> bool:
        """Whether one of the phrases stands in the sentence."""
        return any(phrase in self.lower for phrase in phrases)
