"""Settings that somebody turned: timeouts, limits, sizes of buffers. A knob that was turned is no outcome."""

from __future__ import annotations

from analysis.claims import cues
from analysis.claims.amounts import Group
from analysis.claims.cue import Cue
from analysis.claims.lexicon import lexicon
from analysis.claims.metric_words import metric_word
from analysis.claims.records import Dim, Reason
from analysis.claims.view import View

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
    if any(word.endswith(("timeout", "_ttl", "interval", "limit")) for word in words):
        return Reason.CONFIGURATION
    soft = not cues.SOFT_SETTINGS.isdisjoint(words)
    if primary.of.dim is Dim.COUNT and not cues.COUNT_SETTINGS.isdisjoint(words):
        return Reason.CONFIGURATION
    if primary.to is not None and any(_names_setting(word) for word in words):
        return Reason.CONFIGURATION
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


_SETTING_ENDS = (
    "cache_size", "buffer_size", "pool_size", "batch_size", "file_size", "chunk_size", "_limit", "_timeout",
    "_interval", "_capacity", "_threshold",
)  # fmt: skip


def _names_setting(word: str) -> bool:
    """As in "max_file_size" and "write_cache_size"."""
    return "_" in word and (word.startswith(("max_", "min_", "default_")) or word.endswith(_SETTING_ENDS))


def in_parentheses(view: View, group: Group) -> bool:
    """Whether a signed size stands alone in parentheses: "(-40 bytes)"."""
    primary = group.amounts[0].of
    around = view.words[group.first - 1 : group.first], view.words[group.last + 1 : group.last + 2]
    return primary.sign != 0 and primary.dim is Dim.BYTES and around == (["("], [")"])


def _turns_knob(view: View, group: Group, cue: Cue | None) -> bool:
    """As in "Increase drive size from 12GB to 20GB", "MAX_UNION from 10 to 5", "--reruns 3->4"."""
    primary = group.amounts[0]
    before = view.words[cue.index - 1] if cue is not None and cue.index else ""
    if cue is not None and cue.word == "increase" and (metric_word(before) or before in ("the", "an", "a")):
        return False  # "the size increase", "cuts the increase in size"
    if primary.to is not None and primary.of.dim is Dim.COUNT and _sets_number(view.words):
        return True
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
    if primary.to is not None and cue is not None and cue.index <= 1 and _BOUNDS & set(view.words[1:4]):
        return True  # "Decrease max output from 10MB to 5MB"
    if primary.cells:
        return False
    opening = [word for word in view.words[:3] if word.isalpha()][:1]
    if primary.to is not None and opening and opening[0] in _RAISES and cues.HIGHER_IS_BETTER.isdisjoint(view.bag):
        return True
    if cue is None and primary.to is not None and view.words[:1] and view.words[0] in _SETS and "instead" in view.words:
        return True  # "Set the size to 128GB instead of 4GB"
    near = [token for token in view.tokens[max(0, group.first - 4) : group.first] if token.kind in "cw"]
    names = [view.text[token.start : token.end].strip("`") for token in near]
    if primary.of.dim is Dim.COUNT and any(_is_knob(name) for name in names[-2:]):
        return True
    nearest = max(0, group.first - 3, cue.index if cue is not None and cue.index < group.first else 0)
    return any(view.text[view.tokens[i].start - 2 : view.tokens[i].start] == "--" for i in range(nearest, group.first))


def _sets_number(words: list[str]) -> bool:
    """As in "Reduce the number of runs from 200 to 50": what was ordered; "this reduces ..." tells what came of it."""
    opening = [word for word in words[:7] if word not in ("-", "*", "#", "the", "total")]
    return opening[:1] != [] and opening[0] in _ORDERS and opening[1:3] == ["number", "of"]


_ORDERS = lexicon("reduce reducing increase decrease lower raise limit")


def _is_knob(name: str) -> bool:
    """MAX_ROWS, --retries, workerCount."""
    camel = name[:1].islower() and not name.islower() and name.isalpha()
    return (name.isupper() and "_" in name) or name.startswith("-") or camel


_BOUNDS = lexicon("max maximum min minimum default")
_RAISES = lexicon("bump bumps raise raises")


_SETS = lexicon("set sets use uses allow allows limit default make change changes configure")


def counts_something(view: View, group: Group) -> bool:
    following = view.words[group.last + 1 : group.last + 2]
    return bool(following and following[0].isalpha() and following[0].endswith("s"))
