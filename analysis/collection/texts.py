"""Texts made safe to store: secrets and addresses redacted, people in trailers replaced, control characters dropped.

Everything later (claims, pages, exports) sees only what comes out of here.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from analysis.sources.people import label
from analysis.sources.records import TextPiece
from evidence.redaction import redact

# Longer than anything written by hand; what is cut is said in the text itself.
TEXT_LIMIT = 200_000
_REMEMBERED = 8_000
_TRAILER = re.compile(
    r"^([ \t]*(?:co-authored|signed-off|reviewed|acked|tested|reported|suggested|helped|mentored|co-developed)"
    r"-by:[ \t]*)"
    r"([^\n<]*)(<[^>\n]*>)?[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class SafeText:
    """A text as it may be stored, with its hash and how many redactions were made."""

    kind: str
    ref: str
    source: str
    text: str
    sha256: str
    redactions: int


def clean(text: str) -> tuple[str, int]:
    """(the text as it may be stored, number of redactions). Titles and bodies come twice: short ones are remembered."""
    return _clean_again(text) if len(text) <= _REMEMBERED else _clean(text)


@lru_cache(maxsize=512)
def _clean_again(text: str) -> tuple[str, int]:
    return _clean(text)


def _clean(text: str) -> tuple[str, int]:
    count = 0

    def person(match: re.Match[str]) -> str:
        nonlocal count
        kind, _ = label(match[2].strip(), (match[3] or "").strip("<>"))
        if kind != "human":
            return f"{match[1]}{match[2].strip()}"
        count += 1
        return f"{match[1]}[redacted:person]"

    if len(text) > TEXT_LIMIT:
        text = text[:TEXT_LIMIT] + "\n[cut: the text is longer than 200,000 characters]"
    if "-by:" in text or "-By:" in text or "-BY:" in text:
        text = _TRAILER.sub(person, text)
    found = redact(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).replace("\r", "\n"))
    return found.text, count + len(found.findings)


def safe(piece: TextPiece) -> SafeText:
    """A piece as it may be stored."""
    text, redactions = clean(piece.text)
    kind = "commit" if piece.kind == "commit_message" else piece.kind
    return SafeText(kind, piece.ref, piece.source, text, hashlib.sha256(text.encode()).hexdigest(), redactions)
