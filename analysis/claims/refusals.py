"""The rules that refuse: each answers for one group of amounts with a reason, or None."""

from __future__ import annotations

import re

from analysis.claims import cues
from analysis.claims.amounts import Group
from analysis.claims.cue import COMPARATIVES, Cue
from analysis.claims.lexicon import lexicon
from analysis.claims.metric_words import metric_word
from analysis.claims.records import Dim, Origin, Reason
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
    if _EXAMPLE.search(view.text, view.start, view.tokens[group.first].start):
        return Reason.QUOTATION
    return None


# What follows a quotation mark after "like" or "input:" is an example of a statement, not the statement.
_EXAMPLE = re.compile(
    r"(?i)\b(?:input|test case|case|scenario|claim|sentence|like|such as|e\.g\.|example|string|text)s?:?\s*"
    r"['\"“‘][^'\"”’]{0,120}$"
)


def _is_fixture(view: View) -> bool:
    return bool({"fixture", "fixtures"} & set(view.words[:2])) or view.says(
        "fixture text", "test fixture", "sample text", 'e.g. "', 'assert "', "parametrize", "lorem ipsum"
    )


def no_change(view: View, group: Group) -> Reason | None:
    begin, _ = view.clause(group)
    near, near_end = view.clause(group, soft=True)
    after = view.words[max(near, group.last + 1) : near_end]
    cut = next((place for place, word in enumerate(after) if word in _CONDITIONS), len(after))
    words = " ".join([*view.words[begin : group.last + 1], *after[:cut]])
    if _inconclusive(view, group):
        return Reason.INCONCLUSIVE
    for harmless in ("at no", "with no"):  # "20% smaller at no performance cost"
        words = words.replace(f"{harmless} perf", "").replace(f"{harmless} change", "")
    if any(phrase in words for phrase in cues.NO_CHANGE) or view.lower.lstrip("*- ").startswith(cues.NO_CHANGE):
        return Reason.NO_CHANGE
    primary = group.amounts[0]
    if primary.of.value == 0 and primary.of.sign and primary.to is None:
        return Reason.NO_CHANGE  # "(+0 B)"
    if primary.to is not None and primary.of.value == primary.to.value and primary.of.unit == primary.to.unit:
        return Reason.NO_CHANGE
    return None


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
    if not cues.TARGET.isdisjoint(left) and "than" not in left and "over" not in left and "exceeds" not in left:
        return Reason.TARGET
    if not cues.TARGET.isdisjoint(near_right[:2]) and group.amounts[0].to is None:
        return Reason.TARGET
    return None


def compared(view: View, group: Group) -> Reason | None:
    """A comparison with anything but this change's own past is no outcome of the change."""
    words, count = view.words, len(view.words)
    if words[max(0, group.first - 2) : group.first] in (["wins", "by"], ["win", "by"], ["won", "by"]):
        return Reason.COMPARISON
    start = group.last + 1
    for index in range(start, min(count, start + 16)):
        if words[index] in (";", "|", "."):
            break
        if words[index] == "than" and (words[index - 1] in _NO_COMPARISON or _bounds(words, index)):
            continue  # "rather than", "less than 1%"
        if words[index] != "than" and not (
            words[index] == "over" and index + 2 < count and words[index + 1] in cues.TARGET
        ):
            continue
        rest = words[index + 1 : index + 7]
        if not cues.TARGET.isdisjoint(rest) or not cues.TARGET.isdisjoint(words[index + 1 : index + 4]):
            return Reason.COMPARISON
        return None if _own_past(view, rest, index) else Reason.COMPARISON
    lead = [word for word in words[max(0, group.first - 5) : group.first] if word not in cues.FILLERS]
    described = lead[-2:] in (["that", "are"], ["that", "is"], ["which", "are"], ["which", "is"])
    if (
        _against(view)
        or _as_other(view, group)
        or (described and words[start : start + 1] and words[start] in COMPARATIVES)
    ):
        return Reason.COMPARISON
    before = words[max(0, group.first - 3) : group.first]
    if "than" in before and (before[:1] == ["rather"] or before[:2][-1:] == ["rather"]):
        return Reason.COMPARISON
    if before[-2:] == ["less", "than"] and words[group.last + 1 : group.last + 2] in (
        ["slower"],
        ["longer"],
        ["larger"],
    ):
        return Reason.COMPARISON
    if group.amounts[0].is_change and _compared_to_other(view, group):
        return Reason.COMPARISON
    earlier = words.index("than") if "than" in words[: group.first] else -1
    if (
        earlier > 0
        and words[earlier - 1] in COMPARATIVES
        and not _own_past(view, words[earlier + 1 : earlier + 7], earlier)
    ):
        return Reason.COMPARISON
    return None


def _compared_to_other(view: View, group: Group) -> bool:
    """As in "4x slower compared to plain scripts", and "images that are 5% larger"."""
    words = view.words
    _, end = view.clause(group)
    for index in range(group.last + 1, min(end, group.last + 12) - 1):
        if words[index] in ("compared", "relative") and words[index + 1] in ("to", "with", "against"):
            return not _own_past(view, words[index + 2 : index + 8], index + 1)
        if words[index] == "(":
            return False
        if words[index] in ("vs", "versus") and words[index + 1].isalpha():
            return not _own_past(view, words[index + 1 : index + 7], index)
    return False


def _as_other(view: View, group: Group) -> bool:
    """As in "twice as slow as the other call"; "twice as fast as before" is its own past."""
    words = view.words
    start = group.last + 1
    if words[start : start + 1] != ["as"] or "as" not in words[start + 2 : start + 5]:
        return False
    second = words.index("as", start + 2)
    return not _own_past(view, words[second + 1 : second + 7], second)


def _bounds(words: list[str], index: int) -> bool:
    """As in "less than 1%", which compares with no other thing."""
    return words[index - 1] in ("less", "more", "fewer") and words[index + 1 : index + 2] == [""]


_NO_COMPARISON = lexicon("rather other earlier later sooner")


def _against(view: View) -> bool:
    """As in "Against the other engine, ours is 2x faster": a comparison that the sentence opens with."""
    words = view.words
    if words[:1] not in (["against"], ["versus"], ["vs"]) and words[:2] not in (
        ["compared", "to"],
        ["compared", "with"],
    ):
        return False
    return not _own_past(view, words[1:8], 0)


def _own_past(view: View, rest: list[str], index: int) -> bool:
    if "," in rest:
        rest = rest[: rest.index(",")]
    target = [word for word in rest if word]
    if "industry" in target:
        return False
    if not cues.OWN_PAST.isdisjoint(target) or any("main" in word or "base" in word for word in target):
        return True
    following = view.tokens[index + 1 : index + 4]
    if any(token.kind == "c" and any(word in token.text for word in ("main", "base", "old", "before", "master"))
           for token in following):  # fmt: skip
        return True
    subject = view.lower[:60]
    return any(phrase in subject for phrase in ("this pr", "this change", "this commit", "this patch"))


def threshold(view: View, group: Group) -> Reason | None:
    begin, end = view.clause(group, soft=True)
    primary = group.amounts[0].of
    words = set(view.words[begin:end])
    if view.text[primary.start] == "±":
        return Reason.LEVEL  # "within ±2 GB": a spread around something
    if primary.bound and view.text[primary.start] in "<>≤≥=" and not cues.THRESHOLD.isdisjoint(view.bag):
        return Reason.THRESHOLD
    if view.words[group.last + 1 : group.last + 2] in (["min"], ["max"], ["minimum"], ["maximum"]):
        return Reason.THRESHOLD
    words |= set(view.words[max(0, group.first - 4) : group.first])
    if {"threshold", "thresholds", "cutoff"} & words or view.says("maximum allowed", "max allowed", "allowed time"):
        return Reason.THRESHOLD
    if {"if", "when", "whenever", "unless", "only"} & set(view.words[max(begin, group.first - 8) : group.first]) and (
        {">", "<", "=", "exceeds", "exceed", "least", "above", "below", "takes"} & words
    ):
        return Reason.THRESHOLD
    return None


_NO_VERSION = 1000  # a bare number as large as this is no version
_MEASURED = lexicon("time latency memory size cost")


def settings(view: View, group: Group, cue: Cue | None) -> Reason | None:
    """A knob that was turned is no outcome: timeouts, intervals, limits, retries."""
    primary = group.amounts[0]
    if primary.is_change:
        governed = view.words[min(cue.index, group.last) : max(cue.index, group.first)] if cue else []
        raised = cue is not None and cue.polarity == "up" and not cues.SOFT_SETTINGS.isdisjoint(governed)
        return None if cues.SETTINGS.isdisjoint(governed) and not raised else Reason.CONFIGURATION
    lead = view.words[max(0, group.first - 8) : group.first]
    if ")" in lead:
        lead = lead[len(lead) - lead[::-1].index(")") :]
    begin, end = view.clause(group, soft="(" in lead and len(lead) - lead.index("(") > 3)
    if cue is not None and cue.side == "left" and primary.to is None and primary.of.dim is not Dim.COUNT:
        begin, end = max(begin, cue.index - 3), min(end, group.last + 4)  # what the cue speaks of, not all it is for
    words = view.words[begin:end]
    if in_parentheses(view, group):
        return None  # "Queue it only once (+13 B)"
    if _turns_knob(view, group, cue):
        return Reason.CONFIGURATION
    repaired = not {"fix", "fixes", "fixed"}.isdisjoint(words) and "(" in lead
    if not cues.SETTINGS.isdisjoint(words) and not repaired:
        return Reason.CONFIGURATION
    if any(word.endswith(("timeout", "_ttl", "interval", "limit", "-minutes")) for word in words):
        return Reason.CONFIGURATION
    soft = not cues.SOFT_SETTINGS.isdisjoint(words)
    measured = primary.of.dim is not Dim.COUNT and any(
        word in ("bytes", "usage") or (metric_word(word) in _MEASURED and word not in cues.SOFT_SETTINGS)
        for word in words
    )
    if soft and not measured and primary.of.dim in (Dim.COUNT, Dim.TIME, Dim.BYTES, Dim.PERCENT):
        return Reason.CONFIGURATION
    falls = cue is not None and cue.polarity == "down"
    if (
        primary.of.dim is Dim.COUNT
        and (primary.of.value or 0.0) < _NO_VERSION
        and not falls
        and not cues.VERSIONED.isdisjoint(words)
        and not counts_something(view, group)
    ):
        return Reason.VERSION
    return None


def in_parentheses(view: View, group: Group) -> bool:
    """Whether a signed size stands alone in parentheses: "(-40 bytes)"."""
    primary = group.amounts[0].of
    around = view.words[group.first - 1 : group.first], view.words[group.last + 1 : group.last + 2]
    return primary.sign != 0 and primary.dim is Dim.BYTES and around == (["("], [")"])


def _turns_knob(view: View, group: Group, cue: Cue | None) -> bool:
    """As in "Increase drive size from 12GB to 20GB", "MAX_UNION from 10 to 5", "--reruns 3->4"."""
    primary = group.amounts[0]
    ordered = cue is not None and cue.index <= 1 and cue.word in ("increase", "raise", "expand", "bump", "grow")
    if (
        cue is not None
        and cue.word in ("increase", "raise", "expand", "increasing", "double", "bump", "grow")
        and (primary.to is not None or ordered)
    ):
        between = view.words[cue.index : group.first]
        if cues.HIGHER_IS_BETTER.isdisjoint(between):
            return True
    raised = cue is not None and cue.word in ("increased", "raised") and cue.index <= 1
    if raised and primary.to is not None and primary.of.dim is Dim.BYTES:
        return True
    if primary.cells:
        return False
    opening = [word for word in view.words[:3] if word.isalpha()][:1]
    if primary.to is not None and opening and opening[0] in _RAISES and cues.HIGHER_IS_BETTER.isdisjoint(view.bag):
        return True
    if cue is None and primary.to is not None and view.words[:1] and view.words[0] in _SETS and "instead" in view.words:
        return True  # "Set the size to 128GB instead of 4GB"
    before = [token for token in view.tokens[max(0, group.first - 4) : group.first] if token.kind in "cw"]
    names = [view.text[token.start : token.end].strip("`") for token in before]
    if primary.of.dim is Dim.COUNT and any(_is_knob(name) for name in names[-2:]):
        return True
    return any(view.text[view.tokens[i].start - 2 : view.tokens[i].start] == "--" for i in
               range(max(0, group.first - 3), group.first))  # fmt: skip


def _is_knob(name: str) -> bool:
    """MAX_ROWS, --retries, workerCount."""
    camel = name[:1].islower() and not name.islower() and name.isalpha()
    return (name.isupper() and "_" in name) or name.startswith("-") or camel


_RAISES = lexicon("bump bumps raise raises")
_SETS = lexicon("set sets use uses allow allows limit default make change changes configure")


def counts_something(view: View, group: Group) -> bool:
    following = view.words[group.last + 1 : group.last + 2]
    return bool(following and following[0].isalpha() and following[0].endswith("s"))


def negated(view: View, group: Group, cue: Cue | None) -> Reason | None:
    begin, _ = view.clause(group, soft=True)
    anchor = min(cue.index, group.first) if cue else group.first
    window = view.words[max(begin if anchor >= begin else 0, anchor - 5) : anchor]
    if "and" in window:
        window = window[len(window) - window[::-1].index("and") :]
    if window[-1:] == ["to"] and window[-2:-1] and window[-2] not in _SEEMS:
        window = []  # "do not include X to cut Y by half": the purpose is not denied
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


_SEEMS = lexicon("seem appear seems appears able manage managed want expect expected need going tend")
_NEAR_NEGATIONS = frozenset(("without", "no", "none", "nothing"))


def old_state(view: View, group: Group, cue: Cue | None) -> Reason | None:
    primary = group.amounts[0]
    if primary.to is not None:
        return None
    if view.words[:1] == ["current"]:
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


def hypothetical(view: View, group: Group, cue: Cue | None) -> Reason | None:
    follow = view.words[group.last + 1 : group.last + 2]
    if group.amounts[0].of.word and follow and follow[0] in ("if", "when", "unless"):
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
    if cue is not None and cue.polarity in ("bad", "up") and "so" in after and after[after.index("so") - 1] == ",":
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


_GIVEN_UP = lexicon("dropped abandoned rejected discarded reverted")


def _conditional(view: View, group: Group) -> bool:
    """As in "If one of ten nodes is down, the others get 10% more load"."""
    opening = view.words[: min(4, group.first)]
    return "if" in opening and "even" not in opening


def _only_noticed(view: View) -> bool:
    """As in "noticed a 2% regression": a harm that somebody saw is what a change is made against."""
    return view.says("i noticed", "we noticed", "noticed a")


_BY_NUMBER = re.compile(r"\b[Ii]n #\d{1,7},? (?:I|we) |introduced in #\d|^\W{0,4}PR #\d{1,7}:", re.MULTILINE)


def _tells_of_other(view: View, group: Group) -> bool:
    """As in "the previous PR saved 5%"; of "with the previous PR ..., this PR saves 80%" the second half is its own."""
    until = view.tokens[group.first].start - view.start
    place = max((view.lower.rfind(phrase, 0, until) for phrase in cues.OTHER_CHANGE), default=-1)
    if place < 0:
        return view.says(*cues.OTHER_CHANGE)
    return not any(own in view.lower[place:until] for own in ("this pr", "this change", "this commit", "this patch"))


_CORRECTS = lexicon("honest credible inflated unrealistic overstated exaggerated believable")


def other(view: View, group: Group, cue: Cue | None) -> Reason | None:
    if group.amounts[0].to is not None and not _CORRECTS.isdisjoint((*view.bag, *view.head)):
        return Reason.NO_OUTCOME  # "ROI: 56% (was 440%), good but credible": the figure was corrected, nothing changed
    if _tells_of_other(view, group) or _BY_NUMBER.search(view.text, view.start, view.end):
        return Reason.OTHER_CHANGE
    if view.says(*cues.OTHER_PEOPLE):
        return Reason.OTHER_PEOPLE
    return None
