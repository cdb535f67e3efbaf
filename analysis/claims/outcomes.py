"""Do the words around an amount say that something changed by it? The last question of a decision."""

from __future__ import annotations

from analysis.claims import cues
from analysis.claims.amounts import Amount, Group
from analysis.claims.cue import COMPARATIVES, Cue, aside, factor_of_metric, tied
from analysis.claims.grouping import proven
from analysis.claims.knobs import counts_something, in_parentheses
from analysis.claims.lexicon import lexicon
from analysis.claims.metric_words import metric_word
from analysis.claims.records import Dim, Origin, Reason
from analysis.claims.view import View


def outcome(view: View, group: Group, primary: Amount, cue: Cue | None) -> Reason | None:
    """Whether the words around the number say that something changed by it."""
    if proven(group):
        return None
    if primary.to is not None:
        return _pair_outcome(view, group, primary, cue)
    if primary.of.dim in (Dim.PERCENT, Dim.POINTS, Dim.FACTOR):
        return _change_outcome(view, group, primary, cue)
    return _absolute_outcome(view, group, primary, cue)


def _pair_outcome(view: View, group: Group, primary: Amount, cue: Cue | None) -> Reason | None:
    begin, end = view.clause(group)
    words = view.words[begin:end]
    measured = any(metric_word(word) for word in words) or any(metric_word(word) for word in view.head)
    if primary.of.dim in (Dim.TIME, Dim.BYTES, Dim.RATE, Dim.MONEY):
        named = group.first > 0 and view.tokens[group.first - 1].kind == "c" and primary.of.dim is Dim.BYTES
        alone = named or (view.tokens[group.last].end - view.tokens[group.first].start) * 5 > 3 * (
            view.end - view.start
        )
        moves = alone or (
            cue is not None or primary.cells or len(group.amounts) > 1 or measured or not _MOVES.isdisjoint(view.bag)
        )
        if cue is None and "instead" in words and primary.of.dim is Dim.BYTES and _USES.isdisjoint(words):
            return Reason.NO_OUTCOME
        return None if moves else Reason.NO_OUTCOME
    if primary.cells and len(group.amounts) > 1:
        return None
    if len(group.amounts) > 1 and group.amounts[1].of.sign and group.amounts[1].to is None:
        return None
    if primary.of.dim is Dim.COUNT:
        return _count_pair(view, group, cue, words)
    scored = not cues.HIGHER_IS_BETTER.isdisjoint(words)
    return None if len(group.amounts) > 1 or cue is not None or measured or scored else Reason.NO_OUTCOME


def _count_pair(view: View, group: Group, cue: Cue | None, words: list[str]) -> Reason | None:
    """Two bare numbers: an outcome only where the words say what fell, or that growing is good."""
    primary = group.amounts[0]
    if primary.to is not None and primary.of.sign and primary.to.sign:
        return Reason.COUNT  # "+4 -4 instead of +3 -3"
    if view.words[group.last + 1 : group.last + 2] in (["transition"], ["migration"], ["upgrade"], ["release"]):
        return Reason.VERSION
    if len(group.amounts) > 1 and group.amounts[1].is_change:
        return None
    grows = cue is not None and cue.polarity == "up" and cues.HIGHER_IS_BETTER.isdisjoint(words)
    if grows:
        return Reason.COUNT
    if _fewer_of_one(view, group) or _summed_up(view, group):
        return None
    if _went_down(view, group) or _harm_falls(view, group):
        return None
    if "down" in view.words[max(0, group.first - 2) : group.last] or not {"fewer", "brought"}.isdisjoint(words):
        return None
    if "instead" in words and ("now" in words or "only" in words):
        return None
    if _bit_widths(primary, cue):
        return Reason.IDENTIFIER
    good = cue is not None and cue.word not in ("up", "down", "bump", "bumps") and cue.index < group.first + 40
    if (
        good
        and not (cue and cue.polarity == "down")
        and (not cues.VERSIONED.isdisjoint(words))
        and not counts_something(view, group)
    ):
        return Reason.VERSION
    if cue is None and any(word.partition("-")[0] in _RESULTS for word in view.words[group.last + 1 : group.last + 3]):
        return Reason.COUNT  # "220 -> 221 passed"
    counted = any(metric_word(word) in _COUNTED_METRICS for word in (*words, *view.head))
    return None if good or (counted and "→" in view.bag) else Reason.COUNT


def _fewer_of_one(view: View, group: Group) -> bool:
    """As in "from 10 restarts to 3 restarts": both ends count one thing, and it falls."""
    primary = group.amounts[0]
    nouns = view.words[group.last + 1 : group.last + 2]
    falls = primary.to is not None and (primary.of.value or 0.0) > (primary.to.value or 0.0)
    twice = nouns and nouns[0].endswith("s") and nouns[0] in view.words[group.first : group.last]
    return bool(falls and twice and nouns[0] not in cues.COUNTED)


def _went_down(view: View, group: Group) -> bool:
    """As in "it went from 1410 to 4 removable spaces"."""
    primary = group.amounts[0]
    falls = primary.to is not None and (primary.of.value or 0.0) > (primary.to.value or 0.0)
    went = not {"went", "goes", "going"}.isdisjoint(view.words[max(0, group.first - 2) : group.first + 1])
    nouns = view.words[group.last + 1 : group.last + 3]
    return falls and went and any(word.endswith("s") and len(word) > 3 for word in nouns)


def _harm_falls(view: View, group: Group) -> bool:
    """As in "lint warnings from 12k -> 280"."""
    primary = group.amounts[0]
    falls = primary.to is not None and (primary.of.value or 0.0) > (primary.to.value or 0.0)
    return falls and not _HARMS.isdisjoint(view.words[max(0, group.first - 1) : group.first + 1])


_HARMS = lexicon("warnings errors failures violations allocations invocations syscalls crashes false-positives retries")


def _summed_up(view: View, group: Group) -> bool:
    """As in "from 128241 to 83471 (speedup 1.5)"."""
    behind = view.words[group.last + 1 : group.last + 3]
    return behind[:1] == ["("] and cues.POLARITY.get(behind[-1], "") == "good"


def _bit_widths(primary: Amount, cue: Cue | None) -> bool:
    """As in "Optimize 32->64 sign extension"."""
    widths = {8.0, 16.0, 32.0, 64.0, 128.0, 256.0}
    ends = primary.of.value, primary.to.value if primary.to else None
    return cue is not None and cue.polarity == "good" and set(ends) <= widths


_USES = lexicon("now only takes uses needs is are requires consumes allocates weighs")
_RESULTS = lexicon("passed passing passes failed failing tests test cases checks")


_MOVES = lexicon(
    """
    → goes went go gone going brings brought bring takes took take moves moved changes changed gets got now was
    previously before after instead completes runs ran down up old new better
    """
)


def _has_overhead(view: View, group: Group, cue: Cue) -> bool:
    """As in "the file has a 50% overhead": how it is, not what changed."""
    before = view.words[max(0, group.first - 5) : group.first]
    return cue.word == "overhead" and cue.side == "right" and not {"has", "have", "had", "with"}.isdisjoint(before)


def _states_coverage(view: View, group: Group, cue: Cue) -> bool:
    """As in "improve coverage - statements 48.3%": a coverage is reached, only "by 5%" is a change."""
    if cue.side != "left" or group.amounts[0].of.sign:
        return False
    between = view.words[cue.index : group.first]
    return "coverage" in between and not {"by", "up"} & set(between)


def _change_outcome(view: View, group: Group, primary: Amount, cue: Cue | None) -> Reason | None:
    words = view.words
    follow = words[group.last + 1 : group.last + 3]
    share = bool(follow) and follow[0] == "of" and primary.of.dim is Dim.PERCENT
    if cue is None and primary.of.sign and (_against_own_past(view, group) or _benchmarked(view, group)):
        return None
    if follow[:1] == ["roi"] and (cue is None or cue.side == "left"):
        return Reason.LEVEL
    if cue is None:
        speaks = primary.of.dim is Dim.FACTOR and factor_of_metric(view, group)
        if speaks or (primary.of.sign and _signed_change(view, group)):
            return None
        return Reason.SHARE if share else Reason.LEVEL
    return _cued_change(view, group, cue, share=share)


def _cued_change(view: View, group: Group, cue: Cue, *, share: bool) -> Reason | None:
    """Whether the cue of a change says that something changed by it, and not that it is a share or a level."""
    words, primary = view.words, group.amounts[0]
    dropped = cue.side == "left" and share and cue.word in _TAKEN and cue.index + 1 == group.first
    if dropped and not any(metric_word(word) for word in words[group.last + 1 : group.last + 5]):
        return Reason.SHARE  # "drops 40% of the features"
    if share and cue.side == "right" and cue.word in ("overhead", "regression", "slowdown", "penalty"):
        return Reason.SHARE  # "70% of the overhead"
    if cue.side == "left" and share and "by" not in words[cue.index : group.first] and group.first - cue.index > 3:
        return Reason.SHARE
    if _has_overhead(view, group, cue) or _states_coverage(view, group, cue):
        return Reason.LEVEL
    if cue.side == "left" and _reaches(view, group):
        return Reason.LEVEL
    if (
        cue.side == "left"
        and words[group.first - 1 : group.first] == ["to"]
        and "up" not in words[group.first - 3 : group.first]
    ):
        return Reason.LEVEL
    if cue.side == "left" and not tied(view, cue, group) and not primary.of.sign and not aside(view, group):
        return Reason.LEVEL
    return None


def _benchmarked(view: View, group: Group) -> bool:
    """As in "+1-3% on the linter benchmarks", at the head of a sentence: a plus is praise there."""
    begin, end = view.clause(group, soft=True)
    named = any("benchmark" in word for word in view.words[group.last + 1 : end])
    follow = view.words[group.last + 1] if named else ""
    return begin <= group.first <= 1 and follow in ("on", "in", "across", "for", "perf", "performance")


_TAKEN = lexicon("drop drops dropped dropping lose loses losing cut cuts trim trims")


def _reaches(view: View, group: Group) -> bool:
    """As in "drops to 2.6 ms / 0.2%": what follows a "to" is where it ends, not by how much it changes."""
    back = view.words[max(0, group.first - 4) : group.first]
    return "/" in back and "to" in back


def _signed_change(view: View, group: Group) -> bool:
    """As in "+37% on the benchmark" after "It's faster", or in a table's cell."""
    if any(word in cues.POLARITY for word in view.words[: group.first]):
        return True
    measured = any(metric_word(word) for word in view.words) or any(metric_word(word) for word in view.head)
    if "[" in view.words[max(0, group.first - 3) : group.first]:
        return False
    return measured and (aside(view, group) or view.origin is Origin.TABLE or "|" in view.bag)


def _absolute_outcome(view: View, group: Group, primary: Amount, cue: Cue | None) -> Reason | None:
    words = view.words
    if _takes_away(view, group) or _signed_size(view, group):
        return None
    if primary.of.dim is Dim.MONEY and not (cue and cue.polarity in ("good", "down")):
        return Reason.SPEND
    if primary.of.sign and _against_own_past(view, group):
        return None
    if words[group.first - 1 : group.first] == ["from"]:
        return Reason.OLD_STATE
    if cue is None:
        return Reason.COUNT if primary.of.dim is Dim.COUNT else Reason.LEVEL
    if primary.of.dim is Dim.COUNT:
        return Reason.COUNT if cue.side == "left" or cue.word not in ("fewer", "less", "smaller") else None
    if _is_level(view, group, cue):
        return Reason.LEVEL
    if aside(view, group) and cue.side == "left" and group.first - cue.index > 2:
        return None if _aside_measures(view, group, cue) else Reason.LEVEL
    if cue.word in _ADDS or cue.word in _EXTRA:
        return None
    return _governed(view, group, cue)


_ADDS = lexicon("add adds added adding costs")
_EXTRA = frozenset(("extra", "additional"))


def _is_level(view: View, group: Group, cue: Cue) -> bool:
    """As in "recovery (<30 seconds)", "greater than 3 seconds", "is slower (30 s)", "an extra 20 s were spent"."""
    words, primary = view.words, group.amounts[0]
    if cue.word in _EXTRA:
        spends = [word for word in words[max(0, cue.index - 2) : cue.index] if word not in cues.FILLERS]
        return not spends or spends[-1] not in _SPENDS
    before = words[group.first - 1 : group.first]
    if before in (["within"], ["after"], ["every"], ["than"]) or (primary.of.bound == "<" and before != ["by"]):
        return True
    if before == [":"] and cue.word in ("overhead", "bloat", "hit", "penalty"):
        return True
    return cue.word in COMPARATIVES and cue.side == "left" and before == ["("]


def _aside_measures(view: View, group: Group, cue: Cue) -> bool:
    """As in "increases the binary size (20 bytes)", "cuts the startup (~0.8 ms)", "an improvement to memory (1 MB)"."""
    words, distance = view.words, group.first - cue.index
    if cue.word in _CHANGED:
        return distance <= 7
    if words[group.first - 1] != "(" or distance > 5 or cue.polarity == "bad":
        return False
    estimated = group.amounts[0].of.approx and cue.polarity in ("down", "good")
    return estimated or bool(metric_word(words[group.first - 2]))


def _governed(view: View, group: Group, cue: Cue) -> Reason | None:
    """Whether the cue says by how much: "by", "of", a saving, or nothing in between; not "to"."""
    words = view.words
    between = words[cue.index + 1 : group.first] if cue.side == "left" else words[group.last + 1 : cue.index]
    while between and between[-1] in cues.FILLERS and between[-1] not in ("up", "to"):
        between = between[:-1]
    if cue.side == "right":
        return None if cue.word in _DELTAS else Reason.LEVEL
    if ("to" in between[-3:] and "up" not in between) or ("and" in between and "by" not in between):
        return Reason.LEVEL
    if (
        "by" in between
        or cue.word.startswith(("sav", "shav", "cut", "trim"))
        or (between and between[-1] in ("of", "(", "is", ":"))
    ):
        return None
    return Reason.LEVEL if len(between) > 1 else None


_SPENDS = lexicon("take takes cost costs use uses need needs add adds require requires")
_TAKES_AWAY = lexicon(
    "removes remove removed removing frees freed freeing avoid avoids avoided avoiding eliminates eliminated"
)


_COUNTED_METRICS = lexicon("memory latency error_rate throughput coverage")


_CHANGES = lexicon("changes changed moves moved shifts shifted")


def _against_own_past(view: View, group: Group) -> bool:
    """As in "-10s compared with `main`"."""
    after = view.words[group.last + 1 : group.last + 5]
    if view.words[group.first - 1 : group.first] == ["by"] and not _CHANGES.isdisjoint(view.words[: group.first]):
        return True  # "changes the runner time by +0:08"
    compares = not {"compared", "vs", "versus", "relative", "against", "over"}.isdisjoint(after[:1])
    return compares and any(word in cues.OWN_PAST or "main" in word or "base" in word for word in after[1:])


def _signed_size(view: View, group: Group) -> bool:
    """As in "Binary size impact: -16,544 bytes": a signed amount after the name of what it changed."""
    if in_parentheses(view, group):
        return True
    primary = group.amounts[0].of
    if not primary.sign or primary.dim not in (Dim.TIME, Dim.BYTES) or not aside(view, group):
        return False
    before = view.words[max(0, group.first - 8) : group.first]
    return any(word in _CHANGED or metric_word(word) in ("size", "memory", "latency", "time") for word in before)


_CHANGED = lexicon("delta impact change diff difference saving savings improvement reduction")


def _takes_away(view: View, group: Group) -> bool:
    """As in "removes exactly 1000 KiB", "avoids about 54 ms"."""
    before = [
        word
        for word in view.words[max(0, group.first - 4) : group.first]
        if word not in cues.FILLERS and word != "exactly"
    ]
    return group.amounts[0].of.dim in (Dim.BYTES, Dim.TIME) and bool(before) and before[-1] in _TAKES_AWAY


_DELTAS = COMPARATIVES | lexicon(
    "off less longer saved saving savings reduction reductions improvement improvements decrease increase speedup "
    "regression win gain better worse more growth slowdown"
)
