"""From the quantities of a sentence to its amounts: which two are the old and the new value of one thing."""

from __future__ import annotations

from analysis.claims import agreement, cues
from analysis.claims.amounts import Amount
from analysis.claims.lexicon import lexicon
from analysis.claims.order import REVERSED, between, label, order
from analysis.claims.records import Dim, Quantity
from analysis.claims.tokens import Token
from analysis.claims.units import same_dimension


def find_amounts(tokens: list[Token]) -> list[Amount]:
    """The amounts of a sentence, left to right; pairs first, then what is left."""
    spots = [i for i, token in enumerate(tokens) if token.quantity is not None and token.quantity.dim is not Dim.OPAQUE]
    found: list[Amount] = []
    position = 0
    while position < len(spots):
        pair = _amount_pair(tokens, spots, position)
        if pair is not None:
            found.append(pair)
            position = spots.index(max(pair.last, pair.first)) + 1
            while position < len(spots) and _arrow_between(tokens, spots[position - 1], spots[position]):
                pair.to, pair.last = tokens[spots[position]].quantity, spots[position]
                position += 1
            continue
        quantity = tokens[spots[position]].quantity
        assert quantity is not None  # noqa: S101  spots holds quantities only
        found.append(Amount(spots[position], spots[position], quantity))
        position += 1
    return found


def _amount_pair(tokens: list[Token], spots: list[int], position: int) -> Amount | None:
    """A pair by its words, or by its numbers; "vs" says nothing of the order, so there the numbers go first."""
    if position + 1 < len(spots):
        words = {token.text for token in tokens[spots[position] + 1 : spots[position + 1]]}
        if not _UNORDERED.isdisjoint(words):
            return _vouched(tokens, spots, position) or _pair(tokens, spots, position)
    return _pair(tokens, spots, position) or _vouched(tokens, spots, position)


_UNORDERED = frozenset(("vs", "vs.", "versus"))


def _arrow_between(tokens: list[Token], one: int, other: int) -> bool:
    return other - one == 2 and tokens[one + 1].kind == "a"


def _partner(tokens: list[Token], spots: list[int], position: int) -> tuple[int, range]:
    """The next quantity, and the aside that was passed: of "1.4 ms (65% of it) to 625 us" the one behind it.

    Of "Before: 6 kB (gzip: 2 kB) After: 5 kB" likewise: what stands in parentheses is no end of the pair.
    """
    left, right = spots[position], spots[position + 1]
    opening = left + 1
    onward = _from_to(tokens, spots, position)
    if onward > right:
        return onward, range(left + 1, onward - 1)
    if tokens[opening].text != "(" or right <= opening or position + 2 >= len(spots):
        return right, range(0)
    closing = next((i for i in range(opening, min(opening + 9, len(tokens))) if tokens[i].text == ")"), -1)
    if closing < right:
        return right, range(0)
    beyond = next((spot for spot in spots[position + 2 :] if spot > closing), -1)
    linked = [token.text.lower() if token.kind != "a" else "→" for token in tokens[closing + 1 : beyond]]
    if beyond < 0 or len(linked) > 4 or not {"to", "→", "after"} & set(linked):
        return right, range(0)
    return beyond, range(opening, closing + 1)


def _from_to(tokens: list[Token], spots: list[int], position: int) -> int:
    """Of "from 10 s for 400 entries to 2 s" the number after the "to", or -1."""
    left = spots[position]
    one = tokens[left].quantity
    if one is not None and not {"took", "takes"}.isdisjoint(token.text for token in tokens[max(0, left - 3) : left]):
        return _took_takes(tokens, spots, position, one)
    if left == 0 or tokens[left - 1].text != "from" or tokens[left + 1].text == "to" or one is None:
        return -1
    for spot in spots[position + 1 : position + 3]:
        two = tokens[spot].quantity
        measured = two is not None and one.dim is two.dim and one.dim not in (Dim.COUNT, Dim.FACTOR)
        if measured and tokens[spot - 1].text == "to" and spot - left <= 10:
            return spot
    return -1


def _took_takes(tokens: list[Token], spots: list[int], position: int, one: Quantity) -> int:
    """Of "it took 75 s (at 100 MB/s), whereas now it takes 10 s" the number after "takes", or -1."""
    left = spots[position]
    for spot in spots[position + 1 : position + 4]:
        two = tokens[spot].quantity
        words = [token.text for token in tokens[left + 1 : spot]]
        near = {"take", "takes", "took"} & set(words[-3:])
        if (
            two is not None
            and two.dim is one.dim
            and near
            and not {"now", "after"}.isdisjoint(words)
            and len(words) < 28
        ):
            return spot
    return -1


def _pair(tokens: list[Token], spots: list[int], position: int) -> Amount | None:
    if position + 1 >= len(spots):
        return None
    left = spots[position]
    right, skipped = _partner(tokens, spots, position)
    one, two = tokens[left].quantity, tokens[right].quantity
    if one is None or two is None or right - left > 16 + len(skipped) or not _same_kind(one, two):
        return None
    place = between(tokens, left, right, skipped=skipped)
    if place.before[-1:] and place.before[-1].startswith("sav"):
        return None  # "save 10 MB down to 55 MB": the first is what was saved
    which = order(place)
    if which == 0 or not _comparable(tokens, left, right):
        return None
    first = left
    if which > 0 and "→" not in place.words:
        first = _start_of_pair(place.before, left)
    share_unit(one, two)
    return Amount(first, right, one, two) if which > 0 else Amount(left, right, two, one)


def share_unit(one: Quantity, two: Quantity) -> None:
    """In "from 136 bytes to 104" and "5 -> 3 minutes" the bare number has the unit of the other one."""
    for bare, other in ((one, two), (two, one)):
        if bare.dim is Dim.COUNT and not bare.unit and other.dim is not Dim.COUNT:
            bare.dim, bare.unit = other.dim, other.unit


def _same_kind(one: Quantity, two: Quantity) -> bool:
    if one.dim is Dim.RATE and two.dim is Dim.RATE:
        return same_dimension(one.unit, two.unit)
    if one.dim is two.dim:
        return one.dim is not Dim.FACTOR
    bare_one, bare_two = one.dim is Dim.COUNT and not one.unit, two.dim is Dim.COUNT and not two.unit
    return (bare_one or bare_two) and Dim.FACTOR not in (one.dim, two.dim) and Dim.POINTS not in (one.dim, two.dim)


_NO_NOUNS = lexicon("this plus across versus thus always perhaps")
_FARTHEST = 1e4  # two ends further apart than this, one of them without a unit, measure different things


def _comparable(tokens: list[Token], left: int, right: int) -> bool:
    """Whether a bare number can have the unit of the other end: not "2 seconds instead of 100 frames"."""
    one, two = tokens[left].quantity, tokens[right].quantity
    if one is None or two is None or one.dim is two.dim:
        return True
    bare, measured = (left, two) if one.dim is Dim.COUNT else (right, one)
    follow = tokens[bare + 1].text if bare + 1 < len(tokens) and tokens[bare + 1].kind == "w" else ""
    if len(follow) > 3 and follow.endswith("s") and not cues.POLARITY.get(follow) and follow not in _NO_NOUNS:
        return False
    small, large = sorted((abs(tokens[bare].quantity.value or 0.0), abs(measured.value or 0.0)))  # type: ignore[union-attr]
    return small == 0 or large / small < _FARTHEST


_NO_NOUNS = lexicon("this plus across versus thus always perhaps")


_APART = frozenset((";", "of", "/", "|", "→"))


def _vouched(tokens: list[Token], spots: list[int], position: int) -> Amount | None:
    """Two numbers that a third one behind them proves to be a pair: "292697 vs. 280267 (+4.4%)"."""
    for third in (position + 2, position - 1):  # the change stands behind the two, or before them
        if 0 <= third < len(spots) and position + 1 < len(spots):
            pair = _proved_by(tokens, spots[position], spots[position + 1], spots[third])
            if pair is not None:
                return pair
    return None


def _proved_by(tokens: list[Token], left: int, right: int, third: int) -> Amount | None:
    one, two, change = tokens[left].quantity, tokens[right].quantity, tokens[third].quantity
    near = 0 < third - right <= 6 or 0 < left - third <= 6
    if one is None or two is None or change is None or right - left > 8 or not near:
        return None
    if not _same_kind(one, two) or (one.high or two.high) is not None:
        return None
    words = [token.text for token in tokens[min(left, third) + 1 : max(right, third)]]
    if _counted(tokens, left) and _counted(tokens, right) and _counted(tokens, left) != _counted(tokens, right):
        return None  # "78,760 walks producing 1,566 finds, so 98%": two different things
    if not _APART.isdisjoint(words) or not _telling(one, two, change) or not agreement.vouches(one, two, change):
        return None
    labels = label(tokens, max(0, left - 5), left), label(tokens, left + 1, right)
    reversed_ = labels[0] > labels[1] or (labels == (0, 0) and change.sign != 0 and agreement.grows(two, one, change)
                                          and not agreement.grows(one, two, change))  # fmt: skip
    if (
        not reversed_
        and labels == (0, 0)
        and not change.sign
        and not REVERSED.isdisjoint(token.text for token in tokens[left + 1 : right])
    ):
        reversed_ = True
    share_unit(one, two)
    return Amount(left, right, two, one) if reversed_ else Amount(left, right, one, two)


def _telling(one: Quantity, two: Quantity, change: Quantity) -> bool:
    """Whether the three are too particular to agree by chance: units, or counts of three digits and more."""
    if change.dim not in (Dim.PERCENT, Dim.FACTOR):
        return False
    long = min(abs(one.value or 0.0), abs(two.value or 0.0)) >= 100
    return one.dim in (Dim.TIME, Dim.BYTES, Dim.RATE, Dim.MONEY) or (one.dim is Dim.COUNT and long)


def _counted(tokens: list[Token], spot: int) -> str:
    """The plural behind a number: what it counts."""
    follow = tokens[spot + 1].text if spot + 1 < len(tokens) and tokens[spot + 1].kind == "w" else ""
    return follow if follow.endswith("s") and len(follow) > 3 and follow not in _NO_NOUNS else ""


def _start_of_pair(before: list[str], left: int) -> int:
    """The token where the pair begins: its "from" or "before" where that stands close by."""
    for back, word in enumerate(reversed(before), 1):
        if word in ("from", "before", "instead"):
            return left - back
    return left
