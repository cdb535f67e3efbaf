"""From a decided group of amounts to a candidate: its magnitude, its exact span, its scope and period."""

from __future__ import annotations

import re

from analysis.claims import cues
from analysis.claims.amounts import Amount, Group
from analysis.claims.cue import Cue, aside
from analysis.claims.decide import Verdict
from analysis.claims.lexicon import lexicon
from analysis.claims.metrics import SPEED_WORDS, find_direction, find_metric
from analysis.claims.records import Candidate, Dim, Direction, Kind, Magnitude, Quantity, Span
from analysis.claims.tokens import Token
from analysis.claims.view import View

REACH = 30  # code points: a cue further away than this stays out of the quote
BRACKET = 40  # code points that a quote may go on for, to close a bracket that it has opened

_PERIOD = re.compile(
    r"(?:/| per | a | each )(?:second|sec|minute|min|hour|day|week|month|year|run|request|build|pr|s|h)\b|"
    r"\b(?:daily|weekly|monthly|yearly|annual|annually)\b",
    re.IGNORECASE,
)
_SCOPE = re.compile(r"\b(?:for|in|on|across|during|of)\s+(?:the\s+)?([`\w][^.,;:()|\n]{1,60})", re.IGNORECASE)


def candidate_of(view: View, group: Group, verdict: Verdict) -> Candidate:
    """Build the candidate of a group that was judged a claim."""
    metric = find_metric(view, group, verdict.cue)
    direction = find_direction(view, group, verdict.cue, metric, removes=verdict.removes)
    start, end = span_of(view, group, verdict)
    amounts = reported(view, group)
    spread = verdict.cue is not None and (verdict.cue.word in SPEED_WORDS or _ranges(view, group, verdict.cue))
    direction = Direction.BETTER if spread and amounts[0].to and amounts[0].of.dim is Dim.PERCENT else direction
    magnitude = magnitude_of(view, amounts[0], spread=spread)
    also = magnitude_of(view, amounts[1]) if len(amounts) > 1 else None
    context = dict.fromkeys(span for size in (magnitude, also) if size for span in _context(view, size))
    why = f"{verdict.cue.word} ({verdict.cue.side})" if verdict.cue else "pair of values" if amounts[0].to else "change"
    return Candidate(
        start, end, view.text[start:end], metric, direction, magnitude, also, verdict.state,
        scope=_scope(view, end), period=_period(view, start, end), context=tuple(context), why=why,
    )  # fmt: skip


def _ranges(view: View, group: Group, cue: Cue) -> bool:
    """As in "reductions from 25% for small rows to 99% for large ones": the two are the ends of a range."""
    between = [word for word in view.words[cue.index + 1 : group.first] if word != "from"]
    return cue.word in ("reductions", "improvements", "gains", "savings") and cue.index < group.first and not between


def reported(view: View, group: Group) -> list[Amount]:
    """The amounts of a group, the one to report first: a stated change goes before the two cells it sums up."""
    amounts = [amount for amount in group.amounts if amount.to or amount.of.unit or amount.of.dim is not Dim.COUNT]
    amounts = amounts or list(group.amounts)
    if amounts[0].cells or (amounts[0].of.dim is Dim.COUNT and not _noun(view, amounts[0])):
        amounts.sort(key=lambda amount: not amount.is_change)
    return amounts


def span_of(view: View, group: Group, verdict: Verdict) -> tuple[int, int]:
    """Code points from the cue to the last number, or from the first number to the cue."""
    tokens = view.tokens
    first, last = group.first, group.last
    cue = verdict.cue
    if (
        cue is not None
        and cue.side == "right"
        and cue.index > first
        and not any(_measures(tokens[index].quantity) for index in range(last + 1, cue.index))
        and tokens[cue.index].end - tokens[last].end <= REACH
    ):
        last = max(last, cue.index)
    elif cue is not None and cue.side == "right" and cue.index < first:
        pass  # the cue of the amount before holds for this one too; the quote is the amount
    elif cue is not None and cue.side == "left" and cue.index < first:
        first = _left_end(view, group, cue.index)
    end = tokens[last].end
    following = view.words[last + 1 : last + 2]
    if group.amounts[0].of.dim is Dim.FACTOR and cue is None and following:
        end = tokens[last + 1].end
    start = tokens[first].start
    return start, _closed(view, last + 1, start, end)


def _closed(view: View, following: int, start: int, end: int) -> int:
    """The end, or the bracket that closes what the quote has opened: no quotation ends within a parenthesis.

    Few words may stand between, and no other amount than a bare count: that is another statement, and stays outside.
    """
    if view.text.count("(", start, end) <= view.text.count(")", start, end):
        return end
    for token in view.tokens[following:]:
        amount = token.quantity is not None and token.quantity.dim not in (Dim.COUNT, Dim.OPAQUE)
        if amount or token.text == "(" or token.end - end > BRACKET:
            break
        if token.text == ")":
            return token.end
    return end


def _measures(quantity: Quantity | None) -> bool:
    return quantity is not None and quantity.dim is not Dim.OPAQUE


def _left_end(view: View, group: Group, cue: int) -> int:
    """The token at which the quote begins: the cue, unless another number or too many words stand between."""
    tokens = view.tokens
    if cue and tokens[cue - 1].quantity is not None and view.words[cue] not in _OWN_VERBS:
        return _with_leading(view, cue, group.first)  # the cue stands behind a number of its own
    for index in range(group.first - 1, cue, -1):
        quantity = tokens[index].quantity
        if quantity is not None and quantity.dim is Dim.COUNT and view.words[group.first - 1] == "by":
            continue  # "improves the 10K benchmark by 2x"
        if (quantity is not None and quantity.dim is not Dim.OPAQUE) or tokens[index].text == "|":
            between = view.words[index + 1 : group.first]
            links = [place for place, word in enumerate(between) if word in ("and", ",", "|", ";", "or")]
            own = min(index + 2 + links[-1], group.first) if links else group.first
            if tokens[group.first].start - tokens[own].start > REACH // 2:
                own = _with_leading(view, own, group.first)
            return own
    between = view.words[cue : group.first]
    reach = 24 if aside(view, group) or "(" in between else REACH
    if group.amounts[0].to is not None:  # two values speak for themselves: the cue only if it stands close by
        reach = min(REACH, int(1.4 * (tokens[group.last].end - tokens[group.first].start)))
    if tokens[group.first].start - tokens[cue].start > reach:
        return _with_leading(view, cue, group.first)
    return cue


def _with_leading(view: View, cue: int, first: int) -> int:
    """The amount with its "by about" and nothing more."""
    while first > cue + 1 and view.words[first - 1] in _LEADING:
        first -= 1
    return first


_OWN_VERBS = lexicon("reduces reducing improves improving increases increasing saves saving cuts cutting drops lowers")
_LEADING = cues.FILLERS | {"by", "of", "factor"}


def magnitude_of(view: View, amount: Amount, *, spread: bool = False) -> Magnitude:
    """The magnitude of one amount, in the units in which it is written."""
    quantity = amount.of
    if amount.to is not None and amount.of.dim is Dim.PERCENT and spread:  # "speeds up from 40% to 100%"
        least, most = sorted((amount.of.value or 0.0, amount.to.value or 0.0))
        return Magnitude(Kind.RELATIVE_PCT, least, most, unit="%")
    if amount.to is not None:
        unit = _unit(view, quantity, amount)
        to_unit = _unit(view, amount.to, amount)
        old, new = _end(quantity), _end(amount.to)
        return Magnitude(Kind.FROM_TO, from_value=old, to_value=new, unit=unit or to_unit, to_unit=to_unit or unit)
    kind = {Dim.PERCENT: Kind.RELATIVE_PCT, Dim.FACTOR: Kind.FACTOR}.get(quantity.dim, Kind.ABSOLUTE_DELTA)
    low, high = quantity.value, quantity.high
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Magnitude(kind, low, high, unit=_unit(view, quantity, amount))


def _end(quantity: Quantity) -> float | None:
    """One end of a pair; of a range the first number, which stands in the quote as it is."""
    return quantity.value


def _unit(view: View, quantity: Quantity, amount: Amount) -> str:
    return quantity.unit or _noun(view, amount)


_NOT_A_NOUN = lexicon("to from by in on for with at and or is are was were than now the a of per via after before due "
                        "instead while as vs this per-iteration less focus users")  # fmt: skip


def _noun(view: View, amount: Amount) -> str:
    """The noun that a bare count counts: behind either number, else the last plural before "from"."""
    ends = [i for i in range(amount.first, amount.last + 1) if view.tokens[i].quantity in (amount.of, amount.to)]
    for index in ends:
        start = index + 1
        words: list[str] = []
        for token in view.tokens[start : start + 3]:
            if token.kind != "w" or token.text in _NOT_A_NOUN or token.text in cues.POLARITY:
                break
            words.append(token.text)
        plural = [word for word in words if word.endswith("s") and "." not in word]
        if plural:
            return plural[0]
    for token in reversed(view.tokens[: amount.first]):
        if token.text == ":":
            return _counted_before(view, token)
        if view.text[token.start].isupper() and token.start > view.start:
            continue  # "on Windows"
        word = token.text if token.kind == "w" else ""
        if (
            word.endswith("s")
            and len(word) > 2
            and "." not in word
            and word not in _NOT_A_NOUN
            and word not in cues.POLARITY
        ):
            return word
    return ""


def _counted_before(view: View, colon: Token) -> str:
    """As in "fewer allocations: checker 155 -> 152, parser 80 -> 70": what the whole list counts."""
    index = view.tokens.index(colon)
    word = view.words[index - 1] if index else ""
    lead = view.words[max(0, index - 4) : index - 1]
    listed = word.isalpha() and word.endswith("s") and any(cue in cues.POLARITY for cue in lead)
    return word if listed and word not in cues.POLARITY else ""


def _context(view: View, magnitude: Magnitude) -> tuple[Span, ...]:
    """The words of the sentence that carry the unit of a bare count, if the quote may not."""
    found = []
    for unit in {magnitude.unit, magnitude.to_unit} - {"", "%", "x"}:
        for token in view.tokens:
            if token.kind == "w" and token.text == unit:
                found.append(Span(token.start, token.end, view.text[token.start : token.end]))
                break
        if unit_span := view.unit_spans.get(unit):
            found.append(Span(*unit_span, view.text[slice(*unit_span)]))
    return tuple(found)


def _scope(view: View, end: int) -> Span | None:
    match = _SCOPE.match(view.text, _skip_space(view.text, end), min(view.end, end + 90))
    if match is None:
        return None
    start, stop = match.span(1)
    stop = start + len(view.text[start:stop].rstrip())
    return Span(start, stop, view.text[start:stop])


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " *":
        position += 1
    return position


def _period(view: View, start: int, end: int) -> Span | None:
    match = _PERIOD.search(view.text, max(view.start, start - 1), min(view.end, end + 16))
    return Span(match.start(), match.end(), match.group()) if match else None
