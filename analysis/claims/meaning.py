"""Which claims of a repository state one outcome, however they are worded (no Django).

The same saving is told in a title, again in a squashed commit, and again in the next pull. Two claims are one outcome
when they are copies of one sentence, when one change makes the same statement twice, or when direction, metric and
amount agree, they speak of the same thing, and their changes are near in time or name each other. Amounts agree in
base units (90 s and 1.5 min), and where one is what the other comes to: "from 20 min to 5 min" and "75% less".

In doubt two claims stay two: a merged outcome hides one of them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from analysis.claims import cues
from analysis.claims.lexicon import lexicon
from analysis.claims.outcome import canonical, plain
from analysis.claims.records import Dim, Kind, Magnitude
from analysis.claims.units import BY_NAME, UNITS, base_value

NEAR = dt.timedelta(days=45)
SHARED = 0.6  # of the words of the statement that has fewer
COMPARED = 50  # earlier claims of the same amount that a claim is compared with, so that copies cost no square
_FAMILY = {"latency": "duration", "time": "duration"}
_NUMBER = re.compile(r"[^\s\d]{0,2}\d[\w.,%]*")
_NAMES = re.compile(r"(?<![\w/])#\d{1,7}\b|(?<![\w-])[A-Z][A-Z]{1,9}-\d{1,6}(?![\w-])")
_WORD = re.compile(r"[a-z][a-z_-]+")
# Words that tell by how much, or of which metric, and not of what.
_EMPTY = lexicon("""
    a about across after all also an and annual annually any approx are as at average be been before but by
    can daily day each enable enables expected for from get has have impact in instead into is it its make
    makes median most new no not now of old on one only or our over overall per previously should so takes
    than that the their them then there these this through time to total under up use using via was we week
    weekly were when which while will with within year yearly vs versus compared runtime run runs latency
    performance speed memory usage size cost costs percent saving savings response duration seconds minutes
    hours typical feat fix perf chore refactor docs ci-cd achieve achieved achieves achieving complete
    completes
""") | frozenset(cues.POLARITY) | cues.FILLERS | frozenset(UNITS)  # fmt: skip
_ENDINGS = ("ings", "ing", "ers", "ed", "es", "s")


@dataclass(frozen=True, slots=True)
class Statement:
    """A stored claim as it is compared: ``sentence`` is what stands around the quote, ``text`` the names beside it."""

    id: int
    change: int
    at: dt.datetime
    metric: str
    direction: str
    amounts: tuple[Magnitude, ...]
    fingerprint: str
    sentence: str
    names: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Read:
    """A statement with its words and what it can be compared by."""

    said: Statement
    words: frozenset[str]
    keys: dict[tuple[object, ...], bool] = field(default_factory=dict)


def one_outcome_of(statements: Iterable[Statement]) -> dict[int, str]:
    """The outcome of each claim by its id: the fingerprint of the first claim that states it.

    Give the statements in a fixed order, oldest first: the first one of an outcome names it. Linear in the statements.
    """
    reads = [_Read(said, words_of(said.sentence), amount_keys(said.amounts)) for said in statements]
    order = {read.said.id: place for place, read in enumerate(reads)}
    parent = {read.said.id: read.said.id for read in reads}

    def root(id_: int) -> int:
        while parent[id_] != id_:
            parent[id_] = parent[parent[id_]]
            id_ = parent[id_]
        return id_

    for one, other in _pairs(reads):
        first, second = sorted((root(one), root(other)), key=order.__getitem__)
        parent[second] = first
    prints = {read.said.id: read.said.fingerprint for read in reads}
    return {id_: prints[root(id_)] for id_ in parent}


def _pairs(reads: Sequence[_Read]) -> Iterator[tuple[int, int]]:
    copies: dict[object, int] = {}
    nearby: dict[object, deque[_Read]] = defaultdict(lambda: deque(maxlen=COMPARED))
    for read in reads:
        said = read.said
        exact = (said.change, said.metric, said.direction, *(repr(canonical(amount)) for amount in said.amounts[:1]))
        for same in (said.fingerprint, exact):
            yield copies.setdefault(same, said.id), said.id
        seen: set[int] = set()
        for key in read.keys:
            for other in nearby[said.direction, key]:
                derived_both = read.keys[key] and other.keys[key]
                if other.said.id not in seen and not derived_both and one_meaning(other, read):
                    seen.add(other.said.id)
                    yield other.said.id, said.id
            nearby[said.direction, key].append(read)


def one_meaning(one: _Read, other: _Read) -> bool:
    """Whether two claims of one amount and direction speak of the same thing."""
    family, second = (_FAMILY.get(read.said.metric, read.said.metric) for read in (one, other))
    if family != second and "other" not in (family, second):
        return False
    shared = len(one.words & other.words)
    fewer = min(len(one.words), len(other.words))
    if one.said.change != other.said.change and one.said.names & other.said.names:
        return shared > 0 or (fewer == 0 and family == second)
    near = other.said.at - one.said.at <= NEAR
    return near and fewer > 0 and shared >= SHARED * fewer and (family == second or shared > 1)


def words_of(sentence: str) -> frozenset[str]:
    """What a sentence speaks of: its words without numbers, units, and words of more and less, by their stems."""
    words = _WORD.findall(plain(_NUMBER.sub(" ", sentence)))
    return frozenset(_stem(word) for word in words if word not in _EMPTY and len(word) > 1)


def _stem(word: str) -> str:
    ending = next((end for end in _ENDINGS if word.endswith(end) and len(word) - len(end) > 2), "")
    return word if word.endswith("ss") else word.removesuffix(ending)


def names_in(text: str) -> frozenset[str]:
    """Pulls, issues and tickets that a text names."""
    return frozenset(_NAMES.findall(text))


def amount_keys(amounts: Iterable[Magnitude]) -> dict[tuple[object, ...], bool]:
    """By what a claim can be found: {key: whether it only follows from what is stated}."""
    found: dict[tuple[object, ...], bool] = {}
    for amount in amounts:
        for key, derived in _keys(amount):
            found[key] = found.get(key, True) and derived
    return found


def _keys(amount: Magnitude) -> Iterator[tuple[tuple[object, ...], bool]]:
    exact = canonical(amount)
    if amount.kind is Kind.FROM_TO:
        if amount.from_value is not None and amount.to_value is not None:
            yield tuple(exact), False
            yield from _of_pair(amount, amount.from_value, amount.to_value)
    elif amount.value is not None:
        yield tuple(exact), False
        if amount.value_hi is None and amount.kind is Kind.RELATIVE_PCT:
            yield ("share", round(abs(amount.value))), False
        if amount.value_hi is None and amount.kind is Kind.FACTOR and amount.value > 1:
            yield ("times", float(f"{amount.value:.2g}")), False
            yield ("share", round(100 * (1 - 1 / amount.value))), True


def _of_pair(amount: Magnitude, first: float, last: float) -> Iterator[tuple[tuple[object, ...], bool]]:
    """What two values come to: a share, a factor, and a difference in base units."""
    one, other = BY_NAME.get(amount.unit), BY_NAME.get(amount.to_unit or amount.unit)
    if (one and other and one.dim is not other.dim) or (one and one.dim is Dim.PERCENT):
        return
    old, new = base_value(first, amount.unit), base_value(last, amount.to_unit or amount.unit)
    low, high = sorted((abs(old), abs(new)))
    if low > 0 and high > low:
        yield ("share", round(100 * abs(old - new) / abs(old))), True
        yield ("times", float(f"{high / low:.2g}")), True
        delta = Magnitude(Kind.ABSOLUTE_DELTA, value=float(f"{high - low:.9g}"), unit=_base_unit(amount.unit))
        yield tuple(canonical(delta)), True


def _base_unit(unit: str) -> str:
    """The name of the unit with scale one of the same dimension; an unknown unit stays."""
    known = BY_NAME.get(unit)
    if known is None:
        return unit
    return next((name for name, other in BY_NAME.items() if other.dim is known.dim and other.scale == 1), unit)
