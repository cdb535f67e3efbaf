"""Canonical JSON and content hashes, in the spirit of RFC 8785 (no Django here).

Equal values give equal bytes on every machine: keys sorted by UTF-16 code units, no white space, numbers written
the ECMAScript way, text as UTF-8. Departures from the RFC, each towards strictness: integers of any size stay exact;
NaN, infinities and lone surrogates are refused; dates are written as ISO 8601 and datetimes need an offset.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any

SIGNIFICANT_DIGITS = 6
MAX_DEPTH = 64

Json = Any
"""None, bool, int, float, str, date, aware datetime, and lists, tuples and mappings of these."""


class CanonicalError(ValueError):
    """The value has no canonical form; the message names the place and the reason."""


def canonical_text(value: Json) -> str:
    """Return the canonical JSON of ``value`` as text."""
    parts: list[str] = []
    try:
        _write(value, parts, 0)
    except _Refused as error:
        raise CanonicalError(f"${error.place}: {error.reason}") from None
    text = "".join(parts)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise CanonicalError(f"lone surrogate in text near {text[max(0, error.start - 20) : error.start]!r}") from None
    return text


def canonical_bytes(value: Json) -> bytes:
    """Return the canonical JSON of ``value`` as UTF-8."""
    return canonical_text(value).encode("utf-8")


def sha256_bytes(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_of(value: Json) -> str:
    """Return the content hash of ``value``: the SHA-256 of its canonical JSON."""
    return sha256_bytes(canonical_bytes(value))


def round_number(value: float, digits: int = SIGNIFICANT_DIGITS) -> float | int:
    """Round one number to ``digits`` significant digits; whole results come back as int.

    Integers are exact facts and stay as they are. Raises CanonicalError for NaN and infinities.
    """
    if isinstance(value, int):
        return value
    if not math.isfinite(value):
        raise CanonicalError(f"{value!r} is not a finite number")
    if value == 0:
        return 0
    rounded_value = float(f"{value:.{digits - 1}e}")
    return int(rounded_value) if rounded_value.is_integer() and abs(rounded_value) < 2**53 else rounded_value


def rounded(value: Json, digits: int = SIGNIFICANT_DIGITS) -> Json:
    """Return ``value`` with every float in it rounded to ``digits`` significant digits (results of receipts)."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return round_number(value, digits)
    if isinstance(value, Mapping):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item, digits) for item in value]
    return value


def _write(value: Json, parts: list[str], depth: int) -> None:
    """Append the canonical form of one value; the commonest types first, since receipts hold thousands of them."""
    kind = type(value)
    if kind is str:
        parts.append(encode_basestring(value))
    elif kind is int:
        parts.append(int.__repr__(value))
    elif kind is list or kind is tuple:
        _write_array(value, parts, depth)
    elif kind is dict:
        _write_object(value, parts, depth)
    elif value is None or value is True or value is False:
        parts.append(_WORDS[value])
    elif kind is float:
        parts.append(_number(value))
    else:
        _write_other(value, parts, depth)


_WORDS = {None: "null", True: "true", False: "false"}


def _write_other(value: Json, parts: list[str], depth: int) -> None:
    """Dates, and subclasses of the plain types."""
    if isinstance(value, str):
        parts.append(encode_basestring(value))
    elif isinstance(value, int):
        parts.append(int.__repr__(value))
    elif isinstance(value, float):
        parts.append(_number(value))
    elif isinstance(value, Mapping):
        _write_object(value, parts, depth)
    elif isinstance(value, (list, tuple)):
        _write_array(value, parts, depth)
    elif isinstance(value, dt.datetime):
        if value.utcoffset() is None:
            raise _Refused("a datetime needs an offset")
        parts.append(f'"{value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")}"')
    elif isinstance(value, dt.date):
        parts.append(f'"{value.isoformat()}"')
    else:
        raise _Refused(f"{type(value).__name__} has no canonical form")


class _Refused(Exception):
    """Why a value has no canonical form; the place grows from the inside out while it is raised."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason, self.place = reason, ""


def _write_object(value: Mapping[str, Json], parts: list[str], depth: int) -> None:
    if value and depth >= MAX_DEPTH:
        raise _Refused(f"nested deeper than {MAX_DEPTH}")
    for key in value:
        if not isinstance(key, str):
            raise _Refused(f"key {key!r} is not text")
    parts.append("{")
    key = ""
    try:
        for position, key in enumerate(sorted(value, key=_utf16)):
            parts.append("," if position else "")
            parts.append(encode_basestring(key))
            parts.append(":")
            _write(value[key], parts, depth + 1)
    except _Refused as error:
        error.place = f".{key}{error.place}"
        raise
    parts.append("}")


def _write_array(value: list[Json] | tuple[Json, ...], parts: list[str], depth: int) -> None:
    if value and depth >= MAX_DEPTH:
        raise _Refused(f"nested deeper than {MAX_DEPTH}")
    parts.append("[")
    position = 0
    try:
        for position, item in enumerate(value):
            if position:
                parts.append(",")
            _write(item, parts, depth + 1)
    except _Refused as error:
        error.place = f"[{position}]{error.place}"
        raise
    parts.append("]")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _number(value: float) -> str:
    """Write a float as ECMAScript does: shortest digits, exponent form outside 1e-6 .. 1e21."""
    if not math.isfinite(value):
        raise _Refused(f"{value!r} is not a finite number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent_text = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent_text or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    power = point - 1
    tail = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if power > 0 else '-'}{abs(power)}"
