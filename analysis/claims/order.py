"""Which of two numbers is the old value and which the new one: by arrows, prepositions, labels and tenses."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.claims import cues
from analysis.claims.lexicon import lexicon
from analysis.claims.records import Dim, Quantity
from analysis.claims.tokens import Token

OLD_FIRST, NEW_FIRST, NO_PAIR = 1, -1, 0

_TO_FILLERS = cues.FILLERS | lexicon("took takes down up per ~ ( ) ≈ mere now much better new")
REVERSED = lexicon("was previously vs vs. versus before compared originally formerly instead against")
_OLD_LABELS = lexicon("old before base baseline main master previously previous was original without current prior")
_NEW_LABELS = lexicon("new after now patched pr branch patch this optimized")
_NO_LABELS = frozenset((":", "=", "(", "`", "is", ",", "[", "pr", "change", "commit", "patch", "~"))
_EARLIER = lexicon("before previously earlier originally")
_LATER = lexicon("now after afterwards today")
_PAST = lexicon("before main previously baseline master old previous originally earlier")
_BETTER = lexicon("improvement improvements speedup speed-up reduction savings gain gains")
_VARIES = lexicon("ranges range ranging varies vary varying fluctuates fluctuating anywhere differs spans")
_FASTER = lexicon("faster quicker smaller cheaper slower larger")
_MARKS = frozenset(("(", ")", "`", ":", ",", "main", "[", "]"))


@dataclass(frozen=True, slots=True)
class Between:
    """Two numbers at the token indices ``left`` and ``right``, and the words before, between and after them."""

    tokens: list[Token]
    left: int
    right: int
    before: list[str]
    words: list[str]
    after: list[str]

    @property
    def plain(self) -> list[str]:
        return [word for word in self.words if word not in _MARKS]

    @property
    def ends(self) -> tuple[Quantity | None, Quantity | None]:
        return self.tokens[self.left].quantity, self.tokens[self.right].quantity


def between(tokens: list[Token], left: int, right: int, *, skipped: range = range(0)) -> Between:
    """The surroundings of two numbers; the tokens of ``skipped`` are an aside that does not count."""
    words = [
        token.text if token.kind != "a" else "→"
        for index, token in enumerate(tokens[left + 1 : right], left + 1)
        if index not in skipped
    ]
    if words[:1] == ["/"]:
        words = words[2:]  # "33 ms/frame to 21 ms/frame"
    before = [token.text for token in tokens[max(0, left - 6) : left]]
    after = [token.text for token in tokens[right + 1 : right + 5]]
    return Between(tokens, left, right, before, words, after)


def order(place: Between) -> int:
    """1 where the left number is the old one, -1 where the right one is, 0 where the two are no pair."""
    for rule in (_quoted, _arrow, _apart, _labelled, _tenses, _becomes, _to, _instead, _compared, _now):
        found = rule(place)
        if found is not None:
            return found
    return NO_PAIR


def label(tokens: list[Token], begin: int, spot: int) -> int:
    """-1 where the number is labelled as the old value ("before: 12"), 1 as the new one, 0 where it has no label."""
    for index in range(spot - 1, max(begin, spot - 5) - 1, -1):
        word = tokens[index].text.lower()
        if word in _OLD_LABELS:
            return -1
        if word in _NEW_LABELS:
            return 1
        if word not in _NO_LABELS:
            return 0
    return 0


def _quoted(place: Between) -> int | None:
    """As in '3) => "00 3"': what stands in quotation marks is output."""
    return NO_PAIR if not {'"', "'"}.isdisjoint(place.words) else None


def _arrow(place: Between) -> int | None:
    plain = place.plain
    return OLD_FIRST if "→" in plain and len(plain) <= 4 and "|" not in plain else None


def _apart(place: Between) -> int | None:
    broken = any(word in (";", "|", ".") for word in place.words)
    return NO_PAIR if broken and "after" not in place.words and "now" not in place.words else None


def _labelled(place: Between) -> int | None:
    """As in "new: 12 ms old: 15 ms"; of "46 MB before: 77 MB after: 54 MB" the first belongs to neither."""
    left = label(place.tokens, 0, place.left)
    right = label(place.tokens, place.left + 1, place.right)
    if len(place.words) <= 6 and left and right and left != right:
        return OLD_FIRST if left < 0 else NEW_FIRST
    if left == 0 and right < 0 and ":" in place.words and {"after", "now"} & set(place.after):
        return NO_PAIR
    return None


def _tenses(place: Between) -> int | None:
    """As in "12 min before, now 5 min" and "19.9 s before it stopped ..., 6.2 s now"."""
    words, after = place.words, place.after
    if {"now", "after"} & set(words) and {"before", "previously"} & set(words):
        return OLD_FIRST
    if words[:1] and words[0] in _EARLIER and after[:1] and after[0] in _LATER:
        return OLD_FIRST
    return OLD_FIRST if words[:2] == ["(", "before"] and after[:2] == ["(", "after"] else None


def _becomes(place: Between) -> int | None:
    return OLD_FIRST if place.plain in (["becomes"], ["became"]) else None


def _to(place: Between) -> int | None:
    words, before = place.words, place.before
    if words[-2:] == ["down", "to"] and len(words) <= 5:
        return NO_PAIR if before[-1:] == ["by"] else OLD_FIRST  # "by 8 bytes (down to 72)"
    if "to" not in words or not {"vs", "vs.", "versus"}.isdisjoint(words):
        return None
    tail = words[words.index("to") + 1 :]
    fine = all(word in _TO_FILLERS for word in tail)
    if before[-1:] == ["from"] and before[-2:-1] and before[-2] in _VARIES:
        return NO_PAIR
    if fine and "from" in before and len(words) <= 9 and "by" not in words:
        return OLD_FIRST
    if before[-1:] in (["took"], ["takes"], ["taking"]) and "now" not in words:
        return NO_PAIR
    plain = place.plain
    if fine and len(plain) <= 3 and all(word in _TO_FILLERS or word.startswith("per") for word in plain):
        return OLD_FIRST
    if fine and "now" in words and not {"previously", "took", "was"}.isdisjoint(before):
        return OLD_FIRST  # "previously took upwards of 50 s and is now down to under 1 s"
    return NO_PAIR


def _instead(place: Between) -> int | None:
    """As in "Before it took 12 min, after 5 min" and "Instead of 26 million we now create 250 thousand"."""
    opened = "before" in place.before or "instead" in place.before
    return OLD_FIRST if opened and {"after", "takes", "now", "only"} & set(place.words) else None


def _compared(place: Between) -> int | None:
    """As in "5 s, down from 9 s", "2 min instead of 15", "500 ms (was 4 s)"."""
    words, after = place.words, place.after
    if words[-1:] == ["from"]:
        if after[:1] == ["to"]:
            return NO_PAIR
        if len(words) <= 6 and ("down" in words or "up" in words):
            return NEW_FIRST
        if len(words) == 1 and place.before[-1:] == ["to"]:
            return NEW_FIRST  # "increases to 16 from 15.5"
    if len(words) > 6 or "not" in words or REVERSED.isdisjoint(words):
        return None
    if "instead" in words and "of" in words:
        listed = place.before[-1:] == [","] and place.after[:1] == [","]  # "1, 10, 2 instead of 1, 2, 10"
        return NO_PAIR if listed else NEW_FIRST
    if "against" in words and len(words) <= 2 and any(token.text in _FASTER for token in place.tokens):
        return NEW_FIRST  # "it is faster: 9.3 s against 10.3 s"
    past = not (_PAST.isdisjoint(after) and _PAST.isdisjoint(words))
    if {"compared", "against"} & set(words) and not past:
        return NO_PAIR
    return _versus(place, past=past) if {"vs", "vs.", "versus"} & set(words) else NEW_FIRST


def _versus(place: Between, *, past: bool) -> int:
    """ "12 ms vs 15 ms" says nothing of the order: what stands around it must."""
    before, after = place.before, place.after
    if {"before", "main", "previously", "baseline", "master", "old"} & set(after):
        return NEW_FIRST
    if {"after", "now", "new"} & set(after):
        return OLD_FIRST
    if before[-1:] == [":"] and before[-2:-1] and before[-2] in _BETTER:
        return _larger_is_old(place)
    quantity = place.tokens[place.right].quantity
    measured = quantity is not None and quantity.dim is not Dim.PERCENT
    stated = place.left >= 2 and place.tokens[place.left - 2].quantity is not None
    aside = "(" in before[-1:] and ((before[-2:-1] and before[-2] in cues.POLARITY) or stated)
    return NEW_FIRST if past or {"now", "new"} & set(before) or (aside and measured) else NO_PAIR


def _larger_is_old(place: Between) -> int:
    """As in "Improvement: 0.033 s vs 0.11 s": of times and sizes the smaller is the improved one."""
    one, two = place.ends
    if one is None or two is None or one.dim not in (Dim.TIME, Dim.BYTES) or one.dim is not two.dim:
        return NO_PAIR
    return OLD_FIRST if (one.value or 0.0) > (two.value or 0.0) else NEW_FIRST


def _now(place: Between) -> int | None:
    words, before = set(place.words), set(place.before)
    if {"previously", "used", "took", "was", "before", "originally"} & before and {"now", "after"} & words:
        return OLD_FIRST
    if {"now", "takes"} & before and {"previously", "was", "took", "before"} & words:
        return NEW_FIRST
    recent = "now" in before and {"before", "previously"} & set(place.after) and len(place.words) <= 8
    return NEW_FIRST if recent else None
