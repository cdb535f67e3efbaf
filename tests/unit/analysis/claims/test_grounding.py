"""Nothing becomes a claim unless it stands in the text, whoever proposes it."""

import dataclasses
import math

import pytest

from analysis.claims.extractor import extract
from analysis.claims.grounding import Claim, ground
from analysis.claims.records import Candidate, Context, Kind, Magnitude, Metric, Proposal, Reason, Refusal, Span, State

TEXT = "The build (see #1234, v2.3.1, port 8080) went from 30 s to 5 s. Memory fell by 12,500 kB, i.e. 20-30%. 🚀 OK"
PAIR = "from 30 s to 5 s"
SHARE = "fell by 12,500 kB, i.e. 20-30%"


def at(quote: str, text: str = TEXT) -> tuple[int, int]:
    start = text.index(quote)
    return start, start + len(quote)


def pair(**changes: object) -> Candidate:
    start, end = at(PAIR)
    magnitude = Magnitude(Kind.FROM_TO, from_value=30, to_value=5, unit="s", to_unit="s")
    return dataclasses.replace(Candidate(start, end, PAIR, "time", "better", magnitude), **changes)


def share(**changes: object) -> Candidate:
    start, end = at(SHARE)
    return dataclasses.replace(
        Candidate(start, end, SHARE, "memory", "better", Magnitude(Kind.RELATIVE_PCT, 20, 30, unit="%")), **changes
    )


def pct(*values: object, unit: object = "%") -> Magnitude:
    return Magnitude(Kind.RELATIVE_PCT, *values, unit=unit)  # type: ignore[arg-type]


def ends(old: object, new: object, unit: object = "s", to_unit: object = "s") -> Magnitude:
    return Magnitude(Kind.FROM_TO, from_value=old, to_value=new, unit=unit, to_unit=to_unit)  # type: ignore[arg-type]


def quoted(quote: str, magnitude: Magnitude, metric: str = "time") -> Candidate:
    start, end = at(quote)
    return Candidate(start, end, quote, metric, "better", magnitude)


LIES: dict[str, Candidate] = {
    "another number": pair(magnitude=ends(300, 5)),
    "a rounded number": share(magnitude=pct(25)),
    "a sharpened number": share(magnitude=pct(29.9)),
    "the wrong end": share(magnitude=pct(20, 35)),
    "a range that runs backwards": share(magnitude=pct(30, 20)),
    "ends with another unit": pair(magnitude=ends(30, 5, "min", "min")),
    "one end with another unit": pair(magnitude=ends(30, 5, "s", "ms")),
    "an invented third end": pair(
        magnitude=Magnitude(Kind.FROM_TO, 30, from_value=30, to_value=5, unit="s", to_unit="s")
    ),
    "a from-to without numbers": pair(magnitude=ends(None, None)),
    "no number at all": pair(magnitude=Magnitude(Kind.FACTOR, unit="x")),
    "a factor computed by itself": pair(magnitude=Magnitude(Kind.FACTOR, 6, unit="x")),
    "a percentage computed by itself": pair(magnitude=pct(83.3)),
    "a percentage called a factor": share(magnitude=Magnitude(Kind.FACTOR, 20, unit="x")),
    "a percentage in another unit": share(magnitude=pct(20, unit="pp")),
    "a bare percentage": share(magnitude=pct(20, unit="")),
    "an absolute percentage": share(magnitude=Magnitude(Kind.ABSOLUTE_DELTA, 20, unit="%")),
    "bytes scaled by a thousand": share(magnitude=Magnitude(Kind.ABSOLUTE_DELTA, 12500, unit="MB")),
    "bytes scaled down": share(magnitude=Magnitude(Kind.ABSOLUTE_DELTA, 12.5, unit="kB")),
    "half of a grouped number": quoted("500 kB", Magnitude(Kind.ABSOLUTE_DELTA, 500, unit="kB"), "memory"),
    "the head of a number": quoted("12,500 k", Magnitude(Kind.ABSOLUTE_DELTA, 12500, unit="k"), "memory"),
    "the head of a range": quoted("by 12", Magnitude(Kind.ABSOLUTE_DELTA, 12, unit="kB"), "memory"),
    "the issue's number": quoted("#1234", Magnitude(Kind.ABSOLUTE_DELTA, 1234, unit="USD"), "cost"),
    "the issue's digits": quoted("1234", Magnitude(Kind.ABSOLUTE_DELTA, 1234, unit="USD"), "cost"),
    "the version": quoted("v2.3.1", Magnitude(Kind.FACTOR, 2.3, unit="x")),
    "the version's digits": quoted("2.3", Magnitude(Kind.FACTOR, 2.3, unit="x")),
    "the port as money": quoted("port 8080", Magnitude(Kind.ABSOLUTE_DELTA, 8080, unit="USD"), "cost"),
    "money out of nowhere": pair(metric="cost", magnitude=Magnitude(Kind.ABSOLUTE_DELTA, 9e6, unit="USD")),
    "money out of seconds": pair(metric="cost", magnitude=Magnitude(Kind.ABSOLUTE_DELTA, 30, unit="USD")),
    "a quote that is not there": pair(quote="from 30 s to 1 s"),
    "a quote in other case": pair(quote=PAIR.upper()),
    "a quote with another space": pair(quote="from 30 s to 5\u00a0s"),
    "a paraphrase": pair(quote="six times as fast"),
    "an empty quote": pair(quote="", end=at(PAIR)[0]),
    "offsets moved by one": pair(start=at(PAIR)[0] + 1, end=at(PAIR)[1] + 1),
    "offsets in bytes": quoted("OK", pct(20)),
    "offsets outside": pair(start=10_000, end=10_016),
    "negative offsets": pair(start=-50, end=-34),
    "offsets crossed": pair(start=at(PAIR)[1], end=at(PAIR)[0]),
    "offsets as text": pair(start="46", end="62"),
    "offsets as truth": pair(start=True, end=at(PAIR)[1]),
    "offsets as fractions": pair(start=float(at(PAIR)[0])),
    "not a number": pair(magnitude=ends(math.nan, 5)),
    "infinity": pair(magnitude=ends(math.inf, 5)),
    "a number as text": pair(magnitude=ends("30", 5)),
    "truth as a number": share(magnitude=pct(True)),
    "a list as a number": pair(magnitude=ends([30], 5)),
    "an invented metric": pair(metric="synergy"),
    "an invented direction": pair(direction="sideways"),
    "the direction turned round": pair(direction="worse"),
    "an invented kind": pair(magnitude=Magnitude("roi", 30, unit="s")),  # type: ignore[arg-type]
    "an invented state": pair(state="proven"),
    "corroborated by itself": pair(state=State.CORROBORATED),
    "a scope that is not there": pair(scope=Span(0, 8, "the fleet")),
    "a context outside": pair(context=(Span(0, 10_000, "The"),)),
    "a lie beside a truth": pair(also=pct(83)),
    "a unit from nowhere": quoted("from 30 s to 5", ends(30, 5, "weeks", "weeks")),
    "no magnitude": pair(magnitude=None),
}


class Liar:
    """An extractor that answers what it was told to answer, whatever the text says."""

    name, version = "liar", "0"

    def __init__(self, *answers: Candidate) -> None:
        self.answers = answers

    def propose(self, text: str, context: Context | None = None) -> Proposal:
        return Proposal(self.answers)


def test_truth_passes() -> None:
    assert isinstance(ground(TEXT, pair()), Claim)
    assert isinstance(ground(TEXT, share()), Claim)
    assert isinstance(ground(TEXT, pair(magnitude=ends(30, 5000, "s", "ms"))), Claim), "5 s are 5000 ms"


def test_there_are_fifty_lies() -> None:
    assert len(LIES) >= 50


@pytest.mark.parametrize("lie", LIES)
def test_lie_does_not_pass(lie: str) -> None:
    found = extract(TEXT, extractors=[Liar(LIES[lie])])
    assert found.claims == ()
    (refusal,) = found.refusals
    assert refusal.reason is Reason.UNGROUNDED
    assert refusal.detail
    assert TEXT[refusal.start : refusal.end] == refusal.quote


def test_liar_among_the_honest_is_alone_refused() -> None:
    found = extract(TEXT, extractors=[Liar(*LIES.values(), pair())])
    assert [claim.quote for claim in found.claims] == [PAIR]
    assert len(found.refusals) == len(LIES)


def test_claim_cannot_be_built_past_the_check() -> None:
    true = ground(TEXT, pair())
    assert isinstance(true, Claim)
    with pytest.raises(TypeError, match="grounding"):
        Claim(0, 3, "The", Metric.COST, true.direction, true.magnitude, State.STATED)
    with pytest.raises(TypeError, match="grounding"):
        dataclasses.replace(true, quote="The")


def test_words_of_the_lexicon_carry_their_number() -> None:
    text = "This halves the memory and is twice as fast."
    half = Candidate(5, 11, "halves", "memory", "better", Magnitude(Kind.RELATIVE_PCT, 50, unit="%"))
    twice = Candidate(30, 43, "twice as fast", "latency", "better", Magnitude(Kind.FACTOR, 2, unit="x"))
    assert isinstance(ground(text, half), Claim)
    assert isinstance(ground(text, twice), Claim)
    thrice = dataclasses.replace(twice, magnitude=Magnitude(Kind.FACTOR, 3, unit="x"))
    assert isinstance(ground(text, thrice), Refusal)


def test_offsets_are_code_points() -> None:
    text = "🚀🚀 Build 20% faster"
    (claim,) = extract(text).claims
    assert text[claim.start : claim.end] == claim.quote == "20% faster"
    assert len(text.encode()) > len(text)
