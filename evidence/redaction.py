"""Take secrets and e-mail addresses out of a text before it is stored anywhere (no Django here).

The redacted text is the one that everything later refers to. Redaction is deterministic, idempotent and takes time
proportional to the length. A finding says kind and place, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evidence import secret_patterns as patterns


@dataclass(frozen=True, slots=True)
class Finding:
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
    named = _names_secrets(text)
    return [
        *_private_keys(text),
        *tokens,
        *(_assignments(text) if named else ()),
        *(_nearby(text) if named else ()),
        *(span for span in _emails(text) if span[0] not in in_urls),
    ]


def _names_secrets(text: str) -> bool:
    """Whether one of the words occurs that assignments and neighbours begin with; only then they are looked for."""
    folded = text.casefold()  # as the expressions fold, which also take a long s for an s
    return any(literal in folded for literal in patterns.ASSIGNMENT_LITERALS)


def redact_bytes(data: bytes) -> bytes:
    """Redact UTF-8 bytes; bytes that are no UTF-8 pass through unharmed."""
    return redact(data.decode("utf-8", "surrogateescape")).text.encode("utf-8", "surrogateescape")


def _merged(spans: list[Span]) -> Iterator[Span]:
    """Join overlapping spans; the one that begins first (then the longer one) gives its kind."""
    ordered = sorted(spans, key=lambda span: (span[0], -span[1]))
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
    # One flat pass over all literals: nearly every text has none of them, and pays for nothing else.
    for pattern in dict.fromkeys([pattern for literal, pattern in patterns.LITERALS if literal in text]):
        group = min(pattern.expression.groups, 1)
        for match in pattern.expression.finditer(text):
            value = match.group(group)
            if pattern.mixed and not patterns.has_digit_and_letter(value):
                continue
            if group and patterns.is_placeholder(value):
                continue
            yield match.start(group), match.end(group), pattern.kind


def _assignments(text: str) -> Iterator[Span]:
    for match in patterns.ASSIGNMENT.finditer(text):
        group = "quoted" if match["quoted"] is not None else "bare"
        if _assigns_secret(match, match[group]):
            yield match.start(group), match.end(group), "secret"


def _assigns_secret(match: re.Match[str], value: str) -> bool:
    if patterns.names_no_secret(match["more"]) or patterns.is_placeholder(value):
        return False
    if match["quoted"] is not None:
        return value.count(" ") <= 5 and not patterns.is_code(value) and value.casefold() != match["word"].casefold()
    if match["is"]:
        return patterns.has_digit_and_letter(value) and not patterns.is_hash(value) and patterns.entropy(value) >= 2.5
    if patterns.is_code(value):
        return False
    if patterns.has_digit_and_letter(value):
        return True
    name = match["word"] + match["more"]
    return match["sep"] == "=" and name.isupper() and len(value) >= 6


def _nearby(text: str) -> Iterator[Span]:
    for match in patterns.NEARBY.finditer(text):
        if patterns.is_random(match["token"]):
            yield match.start("token"), match.end("token"), "secret"


_AT = re.compile(r"@|%40|&#64;|&commat;")
_LOCAL = re.compile(r"[\w.%+'=~-]{1,64}\Z")
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,8}([^\W\d_]{2,24}|xn--[A-Za-z0-9-]{2,40})(?![\w-])")
# What follows an "@" in file names and versions, not in addresses: icon@2x.png.
_FILE_ENDINGS = frozenset(
    ["png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "css", "js", "ts", "mjs", "json", "yml", "yaml", "html"]
)


def _emails(text: str) -> Iterator[Span]:
    if "@" not in text and "%40" not in text and "&" not in text:
        return
    for at in _AT.finditer(text):
        if at.start() == 0 or text[at.start() - 1] in "@ \t\n" or not text[at.end() : at.end() + 1].isalnum():
            continue
        local = _LOCAL.search(text[max(0, at.start() - 64) : at.start()])
        domain = _DOMAIN.match(text, at.end())
        if local is None or domain is None or domain.group(1).lower() in _FILE_ENDINGS:
            continue
        if local.group() == "git" and text[domain.end() : domain.end() + 1] in (":", "/"):
            continue
        yield at.start() - len(local.group()), domain.end(), "email"
