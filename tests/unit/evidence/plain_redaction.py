"""What redaction finds, said the plain and slow way: one expression a kind, searched from left to right.

The real one looks for the rare part of each first (evidence/redaction.py); both must find the same places.
"""

import re
from collections.abc import Iterator

from evidence import secret_patterns as patterns

_WORDS = (
    "passwords? passwd passphrase pwd secrets? tokens? api[_-]?keys? access[_-]?keys? auth[_-]?keys? private[_-]?keys? "
    "account[_-]?keys? signing[_-]?keys? encryption[_-]?keys? master[_-]?keys? credentials? connection[_-]?string"
).replace(" ", "|")
_ASSIGNMENT = re.compile(
    rf"(?P<word>{_WORDS})(?P<more>[A-Za-z0-9_-]{{0,40}})['\"`]?[ \t]{{0,4}}"
    r"(?:(?P<sep>:=|=>|==|=|:)[ \t]{0,4}|(?P<is>\bis\b)[ \t]{1,4})"
    r"(?:(?P<quote>['\"`])(?P<quoted>[^'\"`\n]{4,500})(?P=quote)|(?P<bare>[^\s'\"`,;)}\]<>]{6,500}))",
    re.IGNORECASE,
)
_NEARBY = re.compile(
    rf"(?:{_WORDS}|keys?)\b[^\n]{{0,40}}?(?<![A-Za-z0-9+/_=.-])(?P<token>[A-Za-z0-9+/_-]{{20,200}}={{0,2}})(?![A-Za-z0-9+/_=.-])",
    re.IGNORECASE,
)
_CURL = re.compile(r"curl[^\n]{0,200}?[ \t](?:-u|--user)[ =]['\"]?[^\s:'\"]{1,60}:([^\s'\"]{3,200})")
_WEB_TOKEN = re.compile(r"(?<![A-Za-z0-9_])eyJ[\w-]{8,2048}\.eyJ[\w-]{8,8192}(?:\.[\w-]{0,2048})?")
_AT = re.compile(r"@|%40|&#64;|&commat;")
_LOCAL = re.compile(r"[\w.%+'=~-]{1,64}\Z")
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,8}([^\W\d_]{2,24}|xn--[A-Za-z0-9-]{2,40})(?![\w-])")


def web_tokens(text: str) -> Iterator[tuple[int, int]]:
    for match in _WEB_TOKEN.finditer(text):
        yield match.span()


def curl_passwords(text: str) -> Iterator[tuple[int, int]]:
    for match in _CURL.finditer(text):
        if not patterns.is_placeholder(match[1]):
            yield match.span(1)


def nearby(text: str) -> Iterator[tuple[int, int]]:
    for match in _NEARBY.finditer(text):
        if patterns.is_random(match["token"]):
            yield match.span("token")


def assignments(text: str) -> Iterator[tuple[int, int]]:
    for match in _ASSIGNMENT.finditer(text):
        group = "quoted" if match["quoted"] is not None else "bare"
        if _assigns_secret(match, match[group]):
            yield match.span(group)


def _assigns_secret(match: re.Match[str], value: str) -> bool:
    if patterns.names_no_secret(match["more"]) or patterns.is_placeholder(value):
        return False
    if match["quoted"] is not None:
        return value.count(" ") <= 5 and not patterns.is_code(value) and value.casefold() != match["word"].casefold()
    if match["is"]:
        return patterns.has_digit_and_letter(value) and not patterns.is_hash(value) and patterns.entropy(value) >= 2.5
    if patterns.is_code(value):
        return False
    name = match["word"] + match["more"]
    return patterns.has_digit_and_letter(value) or (match["sep"] == "=" and name.isupper() and len(value) >= 6)


def emails(text: str, file_endings: frozenset[str]) -> Iterator[tuple[int, int]]:
    for at in _AT.finditer(text):
        local = _LOCAL.search(text[max(0, at.start() - 64) : at.start()])
        domain = _DOMAIN.match(text, at.end())
        if not text[at.end() : at.end() + 1].isalnum() or local is None or domain is None:
            continue
        if domain[1].lower() in file_endings:
            continue
        if local.group() == "git" and text[domain.end() : domain.end() + 1] in (":", "/"):
            continue
        yield at.start() - len(local.group()), domain.end()
