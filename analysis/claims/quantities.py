"""From a numeral and what stands around it to a quantity: unit, sign, scale, bound, or the reason why it is none."""

from __future__ import annotations

import re

from analysis.claims import numerals
from analysis.claims.lexicon import lexicon
from analysis.claims.records import Dim, Quantity, Reason
from analysis.claims.units import SCALE_WORDS, SCALES, find_unit

_PREFIX = "+-−–~≈<>≤≥=±$€£¥\\"
_CURRENCY = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
_GLUED = re.compile(r"[^\W\d_]+(?:/[^\W\d_]+)?|[%×°]")
_SPACED = re.compile(r"\**[ \u00a0\u202f\-]([%×]|[^\W\d_]+(?:/[^\W\d_]+)?)")
_MORE_WORD = re.compile(r"[\w\-]{1,80}")
_POINTS = re.compile(r"[ \-]?(?:percentage[ \-])?(?:points?|pts?|pp)\b")
_PERCENTAGE_POINTS = re.compile(r" percentage[ \-]points?\b")
_PER_SECOND = re.compile(r"(?:/| per )(?:s|sec|second)\b")
_COMPARES = re.compile(
    r"\*{0,2} (?:as|faster|slower|quicker|more|less|fewer|smaller|larger|bigger|better|worse|cheaper|higher|lower|"
    r"shorter|longer|the|speed|improve|reduc|increas)"
)
_UNITS_ONLY_GLUED = lexicon("b x × m")
_ORDINALS = lexicon("st nd rd th")
_HTTP = frozenset([400, 401, 403, 404, 405, 409, 410, 413, 415, 418, 422, 429, 500, 501, 502, 503, 504])
_NUMBER_IN_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([a-zA-Z]+)")


def read_clock(text: str, begin: int, end: int) -> Quantity:
    """2:15 as a duration in seconds (h:mm:ss or m:ss); with am or pm, or in the shape of a day's time, a time."""
    sign_end = begin if text[begin].isdigit() else begin + 1
    parts = text[sign_end:end].split(":")
    tail = text[end : end + 4].lower().replace(".", "").lstrip()
    if tail.startswith(("am", "pm", "utc")) or (begin and text[begin - 1] in ":T"):
        return Quantity(begin, end, Dim.OPAQUE, None, reason=Reason.DATE_OR_TIME)
    if float(parts[-1]) >= 60 or (begin and text[begin - 1] == "."):
        return Quantity(begin, end, Dim.OPAQUE, None, reason=Reason.IDENTIFIER)
    seconds = 0.0
    for part in parts:
        seconds = seconds * 60 + float(part)
    found = Quantity(begin, end, Dim.TIME, seconds, unit="s", step=numerals.step_of(parts[-1]))
    _signs(found, text[begin:sign_end])
    return found


def read_duration(text: str, begin: int, end: int) -> Quantity:
    """1h 2m 3s, 7m22s or 1m02 as seconds."""
    scale = {"h": 3600.0, "m": 60.0, "s": 1.0}
    written = text[begin:end] + ("s" if text[end - 1].isdigit() else "")
    parts = _NUMBER_IN_DURATION.findall(written)
    seconds = sum(float(number) * scale[unit[0].lower()] for number, unit in parts)
    step = 0.5 * scale[parts[-1][1][0].lower()] * (2 * numerals.step_of(parts[-1][0]))
    found = Quantity(begin, end, Dim.TIME, seconds, unit="s", step=step)
    _signs(found, text[begin] if not text[begin].isdigit() else "")
    return found


def _signs(found: Quantity, prefix: str) -> None:
    found.approx = any(char in "~≈±" for char in prefix)
    found.sign = 1 if "+" in prefix else -1 if any(char in "-−–" for char in prefix) else 0
    found.bound = "<" if any(char in "<≤" for char in prefix) else ">" if any(char in ">≥" for char in prefix) else ""


def read_number(text: str, begin: int, end: int, stop: int) -> Quantity:
    """The quantity whose prefix and numeral are ``text[begin:end]``; its unit is looked for before ``stop``."""
    first = begin
    while text[first] in _PREFIX:
        first += 1
    prefix, numeral = text[begin:first], text[first:end]
    before = text[begin - 1] if begin else " "
    value = numerals.parse(numeral)
    if value is None:
        reason = Reason.IDENTIFIER if len(numeral) > numerals.MAX_DIGITS else Reason.VERSION
        return _opaque(text, begin, end, stop, reason)
    if before == ":" and begin > 1 and not text[begin - 2].isspace() and not prefix:
        return _opaque(text, begin, end, stop, Reason.PORT)
    if before == "%" and not prefix:  # "%40s" formats, it does not measure
        return _opaque(text, begin, end, stop, Reason.CODE)
    if before in "/_@&#" and not prefix and (begin < 2 or text[begin - 2] not in " ("):
        return _opaque(text, begin, end, stop, Reason.IDENTIFIER)
    found = Quantity(begin, end, Dim.COUNT, value, step=numerals.step_of(numeral))
    _signs(found, prefix)
    currency = next((_CURRENCY[char] for char in prefix if char in _CURRENCY), "")
    _suffix(found, text, stop)
    if text[found.end : found.end + 1] == "+" and found.dim is not Dim.COUNT:
        found.end, found.bound = found.end + 1, ">"
    if currency:
        found.dim, found.unit = Dim.MONEY, currency
    if found.dim is Dim.OPAQUE:
        return _opaque(text, begin, found.end, stop, found.reason or Reason.IDENTIFIER)
    return found


def _opaque(text: str, begin: int, end: int, stop: int, reason: Reason) -> Quantity:
    more = _MORE_WORD.match(text, end, stop)
    return Quantity(begin, more.end() if more else end, Dim.OPAQUE, None, reason=reason)


def _suffix(found: Quantity, text: str, stop: int) -> None:
    plus = text[found.end : found.end + 1] == "+" and text[found.end + 1 : found.end + 2] in ("%", "x", "×")
    glued = _GLUED.match(text, found.end + plus, stop)
    if glued:
        _glued(found, text, glued, stop)
        return
    spaced = _SPACED.match(text, found.end, stop)
    if spaced:
        _spaced(found, text, spaced, stop)


def _glued(found: Quantity, text: str, match: re.Match[str], stop: int) -> None:
    word = match.group()
    head = word.partition("/")[0]
    if head != word and find_unit(word) is None and (head in SCALES or find_unit(head)):
        word = head  # "409 ns/match", "$12k/month": the period is read apart
    if word == "%":
        _percent(found, text, match.end(), stop)
        return
    if word == "B" and _means_bytes(found, text, match.end()):
        found.dim, found.unit, found.end = Dim.BYTES, "bytes", match.start() + 1
        return
    if word in SCALES:
        _scale(found, SCALES[word], match.start() + len(word))
        _after_scale(found, text, stop)
        return
    unit = find_unit(word)
    end = match.start() + len(word)
    follows = text[end : end + 1]
    if unit is None or follows.isdigit() or follows == "_":
        found.dim = Dim.OPAQUE
        found.reason = Reason.DATE_OR_TIME if word in _ORDINALS or word.lower() in ("am", "pm") else Reason.IDENTIFIER
        found.end = match.end()
        return
    if word == "s" and found.value in _HTTP and not found.sign:
        found.dim, found.reason, found.end = Dim.OPAQUE, Reason.HTTP_CODE, end
        return
    found.dim, found.unit, found.end = unit.dim, unit.name, end
    _per_second(found, text, stop)


_BILLIONS = re.compile(
    r" ?(?:row|param|token|model|record|event|vector|doc|user|request|people|dollar|point|series|key)"
)


def _means_bytes(found: Quantity, text: str, end: int) -> bool:
    """Whether a "B" is bytes ("512B", "900B/op") and not billions ("$5B", "7B parameters", "1.5B rows")."""
    money = text[found.start : found.start + 1] in _CURRENCY
    whole = found.value is not None and found.value == int(found.value)
    return whole and not money and _BILLIONS.match(text, end) is None


def _percent(found: Quantity, text: str, end: int, stop: int) -> None:
    found.dim, found.unit, found.end = Dim.PERCENT, "%", end
    points = _POINTS.match(text, end, stop)
    if points:
        found.dim, found.unit, found.end = Dim.POINTS, "pp", points.end()


def _scale(found: Quantity, factor: float, end: int) -> None:
    found.value = (found.value or 0.0) * factor
    found.step *= factor
    found.end = end


def _after_scale(found: Quantity, text: str, stop: int) -> None:
    spaced = _SPACED.match(text, found.end, stop)
    unit = find_unit(spaced.group(1)) if spaced else None
    if spaced and unit and unit.dim in (Dim.RATE, Dim.BYTES, Dim.MONEY) and len(spaced.group(1)) > 1:
        found.dim, found.unit, found.end = unit.dim, unit.name, spaced.end()
    else:
        _per_second(found, text, stop)


def _per_second(found: Quantity, text: str, stop: int) -> None:
    match = _PER_SECOND.match(text, found.end, stop)
    if match and found.dim in (Dim.COUNT, Dim.BYTES):
        found.unit = f"{found.unit}/s" if found.dim is Dim.BYTES else "ops/s"
        found.dim, found.end = Dim.RATE, match.end()


def _spaced(found: Quantity, text: str, match: re.Match[str], stop: int) -> None:
    word = match.group(1)
    tail = ""
    if "/" in word and find_unit(word) is None and find_unit(word.partition("/")[0]):
        word, _, tail = word.partition("/")
    lower = word.lower()
    hyphened = match.group().lstrip("*").startswith("-")
    if hyphened and (unit := find_unit(word)) and unit.dim is Dim.BYTES:  # "a 4-byte word" names a kind of thing
        found.dim, found.reason, found.end = Dim.OPAQUE, Reason.IDENTIFIER, match.end()
        return
    if word == "%":
        _percent(found, text, match.end(), stop)
    elif word == "B" and not hyphened and _means_bytes(found, text, match.end()):
        found.dim, found.unit, found.end = Dim.BYTES, "bytes", match.end()
    elif lower in SCALE_WORDS:
        _scale(found, SCALE_WORDS[lower], match.end())
        _after_scale(found, text, stop)
    elif lower == "times":
        if _COMPARES.match(text, match.end(), stop):
            found.dim, found.unit, found.end = Dim.FACTOR, "x", match.end()
    elif lower in ("pp", "ppt") or _PERCENTAGE_POINTS.match(text, found.end, stop):
        points = _PERCENTAGE_POINTS.match(text, found.end, stop)
        found.dim, found.unit, found.end = Dim.POINTS, "pp", points.end() if points else match.end()
    elif (unit := find_unit(word)) and (lower not in _UNITS_ONLY_GLUED or _is_factor(lower, text, match.end(), stop)):
        found.dim, found.unit, found.end = unit.dim, unit.name, match.end() - (len(tail) + 1 if tail else 0)
        _per_second(found, text, stop)


def attach_unit(found: Quantity, text: str, position: int, stop: int) -> None:
    """Give a bare number the unit that follows at ``position``: "`8` bytes"."""
    match = _SPACED.match(text, position, stop) if found.dim is Dim.COUNT and not found.unit else None
    unit = find_unit(match.group(1)) if match else None
    if match and unit and match.group(1).lower() not in _UNITS_ONLY_GLUED:
        found.dim, found.unit, found.end = unit.dim, unit.name, match.end()


def _is_factor(word: str, text: str, end: int, stop: int) -> bool:
    return word in ("x", "×") and _COMPARES.match(text, end, stop) is not None
