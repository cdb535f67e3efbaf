"""The explainable grammar as an ``Extractor``, and ``extract``, the one way from a text to claims."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from analysis.claims import arithmetic, cues, numerals, tables
from analysis.claims.amounts import Amount, Group
from analysis.claims.decide import Verdict, decide_all
from analysis.claims.grounding import Claim, ground
from analysis.claims.grouping import group_amounts
from analysis.claims.lexicon import lexicon
from analysis.claims.metric_words import metric_word
from analysis.claims.normalise import candidate_of
from analysis.claims.pairs import find_amounts
from analysis.claims.ranges import drop_spreads, merge_ranges
from analysis.claims.records import (
    Candidate,
    Context,
    Dim,
    Extraction,
    Extractor,
    Origin,
    Proposal,
    Quantity,
    Reason,
    Refusal,
    State,
)
from analysis.claims.text import MAX_SENTENCE, Sentence, is_rule, sentences
from analysis.claims.tokens import Token, tokenise
from analysis.claims.units import find_unit
from analysis.claims.view import View

MAX_REFUSALS = 2000  # of one text; a megabyte of numbers needs no megabytes of reasons

_DIGIT = re.compile(r"\d")
_SOME_WORD = re.compile(
    r"(?i)\b(?:halv|half|twice|doubl|thrice|tripl|quadrupl|\w+fold|two|three|four|five|six|seven|eight|nine|ten|"
    r"third|quarter|seconds|minutes|hours|days)|[$€£][.,k]"
)
_EXPECTED_HEAD = lexicon("expected goal goals target targets planned potential projected future roadmap todo")


class Grammar:
    """Sentences -> quantities -> amounts -> decision -> candidate. Pure, and linear in the length of the text."""

    name = "grammar"
    version = "1.3"

    def propose(self, text: str, context: Context | None = None) -> Proposal:
        """Candidates and refusals of ``text``; what it proposes is still to be grounded."""
        walk = _Walk(text, context or Context())
        for sentence in sentences(text):
            walk.sentence(sentence)
        return Proposal(walk.candidates, walk.refusals)


class _Walk:
    """One pass over the sentences of a text, with what headings, list leads and table headers carry along."""

    def __init__(self, text: str, context: Context) -> None:
        self.text = text
        self.context = context
        self.candidates: list[Candidate] = []
        self.refusals: list[Refusal] = []
        self.heading: tuple[str, ...] = ()
        self.lead: tuple[str, ...] = ()
        self.header: tables.Header | None = None
        self.table = -1
        self.last_row: Sentence | None = None

    def sentence(self, sentence: Sentence) -> None:
        """Read one sentence; remember it if it carries context for the next ones."""
        text = self.text
        if self.context.tool_written:
            sentence = replace(sentence, origin=Origin.TOOL)
        if sentence.origin is Origin.TABLE:
            self._table(sentence)
        elif sentence.origin is not Origin.CODE:
            self.header, self.last_row = None, None
        length = sentence.end - sentence.start
        if length > MAX_SENTENCE:
            self._refuse(sentence.start, sentence.end, Reason.TOO_LONG)
            return
        if _DIGIT.search(text, sentence.start, sentence.end) or _SOME_WORD.search(text, sentence.start, sentence.end):
            self._read(sentence)
        self._remember(sentence)

    def _table(self, sentence: Sentence) -> None:
        if is_rule(self.text[sentence.start : sentence.end]) and self.last_row is not None:
            self.header = tables.read_header(self.text, self.last_row.start, self.last_row.end)
        self.last_row = sentence

    def _remember(self, sentence: Sentence) -> None:
        if sentence.origin is Origin.HEADING:
            self.heading, self.lead = self._words(sentence), ()
        elif sentence.origin is Origin.PROSE:
            ends = self.text[sentence.end - 1] == ":" if sentence.end else False
            self.lead = self._words(sentence) if ends else ()

    def _words(self, sentence: Sentence) -> tuple[str, ...]:
        tokens = tokenise(self.text, sentence.start, min(sentence.end, sentence.start + 200))
        return tuple(token.text for token in tokens if token.kind == "w")

    def _read(self, sentence: Sentence) -> None:
        tokens = merge_ranges(drop_spreads(tokenise(self.text, sentence.start, sentence.end)), self.text)
        tokens = read_words(tokens)
        head = (*((self.context.metric,) if self.context.metric else ()), *self.heading, *self.lead)
        forecast = not _EXPECTED_HEAD.isdisjoint(self.heading) or not _EXPECTED_HEAD.isdisjoint(self.lead[:6])
        view = View(
            self.text, sentence.start, sentence.end, tokens, sentence.origin, head, self.context.expected or forecast
        )
        amounts = self._amounts(view)
        for token in tokens:
            if token.quantity is not None and token.quantity.dim is Dim.OPAQUE and not token.text[:1].isalpha():
                self._refuse(token.start, token.end, token.quantity.reason or Reason.IDENTIFIER)
        groups = group_amounts(tokens, amounts)
        for group, verdict in zip(groups, decide_all(view, groups), strict=True):
            self._judge(view, group, verdict)

    def _amounts(self, view: View) -> list[Amount]:
        if "|" not in view.bag:
            return find_amounts(view.tokens)
        pairs = tables.row_pairs(view.tokens, self.header, view.unit_spans)
        if self.header is not None:
            view.unit_spans.update(self.header.unit_spans)
            view.columns = self.header.words
            view.head = (*view.head, *(word for words in self.header.words for word in words))
        if not pairs:
            return find_amounts(view.tokens)
        inside = {index for pair in pairs for index in range(pair.first, pair.last + 1)}
        others = [
            amount for amount in find_amounts(view.tokens) if inside.isdisjoint(range(amount.first, amount.last + 1))
        ]
        others = [amount for amount in others if not _is_spread(view, amount, pairs)]
        return sorted([*pairs, *others], key=lambda amount: amount.first)

    def _judge(self, view: View, group: Group, verdict: Verdict) -> None:
        tokens = view.tokens
        if verdict.reason is Reason.COUNT and _numbers_the_item(view, group):
            return
        if verdict.reason is not None:
            self._refuse(tokens[group.first].start, tokens[group.last].end, verdict.reason, verdict.detail)
            return
        contradiction = arithmetic.contradicts(group)
        if contradiction and verdict.state is State.STATED:
            verdict = Verdict(None, verdict.cue, State.CONTRADICTED, contradiction, verdict.removes)
        candidate = candidate_of(view, group, verdict)
        if contradiction and verdict.state is State.CONTRADICTED:
            candidate = replace(candidate, why=contradiction)
        self.candidates.append(candidate)

    def _refuse(self, start: int, end: int, reason: Reason, detail: str = "") -> None:
        if len(self.refusals) < MAX_REFUSALS:
            end = min(end, start + 200)
            self.refusals.append(Refusal(start, end, self.text[start:end], reason, detail))


def _numbers_the_item(view: View, group: Group) -> bool:
    """Whether a number is only the "3." of a list: nobody needs a reason for that."""
    return group.first == 0 and group.last == 0 and view.words[1:2] in (["."], [")"])


def _is_spread(view: View, amount: Amount, pairs: list[Amount]) -> bool:
    """Whether an amount is the spread in the second cell of a pair, "249.0 (233-249)"."""
    return (
        any(pair.last < amount.first <= pair.last + 2 and "(" in view.words[pair.last : amount.first] for pair in pairs)
        and not amount.is_change
    )


def read_words(tokens: list[Token]) -> list[Token]:
    """Words of the closed lexicon become quantities where they are used as numbers ("twice as fast", "by half")."""
    for index, token in enumerate(tokens):
        if token.text == "times" and index > 1 and _multiplies(tokens, index):
            counted = tokens[index - 1].quantity
            if counted is not None and counted.dim is Dim.COUNT and not counted.unit:
                counted.dim, counted.unit, counted.end = Dim.FACTOR, "x", token.end
                tokens[index - 1].end = token.end
        if token.text == "of" and index and tokens[index - 1].text == "factor":
            _factor_of(tokens, index + 1)
        if token.kind == "w" and (token.text in numerals.WORDS):
            quantity = _word_quantity(tokens, index)
            if quantity is not None:
                token.kind, token.quantity = "q", quantity
    return _unit_pairs(tokens)


def _factor_of(tokens: list[Token], index: int) -> None:
    """As in "by a factor of 32" and "a factor of two"."""
    if index >= len(tokens):
        return
    token = tokens[index]
    if token.quantity is not None and token.quantity.dim is Dim.COUNT and not token.quantity.unit:
        token.quantity.dim, token.quantity.unit = Dim.FACTOR, "x"
    elif token.text in numerals.COUNT_WORDS:
        value = numerals.COUNT_WORDS[token.text]
        token.kind = "q"
        token.quantity = Quantity(token.start, token.end, Dim.FACTOR, value, unit="x", word=True)


def _word_quantity(tokens: list[Token], index: int) -> Quantity | None:
    token = tokens[index]
    follow = tokens[index + 1].text if index + 1 < len(tokens) else ""
    before = tokens[index - 1].text if index else ""
    word = token.text
    if word.startswith("halv") and not _is_verb(tokens, index):
        return None
    if word in numerals.HALF_WORDS and (word != "half" or before in ("by", "in", "to", "about", "almost", "nearly")):
        cut = word != "half" or _cut_before(tokens, index)
        return Quantity(token.start, token.end, Dim.PERCENT, 50.0, unit="%", word=True) if cut else None
    if word in ("third", "quarter", "two-thirds") and before in ("a", "by", "one") and _cut_before(tokens, index):
        return Quantity(token.start, token.end, Dim.PERCENT, numerals.SHARE_WORDS[word], unit="%", word=True)
    if word in numerals.FACTOR_WORDS:
        if not _means_factor(tokens, index):
            return None
        return Quantity(token.start, token.end, Dim.FACTOR, numerals.FACTOR_WORDS[word], unit="x", word=True)
    counted = word in numerals.COUNT_WORDS and follow == "times" and index + 2 < len(tokens)
    if counted and (tokens[index + 2].text in cues.POLARITY or tokens[index + 2].text == "as"):
        value = numerals.COUNT_WORDS[word]
        return Quantity(token.start, tokens[index + 1].end, Dim.FACTOR, value, unit="x", word=True)
    return None


def _multiplies(tokens: list[Token], index: int) -> bool:
    """As in "an improvement of 1.7 times", "improved performance 3 times."."""
    if tokens[index - 2].text in ("by", "of"):
        return True
    ends = index + 1 >= len(tokens) or tokens[index + 1].text in (".", ",", ")", "in", "on", "for")
    before = [token.text for token in tokens[max(0, index - 8) : index - 1]]
    return ends and any(word.startswith(("improv", "speed", "perform", "accelerat")) for word in before)


def _is_verb(tokens: list[Token], index: int) -> bool:
    """As in "halves the time" and "was halved", not "split halves", "both halves"."""
    follow = tokens[index + 1].text if index + 1 < len(tokens) else ""
    before = tokens[index - 1].text if index else ""
    if before in _SUBJECTS and follow.isalpha() and follow not in _NO_OBJECT:
        return True
    if tokens[index].text == "halved" and before in ("is", "was", "are", "were", "been", "nearly", "almost", "roughly"):
        return True
    if follow in ("the", "our", "its", "their", "this"):
        following = [token.text for token in tokens[index + 2 : index + 7]]
        return any(metric_word(text) or text in ("amount", "usage", "runtime") for text in following)
    ahead = [token.text for token in tokens[index + 1 : index + 4]]
    return bool(metric_word(follow)) or (before in ("to", ":", "") and any(metric_word(text) for text in ahead))


_SUBJECTS = lexicon("it this that which and pr change commit nearly almost roughly effectively also , :")
_NO_OBJECT = lexicon("of are is must could should under in on twice whose then with and or both if when")


def _means_factor(tokens: list[Token], index: int) -> bool:
    """As in "twice as fast" and "doubles the throughput", not "called twice" nor "double quotes"."""
    following = [token.text for token in tokens[index + 1 : index + 5]]
    word = tokens[index].text
    if word in ("twice", "thrice") or word.endswith("fold"):
        if following[:1] == ["the"]:
            return any(text in _DOUBLED for text in following)
        return bool(following) and (following[0] == "as" or following[0] in cues.POLARITY)
    if word == "double" and following[:1] not in (["the"], ["our"], ["its"], ["your"], ["their"]):
        before = tokens[index - 1].text if index else "to"
        return before in _BEFORE_VERB and any(text in _DOUBLED for text in following[:2])
    return any(text in _DOUBLED for text in following)


_BEFORE_VERB = lexicon("to will can could may than nearly almost - * we and they")
_DOUBLED = lexicon("throughput performance speed capacity memory latency rps qps bandwidth cost runtime coverage")


def _cut_before(tokens: list[Token], index: int) -> bool:
    return any(token.text in cues.POLARITY for token in tokens[max(0, index - 8) : index])


def _unit_pairs(tokens: list[Token]) -> list[Token]:
    """As in "from minutes to seconds": units without numbers, ends of a from-to whose values are unknown."""
    for index, token in enumerate(tokens):
        if token.kind != "w" or token.text not in ("seconds", "minutes", "hours", "days", "milliseconds", "weeks"):
            continue
        before = tokens[index - 1].text if index else ""
        if before in ("from", "to", "in", "of"):
            unit = find_unit(token.text)
            opposite = any(
                other.text in ("from", "to", "took", "takes", "instead") for other in tokens if other is not token
            )
            if unit is not None and opposite:
                token.kind, token.quantity = (
                    "q",
                    Quantity(token.start, token.end, Dim.TIME, None, unit=unit.name, word=True),
                )
    return tokens


GRAMMAR = Grammar()


def extract(text: str, context: Context | None = None, extractors: Sequence[Extractor] = (GRAMMAR,)) -> Extraction:
    """Claims and refusals of ``text``. Every candidate of every extractor goes through the grounding check."""
    claims: list[Claim] = []
    refusals: list[Refusal] = []
    for extractor in extractors:
        proposal = extractor.propose(text, context)
        refusals.extend(proposal.refusals)
        for candidate in proposal.candidates:
            result = ground(text, candidate)
            if isinstance(result, Claim):
                claims.append(result)
            else:
                refusals.append(result)
    return Extraction(
        tuple(sorted(_apart(claims), key=lambda claim: claim.start)),
        tuple(sorted(refusals, key=lambda item: item.start)),
    )


def _apart(claims: list[Claim]) -> list[Claim]:
    """Of claims that quote overlapping words with one magnitude, the first: two extractors, or one that stutters."""
    kept: list[Claim] = []
    for claim in claims:
        same = (other for other in kept if other.start < claim.end and claim.start < other.end)
        if not any(other.magnitude == claim.magnitude for other in same):
            kept.append(claim)
    return kept
