"""Which amounts of a sentence are one statement: "by 6.2% (27.96 MB to 26.23 MB)" is quoted once."""

from __future__ import annotations

from analysis.claims import agreement, cues
from analysis.claims.amounts import Amount, Group
from analysis.claims.lexicon import lexicon
from analysis.claims.records import Dim
from analysis.claims.tokens import Token

_LINKS = lexicon("( ) , | = : or a an i.e that is — – - for about so nearly over this roughly ~ ≈ [ ] it's overall "
                   "which like the i.e. total almost around saving i e s also another")  # fmt: skip
_ON_SOMETHING = lexicon("on in for under with")


def group_amounts(tokens: list[Token], amounts: list[Amount]) -> list[Group]:
    """Amounts that are one statement in one group each: "6.2% (27.96 MB to 26.23 MB)".

    They are where the second only restates the first, and wherever the numbers themselves prove it: a pair and the
    change between its ends, "19.3 min -> 13.2 min (saved 6.1 min, 32% faster)", whatever words stand between.
    """
    groups: list[Group] = []
    for amount in amounts:
        last = _last_measured(groups)
        if groups and len(groups[-1].amounts) < 4 and _belongs(tokens, groups[-1], amount):
            _add(groups[-1], amount)
        elif 0 <= last < len(groups) - 1 and _spans(tokens, groups[last], amount):
            del groups[last + 1 :]  # "a 16% speedup with 10,000 rows (24 ms to 20.7 ms)": the rows are no statement
            groups[last].amounts.append(amount)
        else:
            groups.append(Group([amount]))
    return groups


def _add(group: Group, amount: Amount) -> None:
    """Append; but the change goes before a bare number: of "by 3.6K (31.7%)" the 31.7% is reported."""
    first = group.amounts[0]
    bare = len(group.amounts) == 1 and first.to is None and first.of.dim is Dim.COUNT and amount.is_change
    group.amounts.insert(0 if bare else len(group.amounts), amount)


def _last_measured(groups: list[Group]) -> int:
    """The last group that is more than a bare count, or -1."""
    return next(
        (
            place
            for place in range(len(groups) - 1, -1, -1)
            if groups[place].amounts[0].to is not None or groups[place].amounts[0].of.dim is not Dim.COUNT
        ),
        -1,
    )


def _spans(tokens: list[Token], group: Group, amount: Amount) -> bool:
    words = [token.text for token in tokens[group.last + 1 : amount.first]]
    return len(words) <= _REACH + 4 and len(group.amounts) < 3 and _proved(words, group, amount)


def _belongs(tokens: list[Token], group: Group, amount: Amount) -> bool:
    previous = group.amounts[-1]
    if previous.of.dim is Dim.FACTOR and previous.first and tokens[previous.first - 1].text == "to":
        return False  # "to 4 times the workers (from 9 s to 3 s)": a setting, and what it did
    if len(group.amounts) < 3 and _restates(tokens, previous, amount, group):
        return True
    if amount.first - group.last > _REACH:
        return False
    words = [token.text for token in tokens[group.last + 1 : amount.first]]
    return (
        _proved(words, group, amount) or _in_apposition(words, group, amount) or _reached(tokens, words, group, amount)
    )


_REACH = 14  # tokens between two amounts of one statement
_BREAKS = frozenset((";", "|", "and", "while", "but", "whereas"))


def _proved(words: list[str], group: Group, amount: Amount) -> bool:
    """Whether the group and the amount are a pair and the change between its ends: the numbers vouch for it."""
    if not _BREAKS.isdisjoint(words) or _shape(amount) in {_shape(other) for other in group.amounts}:
        return False
    pair = amount if amount.to is not None else next((other for other in group.amounts if other.to is not None), None)
    if pair is None or pair.to is None:
        return False
    changes = group.amounts if pair is amount else [amount]
    return all(change.to is None and agreement.vouches(pair.of, pair.to, change.of) for change in changes)


def proven(group: Group) -> bool:
    """Whether the numbers of a group show by themselves that one thing moved from one value to another."""
    pair = next((amount for amount in group.amounts if amount.to is not None), None)
    changes = [amount for amount in group.amounts if amount.to is None]
    if pair is None or pair.to is None or not changes or pair.of.dim is Dim.PERCENT:
        return False
    return any(agreement.vouches(pair.of, pair.to, change.of) for change in changes)


def _in_apposition(words: list[str], group: Group, amount: Amount) -> bool:
    """As in "a reduction from 1.2 ms to 770 us is seen, a 41.6% improvement"."""
    paired = len(group.amounts) == 1 and group.amounts[0].to is not None and amount.is_change
    return paired and len(words) <= 6 and words[-2:] in ([",", "a"], [",", "an"]) and _BREAKS.isdisjoint(words)


def _reached(tokens: list[Token], words: list[str], group: Group, amount: Amount) -> bool:
    """As in "reduces the time by 5x to 3.9 s": by how much, and the level that it reaches."""
    first = group.amounts[0]
    changed = len(group.amounts) == 1 and first.to is None and amount.of.dim in (Dim.TIME, Dim.BYTES, Dim.COUNT)
    begin = first.first
    return (
        changed
        and amount.to is None
        and words in (["to"], ["down", "to"], ["(", "down", "to"], ["up", "to"], ["(", "up", "to"])
        and "by" in [token.text for token in tokens[max(0, begin - 2) : begin]]
    )


def _restates(tokens: list[Token], one: Amount, two: Amount, group: Group) -> bool:
    between = [token.text if token.kind != "a" else "→" for token in tokens[one.last + 1 : two.first]]
    if _sums_up_saving(between, one, two):
        return True
    between = _links(between, one, two)
    if len(between) > 5 or any(word not in _LINKS for word in between) or "[" in between:
        return False
    return _restates_linked(tokens, between, one, two, group)


def _links(between: list[str], one: Amount, two: Amount) -> list[str]:
    """The words and marks between two amounts, without what does not part them."""
    between = [word for place, word in enumerate(between) if word != "." or not place or between[place - 1] != "i.e"]
    return _without_spread(between) if one.cells else _without_aside(between, one, two.to is not None)


def _restates_linked(tokens: list[Token], between: list[str], one: Amount, two: Amount, group: Group) -> bool:
    if one.to is not None and two.to is None and not two.is_change and not one.cells:
        return two.of.sign != 0 and two.of.dim in (one.of.dim, Dim.COUNT) and ":" not in between
    if "|" in between:
        paired = one.to is not None and (two.is_change or (one.cells and two.to is None))
        return paired and len(between) <= 2
    if group.amounts[0].cells and two.is_change and one.to is None:
        return "|" in between and len(between) <= 2
    if (
        one.to is None
        and not one.is_change
        and two.is_change
        and between[:1] in (["("], [","])
        and not _governed(tokens, one)
    ):
        return False  # "1.36 ms (36% faster)": the level is no part of the change
    if one.to is None and one.of.dim is Dim.COUNT:
        by = one.first > 0 and tokens[one.first - 1].text == "by"
        return by and between[:1] == ["("] and two.is_change  # "shrinks by 3.6K (31.7%)"
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


_SAVED = lexicon("saved freed reclaimed reduction saving savings smaller less")


def _sums_up_saving(between: list[str], one: Amount, two: Amount) -> bool:
    """As in "20 GB of space saved (38% reduction)"."""
    absolute = one.to is None and one.of.dim in (Dim.TIME, Dim.BYTES, Dim.MONEY)
    aside = between[-1:] == ["("] and 1 < len(between) <= 5
    return absolute and two.is_change and aside and between[-2] in _SAVED


_GOVERNS = cues.FILLERS | lexicon("by of saves saving saved save cut cuts shaves adds added is : = delta")


def _governed(tokens: list[Token], amount: Amount) -> bool:
    """Whether the word before an amount says that it is a difference: "by 3 MB", "a saving of 3 MB", "-3 MB"."""
    before = tokens[amount.first - 1].text if amount.first else ""
    return amount.of.sign != 0 or amount.cells or before in _GOVERNS or before in cues.POLARITY


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
