"""The rules that refuse: each answers for one group of amounts with a reason, or None."""

from __future__ import annotations

import re

from analysis.claims import cues
from analysis.claims.amounts import Group
from analysis.claims.cue import Cue
from analysis.claims.lexicon import lexicon
from analysis.claims.records import Origin, Reason
from analysis.claims.view import View


def not_a_measure(view: View, group: Group) -> Reason | None:
    if view.origin is Origin.CODE:
        return Reason.CODE
    if view.origin is Origin.LOG:
        return Reason.LOG
    if view.origin is Origin.QUOTE:
        return Reason.QUOTATION
    if view.origin in (Origin.TEMPLATE, Origin.TRAILER):
        return Reason.TEMPLATE
    if view.origin is Origin.TOOL:
        return Reason.TOOL
    if _is_fixture(view):
        return Reason.FIXTURE
    if view.words[max(0, group.first - 1) : group.first] == ['"'] == view.words[group.last + 1 : group.last + 2]:
        return Reason.QUOTATION
    if _all_quoted(view) or _EXAMPLE.search(view.text, view.start, view.tokens[group.first].start):
        return Reason.QUOTATION
    return None


# What follows a quotation mark after "like" or "input:" is an example of a statement, not the statement.
_EXAMPLE = re.compile(
    r"(?i)\b(?:input|test case|case|scenario|claim|sentence|like|such as|e\.g\.|example|string|text)s?:?\s*"
    r"['\"“‘][^'\"”’]{0,120}$"
)


def _all_quoted(view: View) -> bool:
    """Whether the whole sentence stands in quotation marks: an example of something to say."""
    said = view.lower.strip("-*• \t.,")
    return len(said) > 2 and said[0] in "'\"“‘" and said[-1] in "'\"”’" and said[0] not in said[1:-1]


def _is_fixture(view: View) -> bool:
    return bool({"fixture", "fixtures"} & set(view.words[:2])) or view.says(
        "fixture text", "test fixture", "sample text", 'e.g. "', 'assert "', "parametrize", "lorem ipsum"
    )


def no_change(view: View, group: Group) -> Reason | None:
    begin, _ = view.clause(group)
    near, near_end = view.clause(group, soft=True)
    after = view.words[max(near, group.last + 1) : near_end]
    cut = next((place for place, word in enumerate(after) if word in _CONDITIONS), len(after))
    own = _own_part(view, begin, group.first)
    opens = own == begin and view.lower.lstrip("*- ").startswith(cues.NO_CHANGE)
    begin = own
    words = " ".join([*view.words[begin : group.last + 1], *after[:cut]])
    if _inconclusive(view, group):
        return Reason.INCONCLUSIVE
    for harmless in ("at no", "with no"):  # "20% smaller at no performance cost"
        words = words.replace(f"{harmless} perf", "").replace(f"{harmless} change", "")
    if any(phrase in words for phrase in cues.NO_CHANGE) or opens:
        return Reason.NO_CHANGE
    primary = group.amounts[0]
    if primary.of.value == 0 and primary.of.sign and primary.to is None:
        return Reason.NO_CHANGE  # "(+0 B)"
    if primary.to is not None and primary.of.value == primary.to.value and primary.of.unit == primary.to.unit:
        return Reason.NO_CHANGE
    return None


def _own_part(view: View, begin: int, first: int) -> int:
    """Of "no change when cold, and a 1% regression when warm" only what follows the ", and" speaks of the number."""
    marks = (i for i in range(first - 1, begin, -1) if view.words[i] == "and" and view.words[i - 1] == ",")
    return next(marks, begin - 1) + 1


_CONDITIONS = lexicon("when if where while whenever unless since because as")


def _inconclusive(view: View, group: Group) -> bool:
    """Whether the sentence calls its numbers noise; what a later "but" sets against it is another matter."""
    for phrase in cues.INCONCLUSIVE:
        place = view.lower.find(phrase)
        if place >= 0:
            turn = view.lower.find(" but ", place)
            return not 0 <= turn < view.tokens[group.first].start - view.start
    return False


def goal_marker(view: View, group: Group) -> Reason | None:
    """The number beside "target" is the target: "(target 40%)", "400ms target", "goal: 20%"."""
    words = view.words
    left = words[max(0, group.first - 4) : group.first]
    near_right = words[group.last + 1 : group.last + 3]
    if near_right[:1] and near_right[0] in ("ci", "cis", "confidence", "percentile", "quantile"):
        return Reason.LEVEL
    if "ci" in left and ("(" in left or ":" in left[-1:]):
        return Reason.LEVEL
    named = next((place for place in range(len(left) - 1, -1, -1) if left[place] in cues.TARGET), -1)
    if named >= 0 and all(word in _TARGET_LINKS or not (word.isalpha() or word == "(") for word in left[named + 1 :]):
        return Reason.TARGET
    if not cues.TARGET.isdisjoint(near_right[:2]) and group.amounts[0].to is None:
        return Reason.TARGET
    return None


_TARGET_LINKS = cues.FILLERS - {"over", "than"} | lexicon("of is was at to for")


def threshold(view: View, group: Group) -> Reason | None:
    begin, end = view.clause(group, soft=True)
    primary = group.amounts[0].of
    words = set(view.words[begin:end])
    if view.text[primary.start] == "±":
        return Reason.LEVEL  # "within ±2 GB": a spread around something
    before = view.words[max(0, group.first - 4) : group.first]
    if primary.bound and before[-1:] == ["for"] and not _WATCHES.isdisjoint(before):
        return Reason.THRESHOLD  # "Add detection for 30%+ drops"
    if before[-1:] in (["was"], ["is"], ["of"], ["="]) and not _THRESHOLDS.isdisjoint(view.words[: group.first]):
        return Reason.THRESHOLD
    reached = before[-1:] == ["by"]  # "improves it by <5% when it is small"
    if (
        primary.bound
        and not reached
        and view.text[primary.start] in "<>≤≥="
        and not cues.THRESHOLD.isdisjoint(view.bag)
    ):
        return Reason.THRESHOLD
    if view.words[group.last + 1 : group.last + 2] in (["min"], ["max"], ["minimum"], ["maximum"]):
        return Reason.THRESHOLD
    words |= set(view.words[max(0, group.first - 4) : group.first])
    if _THRESHOLDS & words or view.says("maximum allowed", "max allowed", "allowed time"):
        return Reason.THRESHOLD
    if {"if", "when", "whenever", "unless", "only"} & set(view.words[max(begin, group.first - 8) : group.first]) and (
        {">", "<", "=", "exceeds", "exceed", "least", "above", "below", "takes"} & words
    ):
        return Reason.THRESHOLD
    return None


_THRESHOLDS = lexicon("threshold thresholds cutoff")


def negated(view: View, group: Group, cue: Cue | None) -> Reason | None:
    begin, _ = view.clause(group, soft=True)
    anchor = min(cue.index, group.first) if cue else group.first
    window = view.words[max(begin if anchor >= begin else 0, anchor - 5) : anchor]
    if "and" in window:
        window = window[len(window) - window[::-1].index("and") :]
    if window[-1:] == ["to"] and window[-2:-1] and window[-2] not in _SEEMS:
        window = []  # "do not include X to cut Y by half": the purpose is not denied
    if cue is not None and _understates(view, group, cue):
        return None
    near = window[-2:]
    if (
        any(word in cues.NEGATIONS and (word not in _NEAR_NEGATIONS or word in near) for word in window)
        and "only" not in window
    ):
        if window[-2:] == ["not", "only"]:
            return None
        return Reason.NEGATED
    if (
        cue
        and cue.side == "left"
        and not (cues.NEGATIONS - _NEAR_NEGATIONS).isdisjoint(view.words[cue.index : group.first])
    ):
        return Reason.NEGATED
    if {"hardly", "barely"} & set(view.words[group.last : group.last + 6]):
        return Reason.NEGATED
    return None


def _understates(view: View, group: Group, cue: Cue) -> bool:
    """As in "slower, but not by much: about 10%": the "not" makes little of it, and denies nothing."""
    between = view.words[cue.index : group.first]
    return ":" in between and "but" in between[:-1] and between[between.index("but") + 1] == "not"


_SEEMS = lexicon("seem appear seems appears able manage managed want expect expected need going tend")
_NEAR_NEGATIONS = frozenset(("without", "no", "none", "nothing"))


def old_state(view: View, group: Group, cue: Cue | None) -> Reason | None:
    primary = group.amounts[0]
    if primary.to is not None:
        return None
    if view.words[:1] == ["current"]:
        return Reason.OLD_STATE
    if _of_the_other_way(view, group):
        return Reason.OLD_STATE
    begin, end = view.clause(group, soft=True)
    words = view.words[begin:end]
    left = view.words[max(0, group.first - 7) : group.first]
    if "instead" in words and "of" in words and not cue:
        return Reason.OLD_STATE
    if ({"currently", "previously", "originally", "formerly"} & set(words)) and not cue:
        return Reason.OLD_STATE
    if ({"was", "were", "used"} & set(left[-3:])) and not cue:
        return Reason.OLD_STATE
    return None


def _of_the_other_way(view: View, group: Group) -> bool:
    """As in "instead of the old call, which doubles the memory" and "Fix the bug where paths took twice the space"."""
    words = view.words[: group.first]
    replaced = "instead" in words and "which" in words[words.index("instead") :]
    bug = words[:1] in (["fix"], ["fixes"], ["fixed"]) and not {"bug", "issue", "problem"}.isdisjoint(words[:5])
    return replaced or (bug and "where" in words)


def hypothetical(view: View, group: Group, cue: Cue | None) -> Reason | None:
    follow = view.words[group.last + 1 : group.last + 2]
    cut = cue is not None and cue.polarity in ("down", "good")
    if (
        group.amounts[0].of.word
        and follow
        and follow[0] in ("if", "when", "unless")
        and not (cut and follow == ["when"])
    ):
        return Reason.HYPOTHETICAL
    if {"probably", "presumably", "maybe", "perhaps"} & set(follow):
        return Reason.INCONCLUSIVE
    after = view.words[group.last + 1 :]
    if (cue is None or cue.polarity == "bad") and "without" in view.words[:3] and group.amounts[0].to is None:
        return Reason.HYPOTHETICAL  # "without the cache it is slower"
    if (
        view.words[max(0, group.first - 4) : group.first][:2] == ["can", "be"]
        and not {"this", "pr", "change", "patch", "commit"} & view.bag
    ):
        return Reason.HYPOTHETICAL
    if "so" in after and not _GIVEN_UP.isdisjoint(after[after.index("so") :]):
        return Reason.HYPOTHETICAL  # "it won 3%, but cost memory, so it was dropped"
    if cue is not None and cue.polarity in ("bad", "up") and _otherwise(after):
        return Reason.HYPOTHETICAL  # "regressed 12%, so I did it otherwise"
    if cue is not None and cue.polarity != "good" and (_conditional(view, group) or _only_noticed(view)):
        return Reason.HYPOTHETICAL
    if not view.says(*cues.HYPOTHETICAL):
        return None
    begin, _ = view.clause(group)
    _, end = view.clause(group, soft=True)
    part = view.text[view.tokens[begin].start : view.tokens[end - 1].end].lower() if end > begin else view.lower
    if any(phrase in part for phrase in cues.HYPOTHETICAL):
        return Reason.HYPOTHETICAL
    return None


def _otherwise(after: list[str]) -> bool:
    """Whether a ", so" draws a consequence from a harm; "so it is an improvement" only praises."""
    if "so" not in after or after[after.index("so") - 1] != ",":
        return False
    return not any(cues.POLARITY.get(word) == "good" for word in after[after.index("so") :])


_GIVEN_UP = lexicon("dropped abandoned rejected discarded reverted")


def _conditional(view: View, group: Group) -> bool:
    """As in "If one of ten nodes is down, the others get 10% more load"."""
    opening = view.words[: min(4, group.first)]
    return "if" in opening and "even" not in opening


def _only_noticed(view: View) -> bool:
    """As in "noticed a 2% regression": a harm that somebody saw is what a change is made against."""
    return view.says("i noticed", "we noticed", "noticed a")


_BY_NUMBER = re.compile(
    r"\b[Ii]n #\d{1,7},? (?:I|we) |introduced in #\d|^\W{0,4}PR #\d{1,7}:|\b(?:with|after|before|since) #\d{1,7}\b|"
    r"#\d{1,7} (?:is|was|has|had|introduced|caused|regressed)\b",
    re.MULTILINE,
)


def _tells_of_other(view: View, group: Group) -> bool:
    """As in "the previous PR saved 5%"; of "with the previous PR ..., this PR saves 80%" the second half is its own."""
    until = view.tokens[group.first].start - view.start
    place = max((view.lower.rfind(phrase, 0, until) for phrase in cues.OTHER_CHANGE), default=-1)
    if place < 0:
        return view.says(*cues.OTHER_CHANGE)
    return not any(own in view.lower[place:until] for own in ("this pr", "this change", "this commit", "this patch"))


_WATCHES = lexicon("detection detector alert alerts alerting warning warnings monitor monitoring")
_CORRECTS = lexicon("fake bogus honest credible inflated unrealistic overstated exaggerated believable")


def other(view: View, group: Group, cue: Cue | None) -> Reason | None:
    if group.amounts[0].to is not None and not _CORRECTS.isdisjoint((*view.bag, *view.head)):
        return Reason.NO_OUTCOME  # "ROI: 56% (was 440%), good but credible": the figure was corrected, nothing changed
    if _tells_of_other(view, group) or _BY_NUMBER.search(view.text, view.start, view.end):
        return Reason.OTHER_CHANGE
    until = view.tokens[group.first].start - view.start
    if any(0 <= view.lower.find(phrase) < until for phrase in cues.OTHER_PEOPLE):
        return Reason.OTHER_PEOPLE
    return None
