"""The check that nothing passes unless it stands in the text.

``ground`` is the only maker of a ``Claim``: the class refuses to be built without the token that this module keeps. It
trusts nobody: neither the grammar nor a language model. A candidate passes when its quote is exactly
``text[start:end]``, cuts no number in two, and every number of its magnitude is a number of the quote with its unit
(or a word of the closed lexicon). What fails is a ``Refusal`` with the failed check as its detail.
"""

from __future__ import annotations

import math
from dataclasses import InitVar, dataclass

from analysis.claims import numerals
from analysis.claims.records import (
    Candidate,
    Dim,
    Direction,
    Kind,
    Magnitude,
    Metric,
    Quantity,
    Reason,
    Refusal,
    Span,
    State,
)
from analysis.claims.tokens import tokenise
from analysis.claims.units import BY_NAME, base_value, find_unit

MAX_QUOTE = 400  # a whole paragraph is no quotation

_PROOF = object()


@dataclass(frozen=True, slots=True)
class Claim:
    """A grounded claim: made by ``ground`` alone. Offsets are code points of the text with ``text_sha256``."""

    start: int
    end: int
    quote: str
    metric: Metric
    direction: Direction
    magnitude: Magnitude
    state: State
    also: Magnitude | None = None
    scope: Span | None = None
    period: Span | None = None
    context: tuple[Span, ...] = ()
    why: str = ""
    proof: InitVar[object] = None

    def __post_init__(self, proof: object) -> None:
        if proof is not _PROOF:
            raise TypeError("A claim is made by grounding.ground(text, candidate) and by nothing else.")

    def as_dict(self) -> dict[str, object]:
        """The claim as the interchange format of the ``claims`` command has it."""
        found: dict[str, object] = {
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "metric": self.metric.value,
            "direction": self.direction.value,
            "magnitude": self.magnitude.as_dict(),
            "state": self.state.value,
        }
        if self.also is not None:
            found["also"] = self.also.as_dict()
        for name in ("scope", "period"):
            span: Span | None = getattr(self, name)
            if span is not None:
                found[name] = {"start": span.start, "end": span.end, "quote": span.quote}
        return found


class Ungrounded(Exception):
    """A check failed; the message says which."""


def ground(text: str, candidate: Candidate, *, state: State | None = None) -> Claim | Refusal:
    """Check one candidate against ``text``: a claim if all of it stands there, else a refusal. Never raises."""
    try:
        start, end = _offsets(text, candidate)
        metric, direction = _named(candidate)
        stated = State(state if state is not None else candidate.state)
        if stated is State.CORROBORATED:
            raise Ungrounded("corroboration needs a linked record, a text cannot corroborate itself")
        for span in (candidate.scope, candidate.period, *candidate.context):
            _check_span(text, span)
        _magnitude(text, candidate, candidate.magnitude)
        if candidate.also is not None:
            _magnitude(text, candidate, candidate.also)
        _ends_agree(candidate.magnitude, metric, direction)
    except Ungrounded as failed:
        return _refused(text, candidate, str(failed))
    except (TypeError, ValueError, AttributeError, OverflowError) as malformed:
        return _refused(text, candidate, f"malformed: {type(malformed).__name__}")
    return Claim(
        start, end, candidate.quote, metric, direction, candidate.magnitude, stated, candidate.also, candidate.scope,
        candidate.period, tuple(candidate.context), str(candidate.why), proof=_PROOF,
    )  # fmt: skip


def _refused(text: str, candidate: Candidate, detail: str) -> Refusal:
    """A refusal that itself quotes exactly, or quotes nothing where the offsets are no offsets."""
    start, end = candidate.start, candidate.end
    whole = all(type(number) is int for number in (start, end))
    if not whole or not 0 <= start <= end <= len(text):
        return Refusal(0, 0, "", Reason.UNGROUNDED, detail)
    end = min(end, start + MAX_QUOTE)
    return Refusal(start, end, text[start:end], Reason.UNGROUNDED, detail)


def _offsets(text: str, candidate: Candidate) -> tuple[int, int]:
    start, end = candidate.start, candidate.end
    if type(start) is not int or type(end) is not int:
        raise Ungrounded("offsets are no integers")
    if not 0 <= start < end <= len(text):
        raise Ungrounded("offsets lie outside the text")
    if end - start > MAX_QUOTE:
        raise Ungrounded("the quote is too long to be a quotation")
    if type(candidate.quote) is not str or text[start:end] != candidate.quote:
        raise Ungrounded("the quote is not verbatim")
    if _cuts_number(text, start) or _cuts_number(text, end):
        raise Ungrounded("the quote cuts a number or a word in two")
    return start, end


def _cuts_number(text: str, position: int) -> bool:
    """Whether ``position`` lies inside a number or a word: "12,|500", "1|0x", "$|12", "3|.5", "k|B"."""
    if not 0 < position < len(text):
        return False
    before, after = text[position - 1], text[position]
    if before.isalpha() and after.isalpha():
        return True
    if after.isdigit():
        joined = (
            before.isdigit()
            or before in "$€£¥"
            or (before in ".,:_" and position > 1 and not text[position - 2].isspace())
        )
        return joined or (before.isalpha() and before not in "xX×")
    if before.isdigit():
        return (
            after in "%xX×°"
            or after.isalpha()
            or (after in ".,:" and position + 1 < len(text) and text[position + 1].isdigit())
        )
    return False


def _named(candidate: Candidate) -> tuple[Metric, Direction]:
    try:
        return Metric(candidate.metric), Direction(candidate.direction)
    except ValueError as unknown:
        raise Ungrounded(f"unknown name: {unknown}") from unknown


def _check_span(text: str, span: Span | None) -> None:
    if span is None:
        return
    if type(span.start) is not int or type(span.end) is not int or not 0 <= span.start < span.end <= len(text):
        raise Ungrounded("a context span lies outside the text")
    if text[span.start : span.end] != span.quote:
        raise Ungrounded("a context span is not verbatim")


def _magnitude(text: str, candidate: Candidate, magnitude: Magnitude) -> None:
    kind = Kind(magnitude.kind)
    if kind is Kind.FROM_TO:
        numbers = [(magnitude.from_value, magnitude.unit), (magnitude.to_value, magnitude.to_unit)]
        if all(number is None for number, _ in numbers) and not _unit_words(candidate, magnitude):
            raise Ungrounded("a from-to without any number")
        if magnitude.value is not None or magnitude.value_hi is not None:
            raise Ungrounded("a from-to has two ends and no value")
    else:
        if magnitude.from_value is not None or magnitude.to_value is not None:
            raise Ungrounded("only a from-to has ends")
        if magnitude.value is None:
            raise Ungrounded("a magnitude without a number")
        numbers = [(magnitude.value, magnitude.unit), (magnitude.value_hi, magnitude.unit)]
        _kind_fits(kind, magnitude.unit)
    quantities = _quantities_of(text, candidate)
    for number, unit in numbers:
        if number is not None:
            _number(number, unit, quantities, candidate)
        elif unit and kind is Kind.FROM_TO and not _carried(unit, quantities, candidate):
            raise Ungrounded(f"the unit {unit!r} is not in the quote")
    _in_order(magnitude)


def _kind_fits(kind: Kind, unit: str) -> None:
    if kind is Kind.RELATIVE_PCT and unit != "%":
        raise Ungrounded("a relative change is in %")
    if kind is Kind.FACTOR and unit != "x":
        raise Ungrounded("a factor is in x")
    if kind is Kind.ABSOLUTE_DELTA and unit in ("", "x", "%"):
        raise Ungrounded("an absolute difference needs a unit of its own")


def _in_order(magnitude: Magnitude) -> None:
    low, high = magnitude.value, magnitude.value_hi
    if low is not None and high is not None and low > high:
        raise Ungrounded("the range runs backwards")


def _unit_words(candidate: Candidate, magnitude: Magnitude) -> bool:
    if any(char.isdigit() for char in candidate.quote):
        return False
    words = {unit.name for word in candidate.quote.lower().split() if (unit := find_unit(word.strip(".,;:()")))}
    return bool(magnitude.unit and magnitude.to_unit) and {magnitude.unit, magnitude.to_unit} <= words


def _quantities_of(text: str, candidate: Candidate) -> list[Quantity]:
    """The numbers that the quote carries, read anew by the scanner; versions, issues and ports are none."""
    found = []
    for token in tokenise(text, candidate.start, candidate.end):
        quantity = token.quantity
        if quantity is not None and quantity.dim is not Dim.OPAQUE and quantity.value is not None:
            found.append(quantity)
        elif token.kind == "w" and token.text in numerals.WORDS:
            found.extend(_lexicon(token.text, token.start, token.end))
    return found


def _lexicon(word: str, start: int, end: int) -> list[Quantity]:
    found = []
    if word in numerals.FACTOR_WORDS:
        found.append(Quantity(start, end, Dim.FACTOR, numerals.FACTOR_WORDS[word], unit="x", word=True))
    if word in numerals.HALF_WORDS or word in numerals.SHARE_WORDS:
        percent = numerals.HALF_WORDS.get(word) or numerals.SHARE_WORDS[word]
        found.append(Quantity(start, end, Dim.PERCENT, percent, unit="%", word=True))
    if word in numerals.HALF_WORDS:
        found.append(Quantity(start, end, Dim.FACTOR, 2.0, unit="x", word=True))
    if word in numerals.COUNT_WORDS:
        found.append(Quantity(start, end, Dim.COUNT, numerals.COUNT_WORDS[word], word=True))
    return found


def _number(number: object, unit: str, quantities: list[Quantity], candidate: Candidate) -> None:
    if type(number) not in (int, float) or not math.isfinite(number):  # type: ignore[arg-type]
        raise Ungrounded("a magnitude that is no finite number")
    if type(unit) is not str:
        raise Ungrounded("a unit that is no text")
    wanted = abs(float(number))  # type: ignore[arg-type]
    for quantity in quantities:
        if quantity.value is None:
            continue
        if quantity.unit == unit and math.isclose(quantity.value, wanted, rel_tol=1e-9, abs_tol=1e-12):
            return
        if _converts(quantity, wanted, unit):
            return
        bare = quantity.dim is Dim.COUNT and not quantity.unit
        if bare and math.isclose(quantity.value, wanted, rel_tol=1e-9) and _carried(unit, quantities, candidate):
            return
    raise Ungrounded(f"the number {number!r} {unit} is not in the quote")


def _converts(quantity: Quantity, wanted: float, unit: str) -> bool:
    """Whether the same amount is meant in another unit of the same dimension ("2:15" as 135 s)."""
    if not quantity.unit or unit not in BY_NAME or quantity.value is None:
        return False
    if BY_NAME[unit].dim is not quantity.dim or quantity.dim not in (Dim.TIME, Dim.BYTES):
        return False
    return math.isclose(base_value(quantity.value, quantity.unit), base_value(wanted, unit), rel_tol=1e-9)


def _carried(unit: str, quantities: list[Quantity], candidate: Candidate) -> bool:
    """Whether the unit of a bare number stands elsewhere in the quote, or in the verified context spans."""
    if any(quantity.unit == unit for quantity in quantities):
        return True
    places = [candidate.quote, *(span.quote for span in candidate.context)]
    for place in places:
        for token in tokenise(place):
            word = token.text
            if token.kind == "w" and (word == unit or ((known := find_unit(word)) is not None and known.name == unit)):
                return True
            if (token.text, unit) in (("%", "%"), ("times", "x"), ("fold", "x"), ("factor", "x")):
                return True
    return False


_LESS_IS_BETTER = (Metric.LATENCY, Metric.TIME, Metric.MEMORY, Metric.SIZE, Metric.COST)


def _ends_agree(magnitude: Magnitude, metric: Metric, direction: Direction) -> None:
    """A from-to of time, bytes or money must run the way its direction says."""
    old, new = magnitude.from_value, magnitude.to_value
    if old is None or new is None or metric not in (*_LESS_IS_BETTER, Metric.COVERAGE, Metric.THROUGHPUT):
        return
    known = BY_NAME.get(magnitude.unit)
    if known is None or (metric in _LESS_IS_BETTER) != (known.dim in (Dim.TIME, Dim.BYTES, Dim.MONEY)):
        return
    before, after = base_value(old, magnitude.unit), base_value(new, magnitude.to_unit)
    better = after < before if metric in _LESS_IS_BETTER else after > before
    if before != after and better != (direction is Direction.BETTER):
        raise Ungrounded("the direction contradicts the two ends")
