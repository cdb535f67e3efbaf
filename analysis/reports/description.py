"""A pasted job description as lines that ask for something (no Django).

What is pasted is text from outside: it is bounded, cleaned of what no store can hold, and never markup. Lists as web
pages copy them (with and without bullets), wrapped paragraphs and HTML source are understood; everything takes time
proportional to the length.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from analysis.reports.language import language_of
from analysis.reports.periods import Refused

LONGEST = 40_960  # bytes of UTF-8; a long description has about 10,000
WIDTH = 500  # characters of a line; a longer one becomes several


class DescriptionError(Refused):
    """The text cannot be read as a job description; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text. ``asks``: a list entry, or a sentence with a word of asking; others only name things."""

    text: str
    asks: bool


@dataclass(frozen=True, slots=True)
class Description:
    """``language`` is an ISO 639-1 code, "" where it cannot be told; ``skipped`` are headings of parts left out."""

    language: str
    lines: tuple[Line, ...]
    skipped: tuple[str, ...]


def clean(text: str) -> str:
    """The text as it may be stored: no control characters, no halves of characters. Raises DescriptionError."""
    size = len(text.encode("utf-8", "replace"))
    if size > LONGEST:
        raise DescriptionError(
            f"The job description has {size:,} bytes; at most {LONGEST:,} are read. "
            "Paste only the part that says what is asked for."
        )
    found = "".join(c if c.isprintable() or c in "\n\t" else _instead(c) for c in text.replace("\r\n", "\n"))
    if not any(c.isalpha() for c in found):
        raise DescriptionError("The job description is empty: paste its text, the part that says what is asked for.")
    return found


def _instead(character: str) -> str:
    return "\n" if character in "\r\v\f\x85\u2028\u2029" else " "


_BLOCK = re.compile(r"</?(?:p|br|div|ul|ol|li|h[1-6]|tr|table|tbody|section|article|header|footer)\b[^<>]*>", re.I)
_INLINE = re.compile(r"</?(?:span|b|strong|em|i|u|a|td|th|code|small|html|body|head|main)\b[^<>]*>", re.I)
_BULLET = re.compile(r"\s*(?:[-*+•·‣▪●◦–—✓✔]|\(?\d{1,2}[.)])\s+(?=\S)")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[^\W\d_a-z])")
_HEADING_WORDS = 6
_LEFT_OUT = re.compile(
    r"\b(?:benefits?|perks?|we offer|what you(?:['’]ll)? get|about us|about the company|who we are|why (?:join|us)|"
    r"compensation|salary|how to apply|equal opportunity|our values)\b",
    re.I,
)
_ASK_HEADING = re.compile(
    r"(?:requirements?|qualifications?|responsibilities|what you(?:['’]ll)? (?:bring|need|do)|"
    r"your (?:profile|role|tasks)|about (?:you|the role)|who you are|the role|skills|must[- ]haves?|"
    r"nice[- ]to[- ]haves?|tech(?:nology)? stack)\W*$",
    re.I,
)
_ASKS = re.compile(
    r"\b(?:must|requir\w*|experience\w*|knowledge|know|famili\w*|proficien\w*|skill\w*|abilit(?:y|ies)|able|you|need\w*|"
    r"expect\w*|degree|years?|fluen\w*|strong|solid|deep|comfortable|understanding|expertise|expert|responsib\w*|"
    r"background|track record|passion\w*|preferred|desirable|bonus|plus|ideally)\b",
    re.I,
)


def read(text: str) -> Description:
    """Split a cleaned text into the lines that may ask for something."""
    plain = html.unescape(_INLINE.sub(" ", _BLOCK.sub("\n", text))) if _BLOCK.search(text) else text
    plain = "".join(c if c.isprintable() or c in "\n\t" else " " for c in plain)  # an entity can name any character
    lines: list[Line] = []
    skipped: list[str] = []
    leaving_out = False
    for paragraph, is_bullet in _paragraphs(plain):
        if not is_bullet and _is_heading(paragraph):
            leaving_out = bool(_LEFT_OUT.search(paragraph))
            skipped += [paragraph.strip("#*_: ")] if leaving_out else []
        elif not leaving_out:
            lines += _lines(paragraph, is_bullet)
    return Description(language_of(plain), tuple(lines), tuple(skipped))


def _lines(paragraph: str, is_bullet: bool) -> Iterator[Line]:
    for sentence in [paragraph] if is_bullet else _SENTENCE.split(paragraph):
        for part in wrap(sentence, WIDTH, break_on_hyphens=False):
            yield Line(part, is_bullet or bool(_ASKS.search(part)))


def _is_heading(text: str) -> bool:
    if len(text.split()) > _HEADING_WORDS:
        return False
    inner = text.strip("#*_ ")
    return text[0] == "#" or inner.endswith(":") or bool(_ASK_HEADING.match(inner) or _LEFT_OUT.search(inner))


def _paragraphs(text: str) -> Iterator[tuple[str, bool]]:
    """Each list entry and each paragraph, with the lines that a mail or a terminal wrapped put together again."""
    held: list[str] = []
    is_bullet = False
    for raw in text.split("\n"):
        line = " ".join(raw.split())
        bullet = _BULLET.match(raw)
        goes_on = bool(held) and not bullet and bool(line) and (line[:1].islower() or (is_bullet and raw[:1].isspace()))
        if not goes_on and held:
            yield " ".join(held), is_bullet
            held = []
        if line:
            held.append(" ".join(raw[bullet.end() :].split()) if bullet else line)
            is_bullet = is_bullet if goes_on else bool(bullet)
    if held:
        yield " ".join(held), is_bullet
