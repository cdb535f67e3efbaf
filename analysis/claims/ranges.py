"""Ranges and spreads: "3 - 8%" is one amount, and of "365 ms +- 15 ms" only the first number counts."""

from __future__ import annotations

from analysis.claims.lexicon import lexicon
from analysis.claims.records import Dim, Quantity
from analysis.claims.tokens import Token
from analysis.claims.units import SCALES, base_value

_DASHES = frozenset("-–—−")
_RANGE_WORDS = _DASHES | {"~", "or", "..", "…"}
_MOVED = lexicon("from went goes gone dropped grew increased decreased")
_SPREADS = lexicon(
    "reductions speedups gains savings improvements ranging ranges ranged regressions slowdowns anywhere speed-ups"
)


def _compatible(one: Quantity, other: Quantity) -> bool:
    if Dim.OPAQUE in (one.dim, other.dim):
        return False
    return one.dim is other.dim or (one.dim is Dim.COUNT and not one.unit)


def _merged(one: Quantity, other: Quantity) -> Quantity:
    """The range from ``one`` to ``other``; a bare first number takes the unit and the scale of the second."""
    high = other.value
    if one.unit and other.unit and one.unit != other.unit and high is not None:  # "40s-2min"
        high = base_value(high, other.unit) / base_value(1.0, one.unit)
    unit = one.unit or other.unit
    merged = Quantity(one.start, other.end, other.dim, one.value, high, unit, one.sign)
    merged.approx, merged.step, merged.bound = one.approx or other.approx, max(one.step, other.step), one.bound
    return merged


def merge_ranges(tokens: list[Token], text: str) -> list[Token]:
    """Join "3 - 8%", "1%-3%", "2 to 3 min" and "between 5 and 10x" into one token each."""
    found: list[Token] = []
    position, count = 0, len(tokens)
    while position < count:
        token = tokens[position]
        one = token.quantity
        if one is None or one.dim is Dim.OPAQUE or one.value is None:
            found.append(token)
            position += 1
            continue
        length = _range_length(tokens, position, text, found[-1].text if found else "")
        if not length:
            found.append(token)
            position += 1
            continue
        last = tokens[position + length - 1]
        assert last.quantity is not None  # noqa: S101  _range_length looked
        _share_scale(one, last.quantity, text)
        found.append(Token("q", "", token.start, last.end, _merged(one, last.quantity)))
        position += length
    return found


def _share_scale(one: Quantity, other: Quantity, text: str) -> None:
    """Of "870-880K" the first number is meant in thousands too."""
    scale = SCALES.get(text[other.end - 1])
    bare = one.dim is other.dim is Dim.COUNT and one.value is not None and text[one.end - 1].isdigit()
    if scale and bare and text[other.end - 2].isdigit():
        one.value, one.step = (one.value or 0.0) * scale, one.step * scale


def drop_spreads(tokens: list[Token]) -> list[Token]:
    """Of "365 ms +- 15 ms" and "18.2 ± 0.6" the first number alone: the second is its spread."""
    found: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        words = [other.text for other in tokens[position + 1 : position + 3]]
        marks = 1 if words[:1] == ["±"] else 2 if words in (["+", "-"], ["(", "±"]) else 0
        spread = tokens[position + 1 + marks : position + 2 + marks]
        found.append(token)
        position += 1
        if marks and token.quantity is not None and spread and spread[0].quantity is not None:
            if token.quantity.dim is Dim.COUNT and not token.quantity.unit:
                token.quantity.dim, token.quantity.unit = spread[0].quantity.dim, spread[0].quantity.unit
            token.end = spread[0].end
            position += marks + 1
            position += words == ["(", "±"] and [other.text for other in tokens[position : position + 1]] == [")"]
    return found


def _range_length(tokens: list[Token], position: int, text: str, before: str) -> int:
    """How many tokens the range that starts at ``position`` has, or 0."""
    one = tokens[position].quantity
    follow = tokens[position + 1] if position + 1 < len(tokens) else None
    if one is None or follow is None:
        return 0
    two = follow.quantity
    joined = two is not None and two.start == one.end and (two.sign < 0 or text[two.start] == "~")
    if two is not None and joined and _compatible(one, two):
        return 2
    third = tokens[position + 2] if position + 2 < len(tokens) else None
    other = third.quantity if third else None
    if third is None or other is None or not _compatible(one, other):
        return 0
    if follow.text in _RANGE_WORDS and ((one.dim is other.dim and one.unit) or other.unit):
        return 3
    bare = one.dim is Dim.COUNT and not one.unit and other.dim is not Dim.COUNT
    if follow.text == "to" and (before not in ("from", "went") or _spread(tokens, position)):
        changes = other.dim in (Dim.PERCENT, Dim.FACTOR) and (
            (one.dim is other.dim is Dim.FACTOR and before not in _MOVED)
            or before in ("by", "of", "about", "from", "between")
            or one.sign == other.sign != 0
        )
        return 3 if bare or changes else 0
    if follow.text == "and" and before == "between":
        return 3 if one.dim is other.dim or bare else 0
    return 0


def _spread(tokens: list[Token], position: int) -> bool:
    """As in "speedups from 2x to 5x" and "ranging from 3% to 8%" are ranges of changes."""
    return position > 1 and tokens[position - 2].text in _SPREADS
