"""Which word says how an amount changed, and whether that word governs the amount."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.claims import cues
from analysis.claims.amounts import Group
from analysis.claims.lexicon import lexicon
from analysis.claims.metric_words import metric_word
from analysis.claims.records import Dim
from analysis.claims.view import HARD_MARKS, SOFT_MARKS, View


@dataclass(slots=True)
class Cue:
    """A word that says how something changed: its token index, polarity, and on which side of the number it stands."""

    index: int
    polarity: str
    side: str
    word: str


_HARMS = lexicon("overhead slowdown regression penalty inflation bloat hit degradation")
_STOP_RIGHT = lexicon(
    """
    in on for with at from when to and or is are was were that which because if it we on per vs into during
    without no not between by via using due thanks through compared across after before even though its this so
    where since but while until like because
    under within
    """
)


# After a number these begin what the number does: "a switch from 16 to 32 cores reduces ...".
_PREDICATES = lexicon("reduces improves increases decreases saves speeds lowers boosts slows raises enhances")


_AFTER_NOUN = lexicon("were was are in for on of under , . )") | {""}


def right_cue(view: View, group: Group, reach: int = 6) -> Cue | None:
    """The cue after a number: "94% cost reduction", "10% of the time saved", "2x as fast"."""
    words = view.words
    index = group.last + 1
    if words[index : index + 1] == [")"] and words[index + 1 : index + 2] and words[index + 1] in cues.POLARITY:
        index += 1  # "(~5x) faster"
    gone = _gone(words, index, group.amounts[0].of.dim)
    if gone is not None:
        return gone
    stop = min(len(words), index + reach)
    while index < stop:
        word = words[index]
        follow = words[index + 1] if index + 1 < len(words) else ""
        if word in _HARMS and follow in cues.POLARITY and follow not in ("up", "down"):
            index += 1  # "10x overhead reduction": the harm is what is reduced
            continue
        if word == "speed" and follow in ("up", "ups"):
            return Cue(index + 1, "good", "right", "speed")
        if word in cues.POLARITY and word not in ("up", "down"):
            return None if _is_no_cue(word, follow) else _right(view, index)
        if _stops(view, index):
            return None
        index += 1
    return None


def _right(view: View, index: int) -> Cue:
    word = view.words[index]
    return Cue(index, _compound(view, index, cues.POLARITY[word]), "right", word)


def _is_no_cue(word: str, follow: str) -> bool:
    """As in "95% hit rate", "20% more than", and "from 16 to 32 cores reduces the time"."""
    if word == "hit" and follow in ("rate", "ratio", "rates"):
        return True
    return (word in _PREDICATES and follow not in _AFTER_NOUN) or (word == "more" and follow == "than")


def _stops(view: View, index: int) -> bool:
    """Whether a token ends what a number can be about."""
    word, token = view.words[index], view.tokens[index]
    marks = word in _STOP_RIGHT or word in SOFT_MARKS or word in HARD_MARKS or word in ("→", "than")
    return marks or token.kind == "c" or (token.kind == "q" and not token.text[:1].isalpha())


def _gone(words: list[str], index: int, dim: Dim) -> Cue | None:
    """As in "~436 MB is saved" and "1 s off the wall time"."""
    if words[index : index + 1] == ["off"] and dim in (Dim.TIME, Dim.BYTES):
        return (
            Cue(index, "good", "right", "off")
            if any(metric_word(word) for word in words[index + 1 : index + 6])
            else None
        )
    if words[index : index + 1] and words[index] in _IS and words[index + 1 : index + 2] and words[index + 1] in _GONE:
        return Cue(index + 1, "good", "right", words[index + 1])
    return None


def _serves(view: View, group: Group) -> Cue | None:
    """As in "handles twice as many messages"."""
    words = view.words
    if words[group.last + 1 : group.last + 3] not in (["as", "many"], ["as", "much"]):
        return None
    place = next((i for i in range(group.first - 1, max(-1, group.first - 4), -1) if words[i] in SERVES), -1)
    return Cue(place, "good", "left", words[place]) if place >= 0 else None


SERVES = lexicon("handle handles handled serve serves served process processes processed sustain sustains")
_IS = lexicon("is are was were gets got")
_GONE = lexicon("saved freed gained shaved reclaimed eliminated")


_VIRTUES = lexicon(
    """
    efficient performant productive accurate reliable stable robust responsive scalable precise consistent compact
    secure
    """
)


def _compound(view: View, index: int, polarity: str) -> str:
    """As in "less efficient", "more efficient", "lower quality", "better": two words that make one."""
    words = view.words
    follow = words[index + 1] if index + 1 < len(words) else ""
    if words[index] in ("more", "less") and follow in _VIRTUES:
        return "good" if words[index] == "more" else "bad"
    return polarity


_NOT_LEFT = lexicon(
    """
    optimization optimisation optimizations up down more less fast quick quickly slow low efficient better worse
    higher longer
    """
)


_ONLY = cues.FILLERS | {"only", "by"}


def left_cue(view: View, group: Group, reach: int = 24) -> Cue | None:
    """The nearest cue before a number in its clause: "reduces CPU time by about 26%"."""
    words = view.words
    begin, _ = view.clause(group)
    if begin > 1 and all(word in _ONLY for word in words[begin : group.first]):  # "..., but only by 0.5 s"
        begin = max((mark + 1 for mark in view.hard if mark < begin - 1), default=0)
    stop = max(begin, group.first - reach)
    for index in range(group.first - 1, stop - 1, -1):
        word = words[index]
        if word in ("up", "down") and index >= group.first - 2 and words[index + 1 : group.first] in ([], ["by"]):
            speed = [w for w in words[max(begin, index - 8) : index] if w.startswith("speed")]
            if not speed:
                return Cue(index, word, "left", word)
        if word == "down" and words[max(begin, index - 1)] in ("brings", "bring", "brought", "bringing"):
            return Cue(index, "down", "left", word)
        named = _composed(view, group, begin, index)
        if named is not None:
            return named
        if word in cues.POLARITY and word not in _NOT_LEFT:
            polarity = cues.POLARITY[word]
            if word in ("speed", "speeds") and "up" not in words[index : index + 12]:
                continue
            return Cue(index, _compound(view, index, polarity), "left", word)
        if word == "speed" and not {"up", "ups"}.isdisjoint(words[index + 1 : index + 8]):
            return Cue(index, "good", "left", "speed")
        if word in ("slow", "slows") and "down" in words[index + 1 : index + 8]:
            return Cue(index, "bad", "left", word)
    return None


def _composed(view: View, group: Group, begin: int, index: int) -> Cue | None:
    """As in "a positive impact of 5%", "adds 9 MB", "reduces the overhead by 70%": a cue made of several words."""
    words, word = view.words, view.words[index]
    if word in ("positive", "negative") and words[index + 1] in ("impact", "effect"):
        return Cue(index, "good" if word == "positive" else "bad", "left", word)
    adds = word in ("adds", "added", "adding", "costs") or (word == "add" and index > 1)
    plain = all(other in cues.FILLERS or other == "~" for other in words[index + 1 : group.first])
    if adds and plain and group.amounts[0].of.dim is Dim.BYTES:
        return Cue(index, "up", "left", word)
    return _reduces(words, begin, index) if word in _HARMS else None


def _reduces(words: list[str], begin: int, harm: int) -> Cue | None:
    """The verb of "reduces the call overhead by 70%": the harm is what shrinks."""
    place = next(
        (i for i in range(harm - 1, max(begin, harm - 6) - 1, -1) if cues.POLARITY.get(words[i]) == "down"), -1
    )
    return Cue(place, "down", "left", words[place]) if place >= 0 and "and" not in words[place:harm] else None


def _understated(view: View, group: Group) -> Cue | None:
    """As in "It is slower but not vastly so: about 10%": what stands before the "but not" is what is meant."""
    words = view.words
    before = [word for word in words[max(0, group.first - 4) : group.first] if word not in cues.FILLERS]
    place = next((i for i in range(group.first - 1) if words[i : i + 2] == ["but", "not"]), -1)
    if before[-1:] != [":"] or place < 0 or not group.amounts[0].is_change:
        return None
    named = (i for i in range(place - 1, -1, -1) if words[i] in COMPARATIVES or words[i] in _NOUNS)
    index = next(named, -1)
    return Cue(index, cues.POLARITY[words[index]], "left", words[index]) if index >= 0 else None


def find_cue(view: View, group: Group) -> Cue | None:
    """The cue that belongs to the group: right beside it first, then to the left in its clause."""
    primary = group.amounts[0]
    itself = view.tokens[primary.first]
    if primary.of.word and itself.text in cues.POLARITY and primary.to is None:  # "halves the time"
        return Cue(primary.first, cues.POLARITY[itself.text], "right", itself.text)
    serves = _serves(view, group)
    if serves is not None:
        return serves
    right = right_cue(view, group)
    left = left_cue(view, group)
    if right is None and primary.of.dim is Dim.FACTOR and factor_of_metric(view, group):
        return None
    if right is None and len(group.amounts) > 1:
        right = right_cue(view, Group([primary])) or None
    if right and left:
        if right.word in cues.WEAK and not primary.of.word and tied(view, left, group):
            return left
        return right
    if left and not tied(view, left, group) and primary.to is None and not aside(view, group):
        left = None
    return right or left or _understated(view, group) or _row_cue(view, group) or _title_cue(view, group)


def _row_cue(view: View, group: Group) -> Cue | None:
    """As in "| speedup | ~54x |": the label of the row, or the head of the column, says what the number means."""
    words = view.words
    if "|" not in view.bag or not group.amounts[0].is_change:
        return None
    bars = [index for index, word in enumerate(words) if word == "|"]
    begin = bars[0] + 1 if bars[0] == 0 else 0
    label = next((index for index in bars if index > begin), 0)
    for index in range(begin, min(label, group.first)):
        if words[index] in _LABELS:
            return Cue(index, cues.POLARITY[words[index]], "row", words[index])
    column = sum(index < group.first for index in bars) - (1 if bars[0] == 0 else 0)
    head = view.columns[column] if column < len(view.columns) else ()
    word = next((word for word in head if word in _LABELS), "")
    return Cue(group.first, cues.POLARITY[word], "row", word) if word else None


_LABELS = lexicon(
    """
    speedup speedups speed-up improvement improvements reduction reductions savings saving gain gains faster
    slower slowdown regression increase decrease
    """
)


_WORK = lexicon("tweak tweaks work patch patches boost boosts changes change fix fixes ~ + ( : by")
_HAS = lexicon("is are was were has have at of if by than to")


def _title_cue(view: View, group: Group) -> Cue | None:
    """As in "perf(csv): skip memchr ~15%": the type of a conventional title says what the number means."""
    words = view.words
    near = words[max(0, group.first - 3) : group.first]
    while near and near[0] not in ("perf", "performance"):
        near = near[1:]
    ends = words[group.last + 1 : group.last + 2] in ([], ["("], [","], ["on"], ["for"], ["in"], ["overall"])
    if group.amounts[0].is_change and ends and near and _WORK.issuperset(near[1:]) and not _HAS & set(words):
        return Cue(group.first, "good", "title", "perf")  # "parser performance tweaks 3x-6x"
    if (
        view.words[:1] == ["perf"]
        and view.tokens
        and group.amounts[0].is_change
        and "of" not in view.words[group.last : group.last + 2]
    ):
        return Cue(0, "good", "title", "perf")
    return None


def aside(view: View, group: Group) -> bool:
    """Whether the group opens a parenthesis or follows a colon: "improved a bit (+0.3%)", "Improvement: 20%"."""
    before = view.words[max(0, group.first - 2) : group.first]
    return any(word in ("(", ":", "|", "—", "–", "-", "[") for word in before)


COMPARATIVES = lexicon("faster slower quicker smaller larger bigger shorter cheaper lighter fewer")


_NOUNS = lexicon(
    """
    recovery speedup speedups speed-up improvement improvements reduction reductions win gain gains benefit
    uplift regression regressions savings saving decrease increase slowdown overhead
    """
)


def tied(view: View, cue: Cue, group: Group) -> bool:
    """Whether a cue on the left governs the number: by, of, of about, up to, or nothing but a few words between."""
    between = view.words[cue.index + 1 : group.first]
    core = [word for word in between if word not in cues.FILLERS]
    if any(word in ("by", "up") for word in between) or cue.word in ("speed", "slow"):
        return True
    if cue.word in COMPARATIVES and not aside(view, group) and group.amounts[0].to is None:
        return bool(between) and between[-1] in ("by", "about", "~", "roughly", "around", "of", "like")
    if cue.word in _NOUNS and len(core) <= 10 and core[-1:] in (["be"], ["is"], ["was"], ["are"]):
        return True  # "the gain in writing files seems to be roughly 20%"
    if cue.word in _NOUNS and len(between) <= 10 and "of" in between[-3:] and between[-1] in ("of", *cues.FILLERS):
        return True
    if between[-3:] == ["in", "the", "range"] or between[-4:] == ["in", "the", "range", "of"]:
        return True
    if core[-1:] == ["for"] and cue.polarity == "good":  # "improves the lookup for about 2x"
        return len(core) <= 4
    if between[-1:] == ["with"] and cue.polarity in ("down", "up"):  # "reduce the time with 80%"
        between = between[:-1]
    if group.amounts[0].of.word and between[-1:] == ["in"]:  # "cut in half"
        between = between[:-1]
    content = [
        word
        for word in between
        if word not in cues.FILLERS and (word == "" or word.isalnum()) and word not in ("(", ":", "of", "from", "to")
    ]
    return len(content) <= 4 and not any(
        word in ("for", "with", "in", "than", "where", "when", "at", "once", "until", "unless") for word in content
    )


def factor_of_metric(view: View, group: Group) -> bool:
    """As in "0.86x memory", "3x original capacity", "4x development velocity"."""
    following = view.words[group.last + 1 : group.last + 5]
    for word in following:
        if word in ("of", "than", "as", "more") or metric_word(word):
            return metric_word(word) in ("memory", "throughput", "latency", "size", "cost")
        if not word.isalpha():
            return False
    return False
