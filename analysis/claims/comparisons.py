"""Comparisons with anything but the change's own past, which are no outcome of the change."""

from __future__ import annotations

from analysis.claims import cues
from analysis.claims.amounts import Group
from analysis.claims.cue import COMPARATIVES
from analysis.claims.lexicon import lexicon
from analysis.claims.records import Reason
from analysis.claims.view import View


def compared(view: View, group: Group) -> Reason | None:
    """A comparison with anything but this change's own past is no outcome of the change."""
    if _wins(view, group):
        return Reason.COMPARISON
    than = _than_behind(view, group)
    if than is not None:
        return Reason.COMPARISON if than else None
    asked = (_against(view), _described(view, group), _as_other(view, group), _than_before(view, group))
    other = any(asked) or (group.amounts[0].is_change and _compared_to_other(view, group))
    return Reason.COMPARISON if other else None


def _wins(view: View, group: Group) -> bool:
    """As in "this model wins by 50%", "it is still 4x slower"."""
    before = view.words[max(0, group.first - 3) : group.first]
    follow = view.words[group.last + 1 : group.last + 2]
    still = "still" in before and bool(follow) and (follow[0] in COMPARATIVES or follow[0] in ("more", "less"))
    return before[-2:] in (["wins", "by"], ["win", "by"], ["won", "by"]) or still


def _than_behind(view: View, group: Group) -> bool | None:
    """Whether the "than" behind the number names something else; None where there is none."""
    words = view.words
    for index in range(group.last + 1, min(len(words), group.last + 17)):
        if words[index] in (";", "|", ".", ":"):
            return None
        over = words[index] == "over" and index + 2 < len(words) and words[index + 1] in cues.TARGET
        if words[index] == "than" and (words[index - 1] in _NO_COMPARISON or _bounds(words, index)):
            continue  # "rather than", "less than 1%"
        if words[index] == "than" or over:
            rest = words[index + 1 : index + 7]
            return not cues.TARGET.isdisjoint(rest) or not _own_past(view, rest, index)
    return None


def _described(view: View, group: Group) -> bool:
    """As in "images that are 5% larger"; "Prefer the slice, which is 20% faster" is what was done."""
    words = view.words
    lead = [word for word in words[max(0, group.first - 5) : group.first] if word not in cues.FILLERS]
    relative = lead[-2:] in (["that", "are"], ["that", "is"], ["which", "are"], ["which", "is"])
    follow = words[group.last + 1 : group.last + 2]
    return relative and words[0] not in _ADOPTS and bool(follow) and follow[0] in COMPARATIVES


def _than_before(view: View, group: Group) -> bool:
    """Whether a "than" before the number makes it a comparison: "rather than 20%", "less than 3% slower"."""
    words = view.words
    before, after = words[max(0, group.first - 3) : group.first], words[group.last + 1 : group.last + 2]
    if "than" in before and "rather" in before[:2]:
        return True
    if before[-2:] == ["less", "than"] and after in (["slower"], ["longer"], ["larger"]):
        return True
    place = words.index("than") if "than" in words[: group.first] else -1
    return place > 0 and words[place - 1] in COMPARATIVES and not _own_past(view, words[place + 1 : place + 7], place)


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


_ADOPTS = lexicon("prefer use uses using switch replace adopt move")


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
