"""Which metric and which direction the words around an amount speak of."""

from __future__ import annotations

from analysis.claims import cues
from analysis.claims.amounts import Amount, Group
from analysis.claims.cue import SERVES, Cue
from analysis.claims.lexicon import lexicon
from analysis.claims.metric_words import metric_word
from analysis.claims.records import Dim, Direction, Metric
from analysis.claims.view import View

_WAITS = lexicon("latency latencies response p50 p95 p99 ttfb query queries")


def find_metric(view: View, group: Group, cue: Cue | None) -> Metric:
    """The metric of a group: what its unit says, then the nearest noun, then the heading, then the cue."""
    primary = group.amounts[0]
    if primary.cells and len(group.amounts) > 1 and group.amounts[1].is_change and primary.of.dim is Dim.COUNT:
        primary = group.amounts[1]
    quantity = primary.of
    named = _named_at_cue(view, group, cue) if cue is not None else None
    if named is not None:
        return named
    if quantity.dim in _BY_UNIT:
        return _BY_UNIT[quantity.dim]
    if quantity.dim is Dim.PERCENT and primary.to is not None and "success" in view.bag:
        return Metric.ERROR_RATE
    if quantity.dim is Dim.PERCENT and primary.to is not None and _covers(view, cue):
        return Metric.COVERAGE
    noun, word = _nearest_noun(view, group, cue)
    if quantity.dim is Dim.BYTES:
        return _bytes_metric(view, primary, noun)
    if quantity.dim is Dim.TIME:
        return _time_metric(view, primary, noun, word)
    sized = (noun == "size" and "size" in view.bag) or (not noun and cue is not None and _shrinks(cue))
    if quantity.dim is Dim.COUNT and not sized and noun not in _COUNTED:
        return Metric.OTHER
    return _metric_of_change(view, cue, noun)


def _named_at_cue(view: View, group: Group, cue: Cue) -> Metric | None:
    """What the cue itself, or the words right behind it, say is measured; None where they say nothing."""
    if cue.side == "title":
        return Metric.MEMORY if "memory" in view.bag else Metric.SIZE if "size" in view.bag else Metric.LATENCY
    if cue.word in SERVES:
        return Metric.THROUGHPUT
    if cue.side == "left" and view.words[cue.index + 1 : cue.index + 4] == ["the", "number", "of"]:
        return Metric(_first_metric(view.words[cue.index + 4 : min(cue.index + 7, group.first)]) or "other")
    if cue.side != "right" or group.amounts[0].of.dim in _BY_UNIT:
        return None
    behind = _first_metric(view.words[cue.index + 1 : cue.index + 4])
    if _counts_things(view, cue):
        return Metric(behind or "other")
    if cue.word == "more" and behind:
        return Metric(behind)
    return Metric.OTHER if cue.word in _FALLS and _falls_in_other(view, cue) else None


def _first_metric(words: list[str]) -> str:
    return next((metric_word(word) for word in words if metric_word(word)), "")


def _counts_things(view: View, cue: Cue) -> bool:
    """As in "10% fewer objects" and "97% less garbage": what there is less of stands behind the word."""
    follow = view.words[cue.index + 1 : cue.index + 2]
    return cue.word == "fewer" or (
        cue.word == "less" and bool(follow) and follow[0].isalpha() and follow[0] not in _NO_THING
    )


_NO_THING = lexicon("than in on for with when at and efficient time of to per overall now")


def _covers(view: View, cue: Cue | None) -> bool:
    """As in "coverage from 79% to 99%" and "Add tests for the shelf (44% -> 73%)"."""
    named = "coverage" in view.bag
    return named or (cue is None and not _TESTS.isdisjoint(view.bag) and _OUTCOMES.isdisjoint(view.bag))


def _falls_in_other(view: View, cue: Cue) -> bool:
    """As in "a 12% reduction in write-amplification": what fell is named, and is none of the metrics."""
    follow = view.words[cue.index + 1 : cue.index + 6]
    named = next((follow[1:place] for place in range(1, len(follow)) if follow[place] in _PLACES), follow[1:])
    return follow[:1] == ["in"] and bool(named) and not _first_metric(named)


_PLACES = lexicon("with on for in when at during across by and")
_FALLS = lexicon("reduction decrease drop increase")
_TESTS = lexicon("test tests tst testing")
_OUTCOMES = lexicon("pass passing passes fail failing failures flaky skipped time memory usage cpu success")
_BY_UNIT = {Dim.MONEY: Metric.COST, Dim.RATE: Metric.THROUGHPUT}
_COUNTED = ("memory", "error_rate", "throughput", "coverage", "cost")


def _metric_of_change(view: View, cue: Cue | None, noun: str) -> Metric:
    """The metric of a percentage or factor: the noun unless the cue speaks of speed, then the heading."""
    speed = cue is not None and cue.word in SPEED_WORDS
    if noun == "latency" and cue is not None and _shrinks(cue):
        return Metric.SIZE  # "perf: shrink the plan 2.5x"
    if noun and not (speed and (noun in _NOT_SPEED or not _RATES & view.bag)):
        return Metric(noun)
    if speed:
        return Metric.LATENCY
    for head in reversed(view.head):
        if metric_word(head):
            return Metric(metric_word(head))
    shrinks = cue is not None and (cue.word in ("smaller", "larger", "bigger") or _shrinks(cue))
    if cue is not None and not shrinks and (_RACES & view.bag or cue.word in ("regression", "regressions")):
        return Metric.LATENCY
    if not {"savings", "saving"}.isdisjoint(view.bag):
        return Metric.COST
    return Metric.SIZE if shrinks else Metric.OTHER


_RACES = lexicon("faster slower")


def _shrinks(cue: Cue) -> bool:
    return cue.word.startswith("shr")


# These speak of speed whatever else the sentence names.
SPEED_WORDS = lexicon(
    """
    faster slower quicker speedup speedups speed speed-up speed-ups speeds slowdown slowdowns fast slow slows slowed
    slowing sped
    """
)
# Nouns that may name what became faster; any other noun beside "faster" is what the sentence is about.
_RATES = lexicon(
    """
    throughput rps qps bandwidth latency latencies time times p95 p99 startup build builds ci compile compilation tests
    suite pipeline install setup deploy deployment
    """
)
_NOT_SPEED = frozenset(("memory", "size", "cost", "coverage", "error_rate", "other"))


def _in_memory(view: View) -> bool:
    return bool({"memory", "struct", "enum", "type", "stack", "heap", "rss", "node", "statement"} & view.bag)


def _bytes_metric(view: View, primary: Amount, noun: str) -> Metric:
    """Memory or size on disk: by the noun, else a pair of values is memory, and kilobytes that were saved are size."""
    small = primary.of.unit == "bytes"
    if noun == "memory" or ({"memory", "heap", "rss", "stack"} & view.bag) or (small and _in_memory(view)):
        return Metric.MEMORY
    each = small and primary.to is None and "per" in view.bag
    if noun == "size" or (not each and any(metric_word(word) == "size" for word in view.bag)):
        return Metric.SIZE
    written = (primary.of.value or 0.0) >= _ON_DISK or not _PACKED.isdisjoint(view.bag)
    if small and primary.to is not None and written:
        return Metric.SIZE
    kilo = primary.of.unit in ("kB", "KiB")
    return Metric.SIZE if kilo or (primary.to is None and primary.of.unit != "bytes") else Metric.MEMORY


_ON_DISK = 50_000  # a pair of so many bytes, and nothing that speaks of memory, is a file
_PACKED = lexicon("compression compressed compresses archive archives zip download rlib html")


def _time_metric(view: View, primary: Amount, noun: str, word: str) -> Metric:
    small = primary.of.unit in ("ms", "us", "ns") or (primary.to is not None and primary.to.unit in ("ms", "us", "ns"))
    if small or (primary.of.unit == "s" and word in _WAITS):
        return Metric.LATENCY
    return Metric.TIME


def _nearest_noun(view: View, group: Group, cue: Cue | None) -> tuple[str, str]:
    """The metric noun nearest to the amount, the words between cue and amount first."""
    words = view.words
    spans: list[range] = [range(0)] * (2 if cue is None else 0)
    if cue and cue.side == "left":
        spans.append(range(group.first - 1, cue.index, -1))
        spans.append(range(cue.index - 1, max(-1, cue.index - 4), -1))
        if words[group.last + 1 : group.last + 2] == ["of"]:  # "cuts 89% of the total time"
            spans.insert(0, range(group.last + 2, min(group.last + 6, len(words))))
    if cue and cue.side == "right":
        spans.append(range(group.last + 1, cue.index + 5))
        spans.append(range(cue.index + 5, cue.index + 5))
    spans.extend(_around(view, group))
    best = ""
    near = ""
    for number, span in enumerate(spans):
        generic = number < 2 and any(0 <= i < len(words) and words[i] in _GENERIC for i in span)
        for index in span:
            if 0 <= index < len(words):
                found = _noun(words, index)
                if found and not ((number > 1 or generic) and words[index] in cues.NEAR_NOUNS):
                    if number and found == "latency" and words[index] in _GENERIC:
                        best = best or words[index]
                        continue
                    if words[index] in cues.NEAR_NOUNS and not near and cue and cue.side == "left" and number == 0:
                        near = words[index]  # "cuts the runtime of this file": what comes first is measured
                        continue
                    return found, words[index]
        if near:
            return metric_word(near), near
    return ("latency", best) if best else ("", "")


def _around(view: View, group: Group) -> list[range]:
    """Where else a metric may be named, nearest first; "for 50 failing rows" behind it is only where it was seen."""
    begin, end = view.clause(group, soft=True)
    hard_begin, hard_end = view.clause(group)
    behind = [range(group.last + 1, _until_other(view, group, stop)) for stop in (end, hard_end)]
    before = [range(group.first - 1, start - 1, -1) for start in (begin, hard_begin)]
    whole = range(group.first - 1, -1, -1)
    if view.words[group.last + 1 : group.last + 2] and view.words[group.last + 1] in _SCOPES:
        return [*before, *behind, whole]
    return [behind[0], *before, behind[1], whole]


_SCOPES = lexicon("for across when during")


def _until_other(view: View, group: Group, end: int) -> int:
    """Of "calls drop 76% and rule time drops 80%" the end of the first half: the rest measures something else."""
    for index in range(group.last + 1, end):
        if view.words[index] == "and" and any(word in cues.POLARITY for word in view.words[index + 1 : end]):
            return index
    return end


_GENERIC = lexicon("perf performance benchmark benchmarks speed")


def _noun(words: list[str], index: int) -> str:
    word = words[index]
    if word in ("time", "times") and index and words[index - 1] in ("cpu", "execution", "run", "parse", "response"):
        return "latency"
    if word == "success" or (word == "rate" and index and words[index - 1] in ("success", "failure", "error")):
        return "error_rate"
    return metric_word(word)


def find_direction(view: View, group: Group, cue: Cue | None, metric: Metric, *, removes: bool) -> Direction:
    """Better or worse: from the two ends of a pair, else from the cue and what is good for the metric."""
    primary = group.amounts[0]
    higher = higher_is_better(view, group, cue, metric)
    by_cue = primary.cells and cue is not None and cue.polarity in ("good", "bad") and cue.side == "right"
    if (
        primary.to is not None
        and not by_cue
        and not (metric is Metric.OTHER and cue is not None and cue.polarity in ("good", "bad"))
    ):
        ends = _pair_direction(primary, higher or _signed_up(group, metric))
        if ends is not None:
            return ends
    if primary.of.dim is Dim.MONEY and primary.to is None and not _SAVED.isdisjoint(view.words[: group.first]):
        return Direction.BETTER  # "Annual savings: $133,200 (85% cost reduction)"
    if cue is not None and cue.word == "fewer":
        return Direction.WORSE if higher and metric is not Metric.LATENCY else Direction.BETTER
    if cue is None:
        return _signed(primary, higher, metric)
    if cue.polarity == "good":
        return Direction.BETTER
    if cue.polarity == "bad":
        return Direction.BETTER if removes else Direction.WORSE
    up = cue.polarity == "up"
    if removes:
        return Direction.BETTER
    if metric is Metric.LATENCY and cue.word in ("more", "less", "higher"):
        higher = higher_is_better(view, group, cue, metric)
    return Direction.BETTER if up == higher else Direction.WORSE


def _signed_up(group: Group, metric: Metric) -> bool:
    """Of two bare numbers with "(+4.4%)" behind them nobody says what they count; a plus is meant as praise."""
    return metric is Metric.OTHER and any(amount.is_change and amount.of.sign > 0 for amount in group.amounts)


def _pair_direction(primary: Amount, higher: bool) -> Direction | None:
    from analysis.claims.units import base_value

    old, new = primary.of, primary.to
    if new is None or old.value is None or new.value is None:
        return None
    before, after = base_value(old.value, old.unit), base_value(new.value, new.unit)
    if before == after:
        return None
    return Direction.BETTER if (after > before) == higher else Direction.WORSE


def _signed(primary: Amount, higher: bool, metric: Metric) -> Direction:
    quantity = primary.of
    if quantity.dim is Dim.FACTOR and quantity.value is not None:
        return Direction.BETTER if (quantity.value > 1) == higher else Direction.WORSE
    if quantity.sign:
        grows = quantity.sign > 0
        if metric in (Metric.MEMORY, Metric.SIZE, Metric.COST, Metric.TIME, Metric.ERROR_RATE):
            return Direction.WORSE if grows else Direction.BETTER
        return Direction.BETTER if grows == higher or (metric is Metric.LATENCY and grows) else Direction.WORSE
    return Direction.BETTER


_SAVED = lexicon("savings saving saved")
_LOWER_NAMED = lexicon("time times latency cost memory size")
_SPEED_NAMED = lexicon("speed performance perf productivity")


def _named(view: View, group: Group, cue: Cue | None) -> list[str]:
    """The words that say what is measured: those beside the cue if they name it, else the clause."""
    begin, end = view.clause(group)
    clause = view.words[begin:end]
    if cue is None or cue.side not in ("left", "right"):
        return clause
    left = view.words[max(begin, cue.index - 4) : group.first]
    near = left if cue.side == "left" else view.words[group.last + 1 : cue.index + 5]
    return clause if _SPEED_NAMED.isdisjoint(near) and _LOWER_NAMED.isdisjoint(near) else near


def higher_is_better(view: View, group: Group, cue: Cue | None, metric: Metric) -> bool:
    """Whether more of what is measured is good: coverage, throughput, success; not time, memory or errors."""
    if metric in (Metric.COVERAGE, Metric.THROUGHPUT):
        return True
    if not _SAVED.isdisjoint(view.words[max(0, group.first - 3) : group.first]):
        return True  # "weekly savings: 37 hours (up from 22)"
    if cue is not None and cue.side == "left" and metric is Metric.OTHER:
        between = view.words[cue.index : group.last + 4]
        return any(word in cues.HIGHER_IS_BETTER for word in between)
    if cue is not None and cue.side == "right" and metric is Metric.OTHER:
        return any(word in cues.HIGHER_IS_BETTER for word in view.words[group.last + 1 : cue.index + 5])
    words = _named(view, group, cue)
    if (
        cue is not None
        and cue.side == "right"
        and not cues.HIGHER_IS_BETTER.isdisjoint(view.words[group.last + 1 : cue.index])
    ):
        return True  # "a 5x deployment velocity increase"
    if metric in (Metric.LATENCY, Metric.TIME, Metric.MEMORY, Metric.SIZE, Metric.COST):
        measured = group.amounts[0].of.dim in (Dim.TIME, Dim.BYTES, Dim.MONEY)
        if metric not in (Metric.LATENCY, Metric.TIME):
            return False
        return not measured and _LOWER_NAMED.isdisjoint(words) and not _SPEED_NAMED.isdisjoint(words)
    return any(word in cues.HIGHER_IS_BETTER for word in words)
