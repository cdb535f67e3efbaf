"""Which issues a change says that it belongs to (no Django): closing keywords and tracker keys."""

import re

_CLOSES = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s{1,3}((?:[\w.-]{1,80}/[\w.-]{1,80})?#\d{1,7})\b", re.I
)
_TRACKER = re.compile(r"(?<![\w-])([A-Z][A-Z]{1,9})-(\d{1,6})(?![\w-])")
# Names of standards that look like a tracker's key.
_STANDARDS = frozenset(
    {"UTF", "SHA", "ISO", "RFC", "PEP", "CVE", "AES", "RSA", "MD", "IEEE", "WCAG", "HTTP", "TLS", "GPT"}
)
_LONGEST = 20_000


def issues_of(text: str, repository: str) -> frozenset[str]:
    """References such as "owner/name#12" and "ABC-34" in the first 20,000 characters of a text."""
    text = text[:_LONGEST]
    found = {match[1] if match[1][0] != "#" else repository + match[1] for match in _CLOSES.finditer(text)}
    found |= {f"{match[1]}-{match[2]}" for match in _TRACKER.finditer(text) if match[1] not in _STANDARDS}
    return frozenset(found)
