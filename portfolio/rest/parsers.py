"""A strict JSON parser: bounded in size and depth, no duplicate keys, and only what a database and UTF-8 can hold."""

import json
import math
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from portfolio.rest.problems import Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
LARGEST_INTEGER = 2**63 - 1  # what a column of the database holds


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ParseError(f"The key '{key[:80]}' appears twice in one object.")
        found[key] = value
    return found


def _constant(name: str) -> None:
    raise ParseError(f"{name} is not JSON.")


def _integer(text: str) -> int:
    if len(text) > 20 or abs(int(text)) > LARGEST_INTEGER:
        raise ParseError("An integer does not fit into 64 bits.")
    return int(text)


def _decimal(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ParseError("A number is larger than a double can hold.")
    return value


def _check_unicode(raw: str, found: Any) -> None:
    """Refuse half of a surrogate pair: Python reads it, and neither UTF-8 nor a column can hold it."""
    if "\\ud" not in raw and "\\uD" not in raw:
        return
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise ParseError("A \\ud800 to \\udfff stands alone; such halves come in pairs.") from error


def _check_depth(text: str) -> None:
    """Refuse deep nesting before the recursive decoder sees it; brackets inside strings do not count."""
    depth = 0
    quoted = escaped = False
    for character in text:
        if quoted:
            quoted = escaped or character != '"'
            escaped = not escaped and character == "\\"
        elif character == '"':
            quoted, escaped = True, False
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ParseError(f"The JSON is nested deeper than {MAX_DEPTH} levels.")
        elif character in "]}":
            depth -= 1


class StrictJSONParser(BaseParser):
    """``application/json`` in UTF-8 only."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise Problem(413, "too_large", f"The body is larger than {MAX_BYTES:,} bytes.", "Send less at a time.")
        try:
            text = raw.decode("utf-8")
            if "\x00" in text or "\\u0000" in text:
                raise ParseError("NUL characters cannot be stored.")
            _check_depth(text)
            found = json.loads(
                text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_decimal
            )
            _check_unicode(text, found)
            return found
        except UnicodeDecodeError as error:
            raise ParseError(f"The body is not UTF-8 (byte {error.start}).") from error
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {str(error)[:200]}.") from error
