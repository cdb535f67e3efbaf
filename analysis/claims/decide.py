"""Is this amount a claim that this change produced an outcome? Yes with the words that say so, or no with a reason.

The rules stand in the order in which they are asked; the first that answers wins. Each answers for one group of
amounts in one sentence and sees nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.claims import comparisons, cues, knobs, refusals
from analysis.claims.amounts import Amount, Group
from analysis.claims.cue import Cue, find_cue
from analysis.claims.lexicon import lexicon
from analysis.claims.outcomes import outcome
from analysis.claims.records import Dim, Reason, State
from analysis.claims.view import View


@dataclass(slots=True)
class Verdict:
    """The decision on one group: a reason to refuse, or the cue and the state of the claim."""

    reason: Reason | None = None
    cue: Cue | None = None
    state: State = State.STATED
    detail: str = ""
    removes: bool = False  # the cue names a harm that this change takes away


def decide(view: View, group: Group) -> Verdict:
    """Judge one group of amounts."""
    primary = group.amounts[0]
    for rule in (
        refusals.not_a_measure,
        refusals.no_change,
        refusals.goal_marker,
        comparisons.compared,
        refusals.threshold,
    ):
        reason = rule(view, group)
        if reason is not None:
            return Verdict(reason, detail=rule.__name__)
    cue = find_cue(view, group)
    for check in (knobs.settings, refusals.negated, refusals.old_state, refusals.hypothetical, refusals.other):
        reason = check(view, group, cue)
        if reason is not None:
            return Verdict(reason, cue, detail=check.__name__)
    reason = outcome(view, group, primary, cue)
    if reason is not None:
        return Verdict(reason, cue, detail="outcome")
    state = State.EXPECTED if view.expected or _expected(view, group, cue) else State.STATED
    return Verdict(None, cue, state, removes=_removes(view, group, cue))


def decide_all(view: View, groups: list[Group]) -> list[Verdict]:
    """Judge the groups of a sentence; one that says only a level may share the cue of its neighbour."""
    verdicts = [decide(view, group) for group in groups]
    for index in range(1, len(groups)):
        one, two = verdicts[index - 1], verdicts[index]
        if two.reason is Reason.LEVEL and one.reason is None and _continues(view, groups[index - 1], groups[index]):
            verdicts[index] = one
        elif one.reason is Reason.LEVEL and two.reason is None and _precedes(view, groups[index - 1], groups[index]):
            verdicts[index - 1] = two
        elif two.reason is Reason.SHARE and one.reason is None and _shares(view, groups[index - 1], groups[index]):
            verdicts[index] = one
        elif two.reason is Reason.LEVEL:
            earlier = next((i for i in range(index - 1, -1, -1) if verdicts[i].reason is None), -1)
            if earlier >= 0 and _enumerates(view, groups[earlier], groups[index]):
                verdicts[index] = verdicts[earlier]
    return verdicts


def _shares(view: View, previous: Group, group: Group) -> bool:
    """As in "cuts 80% of the load time, and 40% of the whole": both are shares, and one verb takes them away."""
    follows = [view.words[part.last + 1 : part.last + 2] for part in (previous, group)]
    return follows == [["of"], ["of"]] and _continues(view, previous, group)


def _enumerates(view: View, stated: Group, group: Group) -> bool:
    """As in "28% faster at 1m/15s, 66% at 5m/15s and 96% at 1h/15s": one cue, and a place for each."""
    words = view.words
    before, after = words[group.first - 1 : group.first], words[group.last + 1 : group.last + 2]
    place = words[stated.last + 1 : group.first]
    listed = before in ([","], ["and"]) and after in (["at"], ["on"], ["for"], ["in"], ["with"], ["under"])
    return listed and stated.amounts[0].is_change and _alike(stated, group) and {";", ".", "|"}.isdisjoint(place)


def _alike(one: Group, two: Group) -> bool:
    first, second = one.amounts[0], two.amounts[0]
    if len(one.amounts) > 1 and [_shape(amount) for amount in one.amounts] == [
        _shape(amount) for amount in two.amounts
    ]:
        return True
    same = first.to is None and second.to is None and first.of.dim is second.of.dim
    return same and (first.is_change or first.of.dim in (Dim.BYTES, Dim.TIME))


def _both_absolute(one: Group, two: Group) -> bool:
    measured = (Dim.BYTES, Dim.TIME)
    return all(group.amounts[0].to is None and group.amounts[0].of.dim in measured for group in (one, two))


def _shape(amount: Amount) -> tuple[bool, Dim]:
    return amount.to is not None, amount.of.dim


def _continues(view: View, previous: Group, group: Group) -> bool:
    """As in "~16% improvement for slice reads and ~20% for cursor writes": the cue holds for both."""
    between = view.words[previous.last + 1 : group.first]
    if between == ["and"] and _both_absolute(previous, group):
        return True  # "drops 127 MB and 50 ms"
    both = previous.amounts[0].is_change and group.amounts[0].is_change and "and" in between
    if not (both or _alike(previous, group)) or not {";", "|", "."}.isdisjoint(between):
        return False
    after = view.words[group.last + 1 : group.last + 2]
    link = max((place for place, word in enumerate(between) if word in ("and", ",")), default=-1)
    if link < 0:
        return False
    named = between[link + 1 :]
    if not named and view.words[group.last + 1 : group.last + 2] and view.words[group.last + 1].isalpha():
        return link > 0 and between[link] == "and"  # "saves 1% time, 2% memory and 3% blocks"
    if len(named) > 5 or any(word in cues.POLARITY for word in named):
        return False
    return (bool(named) and "and" in between) or after[:1] in (["of"], ["for"], ["on"], ["in"], ["with"], ["under"])


def _precedes(view: View, group: Group, following: Group) -> bool:
    """As in "~40% / ~27% faster" and "a 6% incremental and 1% cold-check regression": the cue stands behind both."""
    between = view.words[group.last + 1 : following.first]
    return _alike(group, following) and (between == ["/"] or (len(between) <= 2 and between[-1:] == ["and"]))


def _expected(view: View, group: Group, cue: Cue | None) -> bool:
    """Whether the claim is a goal or a forecast: the word for it stands before the cue in the same clause."""
    begin, end = view.clause(group)
    anchor = min(cue.index, group.first) if cue else group.first
    own = _own_subject(view, begin, anchor)
    near, _ = view.clause(group, soft=True)
    for index in range(own, end):
        word = view.words[index]
        if word not in cues.EXPECTED or (index and view.words[index - 1] == "as"):
            continue
        if word in cues.SOFT_EXPECTED and not (max(near, anchor - 4) <= index <= group.first):
            continue
        if index > group.last and index - group.last > 3:
            continue
        return True
    if any(view.words[i : i + 2] == ["expected", ":"] for i in range(group.last + 1, len(view.words))):
        return True  # "saves 4 hours a week -> Expected: ..."
    if view.words[:1] and view.words[0] in cues.SOFT_EXPECTED:
        return True  # "Should result in a 10x speedup"
    opening = view.words[:4] if own == begin else []
    return bool(opening) and any(word in ("expected", "goal", "target", "potential") for word in opening)


_REPAIRS = lexicon("fix fixes fixed fixing resolve resolves resolved correct corrects corrected repair repairs")


def _own_subject(view: View, begin: int, anchor: int) -> int:
    """As in "The goal is a factor of two, and this already shrinks it by 75%": a clause with a subject of its own."""
    words = view.words
    starts = (i for i in range(anchor - 1, begin, -1) if words[i - 1] == "and" and words[i] in _SUBJECTS)
    return next(starts, begin)


_SUBJECTS = lexicon("this it we i they that")


def _removes(view: View, group: Group, cue: Cue | None) -> bool:
    """As in "Fixing the 10x slowdown", "recovers the 3% regression": the harm goes away."""
    if cue is None or cue.polarity == "good":
        return False
    begin, _ = view.clause(group)
    if cue.polarity != "bad":  # "Fix the bug that caused an 8% drop in accuracy"
        caused = any(word.startswith("caus") for word in view.words[max(begin, group.first - 4) : group.first])
        return caused and any(word in _REPAIRS for word in view.words[: group.first])
    window = view.words[max(begin, min(group.first, cue.index) - 5) : min(group.first, cue.index)]
    return any(word in cues.REMOVES for word in window)
