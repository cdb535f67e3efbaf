"""From quantities to amounts: ranges, from-to pairs, and amounts that say the same thing twice.

"3 - 8%" is one amount, "30s -> 5s" is one, and "2.99 ms | 2.79 ms | 7.2%" is a group of two that must agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from analysis.claims import cues
from analysis.claims.lexicon import lexicon
from analysis.claims.records import Dim, Quantity
from analysis.claims.tokens import Token
from analysis.claims.units import UNITS

_LINKS = lexicon("( ) , | = : or a an i.e that is — – - for about so nearly over this roughly ~ ≈ [ ] it's overall "
                   "which like the i.e. total almost around saving i e s also another")  # fmt: skip
_ON_SOMETHING = lexicon("on in for under with")
_TO_FILLERS = cues.FILLERS | lexicon("took takes down up per ~ ( ) ≈ mere now")
_REVERSED = lexicon("was previously vs vs. versus before compared originally formerly instead against")


@dataclass(slots=True)
class Amount:
    """One amount: a single quantity or range (``to`` is None), or a pair. ``first`` and ``last`` are token indices."""

    first: int
    last: int
    of: Quantity
    to: Quantity | None = None
    cells: bool = False  # a pair of table cells, whose order the header decides

    @property
    def is_change(self) -> bool:
        return self.to is None and self.of.dim in (Dim.PERCENT, Dim.POINTS, Dim.FACTOR)


@dataclass(slots=True)
class Group:
    """Amounts that stand together as one statement; the first is the one that is reported."""

    amounts: list[Amount] = field(default_factory=list)

    @property
    def first(self) -> int:
        return min(amount.first for amount in self.amounts)

    @property
    def last(self) -> int:
        return max(amount.last for amount in self.amounts)


def find_amounts(tokens: list[Token]) -> list[Amount]:
    """The amounts of a sentence, left to right; pairs first, then what is left."""
    spots = [i for i, token in enumerate(tokens) if token.quantity is not None and token.quantity.dim is not Dim.OPAQUE]
    found: list[Amount] = []
    position = 0
    while position < len(spots):
        pair = _pair(tokens, spots, position)
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


def _arrow_between(tokens: list[Token], one: int, other: int) -> bool:
    return other - one == 2 and tokens[one + 1].kind == "a"


def _partner(tokens: list[Token], spots: list[int], position: int) -> int:
    """The next quantity; of "Before: 6 kB (gzip: 2 kB) After: 5 kB" the one behind the parenthesis."""
    left, right = spots[position], spots[position + 1]
    between = [token.text for token in tokens[left + 1 : right]]
    if position + 2 < len(spots) and "(" in between and ")" not in between and ":" in between:
        beyond = spots[position + 2]
        skipped = [token.text.lower() for token in tokens[right + 1 : beyond]]
        if ")" in skipped and "after" in skipped:
            return beyond
    return right


def _pair(tokens: list[Token], spots: list[int], position: int) -> Amount | None:
    if position + 1 >= len(spots):
        return None
    left, right = spots[position], _partner(tokens, spots, position)
    one, two = tokens[left].quantity, tokens[right].quantity
    if one is None or two is None or right - left > 16:
        return None
    if not _same_kind(one, two):
        return None
    between = tokens[left + 1 : right]
    words = [token.text if token.kind != "a" else "→" for token in between]
    before = [token.text for token in tokens[max(0, left - 6) : left]]
    if before[-1:] and before[-1].startswith("sav"):
        return None  # "save 10 MB down to 55 MB": the first is what was saved
    then_now = {"now", "after"} & set(words) and {"before", "previously"} & set(words)  # "12 min before, now 5"
    order = 1 if then_now else _order(words, before, tokens, right)
    if order == 0:
        return None
    first = left
    if order > 0 and not any(w == "→" for w in words):
        first = _start_of_pair(before, left)
    share_unit(one, two)
    return Amount(first, right, one, two) if order > 0 else Amount(left, right, two, one)


def share_unit(one: Quantity, two: Quantity) -> None:
    """In "from 136 bytes to 104" and "5 -> 3 minutes" the bare number has the unit of the other one."""
    for bare, other in ((one, two), (two, one)):
        if bare.dim is Dim.COUNT and not bare.unit and other.dim is not Dim.COUNT:
            bare.dim, bare.unit = other.dim, other.unit


def _same_kind(one: Quantity, two: Quantity) -> bool:
    if one.dim is two.dim:
        return one.dim is not Dim.FACTOR
    bare_one, bare_two = one.dim is Dim.COUNT and not one.unit, two.dim is Dim.COUNT and not two.unit
    return (bare_one or bare_two) and Dim.FACTOR not in (one.dim, two.dim) and Dim.POINTS not in (one.dim, two.dim)


def _start_of_pair(before: list[str], left: int) -> int:
    """The token where the pair begins: its "from" or "before" where that stands close by."""
    for back, word in enumerate(reversed(before), 1):
        if word in ("from", "before", "instead"):
            return left - back
    return left


def _order(words: list[str], before: list[str], tokens: list[Token], right: int) -> int:
    """1 where the left number is the old one, -1 where the right one is, 0 where the two are no pair."""
    plain = [word for word in words if word not in ("(", ")", "`", ":", ",", "main", "[", "]")]
    if "→" in plain and len(plain) <= 4 and "|" not in plain:
        return 1
    if any(word in (";", "|", ".") for word in words) and "after" not in words and "now" not in words:
        return 0
    near = before[-4:]
    if words[-2:] == ["down", "to"] and len(words) <= 5:
        return 1
    after = [token.text for token in tokens[right + 1 : right + 4]]
    if words[:2] == ["(", "before"] and after[:2] == ["(", "after"]:
        return 1
    if "to" in words:
        tail = words[words.index("to") + 1 :]
        fine = all(word in _TO_FILLERS for word in tail)
        if fine and ("from" in near or "from" in before) and len(words) <= 9 and "by" not in words:
            return 1
        if near[-1:] in (["took"], ["takes"], ["taking"]) and "now" not in words:
            return 0
        if fine and len(plain) <= 3 and all(word in _TO_FILLERS or word.startswith("per") for word in plain):
            return 1
        return 0
    if ("before" in before or "instead" in before) and (
        "after" in words or "takes" in words or "now" in words or "only" in words
    ):
        return 1
    return _reverse_order(words, before, tokens, right)


_PAST = lexicon("before main previously baseline master old previous originally earlier")


def _reverse_order(words: list[str], before: list[str], tokens: list[Token], right: int) -> int:
    quantity = tokens[right].quantity
    percent = "%" if quantity is not None and quantity.dim is Dim.PERCENT else ""
    after = [token.text for token in tokens[right + 1 : right + 5]]
    short = len(words) <= 6
    if words[-1:] == ["from"] and after[:1] == ["to"]:
        return 0
    if short and ("from" in words and ("down" in words or "up" in words)):
        return -1
    if short and "instead" in words and "of" in words:
        return -1
    if short and any(word in _REVERSED for word in words) and "not" not in words:
        past = not (_PAST.isdisjoint(after) and _PAST.isdisjoint(words))
        if {"compared", "against"} & set(words) and not past:
            return 0
        if {"vs", "vs.", "versus"} & set(words):
            if {"before", "main", "previously", "baseline", "master", "old"} & set(after):
                return -1
            if {"after", "now", "new"} & set(after):
                return 1
            stated = tokens[right - len(words) - 3].quantity if right - len(words) >= 3 else None
            aside = "(" in before[-1:] and ((before[-2:-1] and before[-2] in cues.POLARITY) or stated is not None)
            return -1 if past or {"now", "new"} & set(before) or (aside and percent == "") else 0
        return -1
    old_left = bool({"previously", "used", "took", "was", "before", "originally"} & set(before))
    if old_left and {"now", "after"} & set(words):
        return 1
    if {"now", "takes"} & set(before) and {"previously", "was", "took", "before"} & set(words):
        return -1
    if {"now"} & set(before) and {"before", "previously"} & set(after) and len(words) <= 8:
        return -1
    return 0


def group_amounts(tokens: list[Token], amounts: list[Amount]) -> list[Group]:
    """Amounts that restate each other ("6.2% (27.96 MB to 26.23 MB)") in one group each."""
    groups: list[Group] = []
    for amount in amounts:
        previous = groups[-1].amounts[-1] if groups else None
        if previous is not None and len(groups[-1].amounts) < 3 and _restates(tokens, previous, amount, groups[-1]):
            groups[-1].amounts.append(amount)
        else:
            groups.append(Group([amount]))
    return groups


def _restates(tokens: list[Token], one: Amount, two: Amount, group: Group) -> bool:
    between = [token.text if token.kind != "a" else "→" for token in tokens[one.last + 1 : two.first]]
    between = _without_spread(between) if one.cells else _without_aside(between, one, two.to is not None)
    if len(between) > 5 or any(word not in _LINKS for word in between) or "[" in between:
        return False
    if one.to is not None and two.to is None and not two.is_change and not one.cells:
        return two.of.sign != 0 and two.of.dim in (one.of.dim, Dim.COUNT) and ":" not in between
    if "|" in between:
        paired = one.to is not None and (two.is_change or (one.cells and two.to is None))
        return paired and len(between) <= 2
    if group.amounts[0].cells and two.is_change and one.to is None:
        return "|" in between and len(between) <= 2
    if one.to is None and one.of.dim is Dim.COUNT:
        return False
    if two.to is None and two.of.dim is Dim.COUNT and not one.cells and not (one.to is not None and two.of.sign):
        return False  # "(1-word names)" restates nothing
    kinds = {_shape(amount) for amount in group.amounts}
    if _shape(two) in kinds:
        return False
    if not between or between == ["going"]:
        sums = one.to is None and two.to is not None and one.of.dim is two.of.dim  # "by 1 MB from 10 MB to 9 MB"
        return sums or two.is_change or one.is_change
    if ":" in between and len(between) == 1 and one.to is None:
        return False
    both_levels = not (one.is_change or two.is_change or one.to or two.to)
    return not both_levels and ("," not in between or one.to is not None or "or" in between or "a" in between
                                or two.is_change or two.to is not None)  # fmt: skip


def _without_spread(between: list[str]) -> list[str]:
    """The marks between two cells, without the spread of the first: "249.0 (233-249) | 1.8x"."""
    return between[between.index("|") :] if "|" in between else between


_OVERALL = lexicon("total overall from over vs than main master before ,")


def _without_aside(between: list[str], one: Amount, pair_follows: bool) -> list[str]:
    """What links two amounts, without the cue of the first ("50x speedup (from ...") and without "on Linux ("."""
    if (
        one.is_change
        and pair_follows
        and 0 < len(between) <= 5
        and all(word in cues.POLARITY or word in _OVERALL for word in between)
    ):
        return []
    if "(" not in between:
        return between
    opening = between.index("(")
    aside = between[:opening]
    if one.to is not None and len(aside) <= 3 and aside[:1] and aside[0] in _ON_SOMETHING:
        return between[opening:]
    if one.to is not None and one.of.dim is Dim.COUNT and len(aside) <= 2:
        return between[opening:]
    if (
        one.to is None
        and aside[:1]
        and aside[0] in cues.POLARITY
        and (len(aside) == 1 or (len(aside) <= 5 and aside[1] in _ON_SOMETHING))
    ):
        return between[opening:]
    return between


def _shape(amount: Amount) -> str:
    if amount.to is not None:
        return "pair"
    return amount.of.dim.value


def unit_words(tokens: list[Token]) -> list[tuple[int, str]]:
    """Positions of bare unit words ("minutes"), which stand for an unknown number of that unit."""
    return [
        (i, UNITS[token.text].name)
        for i, token in enumerate(tokens)
        if token.kind == "w" and token.text in ("seconds", "minutes", "hours", "days", "milliseconds", "weeks")
    ]
