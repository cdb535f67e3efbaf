"""When two claims are one outcome: the same statement in a title, a body and a squashed commit counts once.

The fingerprint is that of the statement without its place: its words in lower case without markup, issue numbers and
punctuation, together with what was claimed. ``subject`` leaves the numbers out, so that two texts of a change which
say the same thing with other numbers can be found.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable

from analysis.claims.grounding import Claim
from analysis.claims.records import Kind, Magnitude
from analysis.claims.units import BY_NAME, base_value

_NOISE = re.compile(r"\(?(?:#|GH-)\d+\)?|https?://\S+|[^\w%$€£.]+|\.(?!\d)")
_NUMBER = re.compile(r"\d[\d.,]*")
_REACH = 160  # code points of the statement on each side of the quote


def fingerprint(text: str, claim: Claim) -> str:
    """Hash of the statement: equal for copies of one sentence, whatever text they stand in."""
    parts = [plain(sentence_around(text, claim.start, claim.end)), claim.metric, claim.direction, *signature(claim)]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def signature(claim: Claim) -> tuple[str, ...]:
    """What is claimed, whatever its words: metric, direction and the magnitude in base units."""
    return (claim.metric.value, claim.direction.value, json.dumps(canonical(claim.magnitude)))


def subject(text: str, claim: Claim) -> str:
    """The statement without its numbers: two claims of one subject with other numbers contradict each other."""
    return plain(_NUMBER.sub(" ", sentence_around(text, claim.start, claim.end)))


def same_amount(one: Magnitude, other: Magnitude) -> bool:
    """Whether two magnitudes are equal once they are in base units."""
    return canonical(one) == canonical(other)


def within_change(claims: Iterable[tuple[str, tuple[str, ...]]]) -> list[str]:
    """The outcome key of each (fingerprint, signature) of one change, before other changes are looked at.

    Claims of one signature inside a change are one outcome: the title and the body say the same.
    """
    pairs = list(claims)
    keys: dict[tuple[str, ...], str] = {}
    for print_, sign in pairs:
        keys.setdefault(sign, print_)
    return [keys[sign] for _, sign in pairs]


def plain(words: str) -> str:
    """The words in lower case, without markup, issue numbers and punctuation."""
    return " ".join(_NOISE.sub(" ", words.lower()).split())


def sentence_around(text: str, start: int, end: int) -> str:
    """The line's stretch around a span, cut at a sentence end; what a reader takes for the statement."""
    left = max(text.rfind("\n", max(0, start - _REACH), start), text.rfind(". ", max(0, start - _REACH), start))
    stops = (text.find("\n", end, end + _REACH), text.find(". ", end, end + _REACH))
    right = min((place for place in stops if place >= 0), default=min(len(text), end + _REACH))
    return text[left + 1 if left >= 0 else max(0, start - _REACH) : right]


def canonical(magnitude: Magnitude) -> list[object]:
    """A magnitude in base units: equal for equal amounts, whatever unit they are written in."""
    if magnitude.kind is Kind.FROM_TO:
        return ["from_to", *_base(magnitude.from_value, magnitude.unit), *_base(magnitude.to_value, magnitude.to_unit)]
    low, unit = _base(magnitude.value, magnitude.unit)
    return [magnitude.kind.value, low, _base(magnitude.value_hi, magnitude.unit)[0], unit]


def _base(value: float | None, unit: str) -> tuple[float | None, str]:
    known = BY_NAME.get(unit)
    if value is None:
        return None, known.dim.value if known else unit
    return float(f"{base_value(abs(value), unit):.9g}"), known.dim.value if known else unit
