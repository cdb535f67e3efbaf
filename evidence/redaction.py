"""Take secrets and e-mail addresses out of a text before it is stored anywhere (no Django here).

The redacted text is the one that everything later refers to. Redaction is deterministic, idempotent and takes time
proportional to the length. A finding says kind and place, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from evidence import secret_patterns as patterns


class Finding(NamedTuple):
    """One redaction: its kind, and where its placeholder stands in the redacted text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text that is safe to store, and what was taken out of it."""

    text: str
    findings: tuple[Finding, ...] = ()


Span = tuple[int, int, str]


def redact(text: str) -> Redacted:
    """Return ``text`` with each secret and e-mail address replaced by ``[redacted:<kind>]``."""
    spans = _spans(text)
    if not spans:
        return Redacted(text)
    parts: list[str] = []
    findings: list[Finding] = []
    length = position = 0
    for start, end, kind in _merged(spans):
        placeholder = f"[redacted:{kind}]"
        parts += (text[position:start], placeholder)
        length += start - position
        findings.append(Finding(kind, length, length + len(placeholder)))
        length += len(placeholder)
        position = end
    parts.append(text[position:])
    return Redacted("".join(parts), tuple(findings))


def redact_keys(name: str) -> str:
    """Take out what has the shape of an issued key: for names of files, where neither @ nor "token=" is a secret."""
    spans = list(_tokens(name))
    for start, end, kind in reversed(list(_merged(spans)) if spans else []):
        name = f"{name[:start]}[redacted:{kind}]{name[end:]}"
    return name


def _spans(text: str) -> list[Span]:
    tokens = list(_tokens(text))
    in_urls = {start for start, _end, kind in tokens if kind == "url-password"}
    folded = patterns.folded(text)
    named = _names_secrets(folded)
    return [
        *_private_keys(text),
        *tokens,
        *(_assignments(text, folded) if named else ()),
        *(_nearby(text, folded) if named else ()),
        *(span for span in _emails(text) if span[0] not in in_urls),
    ]


def _names_secrets(folded: str) -> bool:
    """Whether one of the words occurs that assignments and neighbours begin with; only then they are looked for."""
    return any(literal in folded for literal in patterns.ASSIGNMENT_LITERALS)


def redact_bytes(data: bytes) -> bytes:
    """Redact UTF-8 bytes; bytes that are no UTF-8 pass through unharmed."""
    return redact(data.decode("utf-8", "surrogateescape")).text.encode("utf-8", "surrogateescape")


def _merged(spans: list[Span]) -> Iterator[Span]:
    """Join overlapping spans; the one that begins first (then the longer one) gives its kind."""
    ordered = sorted(sorted(spans, key=itemgetter(1), reverse=True), key=itemgetter(0))
    start, end, kind = ordered[0]
    for next_start, next_end, next_kind in ordered[1:]:
        if next_start < end:
            end = max(end, next_end)
        else:
            yield start, end, kind
            start, end, kind = next_start, next_end, next_kind
    yield start, end, kind


def _private_keys(text: str) -> Iterator[Span]:
    if "PRIVATE KEY" not in text:
        return
    position = 0
    while begin := patterns.PRIVATE_KEY.search(text, position):
        finish = patterns.PRIVATE_KEY_END.search(text, begin.end())
        position = finish.end() if finish else len(text)
        yield begin.start(), position, "private-key"


def _tokens(text: str) -> Iterator[Span]:
    yield from _web_tokens(text)
    # One flat pass over all literals: nearly every text has none of them, and pays for nothing else.
    for pattern in dict.fromkeys([pattern for literal, pattern in patterns.LITERALS if literal in text]):
        yield from _pattern_spans(pattern, text)


def _pattern_spans(pattern: patterns.Pattern, text: str) -> Iterator[Span]:
    group = min(pattern.expression.groups, 1)
    for match in _matches(pattern, text):
        value = match.group(group)
        if pattern.mixed and not patterns.has_digit_and_letter(value):
            continue
        if group and patterns.is_placeholder(value):
            continue
        yield match.start(group), match.end(group), pattern.kind


def _web_tokens(text: str) -> Iterator[Span]:
    """JSON web tokens, each looked for from its second part: first parts without one cost nothing."""
    position = end = 0
    while body := patterns.JWT_BODY.search(text, position):
        dot = body.start()
        head = patterns.JWT_HEAD_REVERSED.match(text[max(0, dot - 2051) : dot][::-1])
        start = patterns.JWT_START.search(text, max(end, dot - head.end()), dot - 8) if head else None
        if start:
            position = end = body.end()
            yield start.start(), end, "jwt"
        else:
            position = dot + 1


def _matches(pattern: patterns.Pattern, text: str) -> Iterator[re.Match[str]]:
    """The matches of a pattern; with ``behind``, the first one after each such literal, on its line and close to it.

    Looking from the match back to the literal, and not on from each literal, takes one pass whatever is repeated.
    """
    position = 0
    for match in pattern.expression.finditer(text):
        if pattern.behind:
            start = match.start()
            found = text.rfind(pattern.behind, max(position, start - 200 - len(pattern.behind)), start)
            if found < 0 or "\n" in text[found:start]:
                continue
            position = match.end()
        yield match


def _assignments(text: str, folded: str) -> Iterator[Span]:
    for match in patterns.ASSIGNMENT.finditer(folded):
        start, end = match.span("bare" if match["quoted"] is None else "quoted")
        if _assigns_secret(match, text, text[start:end]):
            yield start, end, "secret"


def _assigns_secret(match: re.Match[str], text: str, value: str) -> bool:
    more = text[slice(*match.span("more"))]
    if patterns.names_no_secret(more) or patterns.is_placeholder(value):
        return False
    word = text[slice(*match.span("word"))]
    if match["quoted"] is not None:
        return value.count(" ") <= 5 and not patterns.is_code(value) and value.casefold() != word.casefold()
    if match["is"]:
        return patterns.has_digit_and_letter(value) and not patterns.is_hash(value) and patterns.entropy(value) >= 2.5
    if patterns.is_code(value):
        return False
    if patterns.has_digit_and_letter(value):
        return True
    return match["sep"] == "=" and (word + more).isupper() and len(value) >= 6


def _nearby(text: str, folded: str) -> Iterator[Span]:
    """Random tokens behind a word. A token, random or not, takes the words before it: the next one needs its own."""
    position = 0
    for run in patterns.RUN.finditer(folded):
        start, end = run.span()
        if end - start > 202 or not patterns.TOKEN.fullmatch(folded, start, end):
            continue
        is_random = patterns.is_random(text[start:end])
        if not is_random and not _names_secrets(run.group()):
            position = end  # nothing in it could be the word of the next token, nor what stands before it
        elif patterns.WORD_BEFORE.search(folded, max(position, start - patterns.WORD_BEFORE_LENGTH), start):
            position = end
            if is_random:
                yield start, end, "secret"


_DOMAIN = r"(?:[\w-]{1,63}\.){1,8}(?:[^\W\d_]{2,24}|xn--[A-Za-z0-9-]{2,40})(?![\w-])"
# The whole address behind the "@", so that nothing else is looked at where there is none.
_AT = re.compile(
    rf"(?:@(?<=[\w.%+'=~-]@)|%40(?<=[\w.%+'=~-]%40)|&\#64;(?<=[\w.%+'=~-]&\#64;)|&commat;(?<=[\w.%+'=~-]&commat;))(?=[^\W_])(?=({_DOMAIN}))"
)
_LOCAL_REVERSED = re.compile(r"[\w.%+'=~-]{1,64}+")
# What follows an "@" in file names and versions, not in addresses: icon@2x.png.
_FILE_ENDINGS = frozenset(
    ["png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "css", "js", "ts", "mjs", "json", "yml", "yaml", "html"]
)


def _emails(text: str) -> Iterator[Span]:
    if "@" not in text and "%40" not in text and "&" not in text:
        return
    for at in _AT.finditer(text):
        start, end = at.start(), at.end(1)
        if at[1].rpartition(".")[2].lower() in _FILE_ENDINGS:
            continue
        local = _LOCAL_REVERSED.match(text[max(0, start - 64) : start][::-1])
        if local is None or (local.group() == "tig" and text[end : end + 1] in (":", "/")):
            continue
        yield start - local.end(), end, "email"
