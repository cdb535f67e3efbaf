"""Does a changed benchmark record say the same as a claim? Compared number by number, on the lines of a diff.

A claim "from 642.46 kB to 642.45 kB" is supported by a file whose removed lines hold the first number and whose added
lines hold the second, the two lines being the same but for their numbers. Short numbers (5, 30) prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analysis.claims import numerals
from analysis.claims.units import base_value, find_unit

DIGITS = 3  # significant digits that a number needs before it can be no coincidence

_RECORD = re.compile(
    r"(?:^|[/_.\-])(?:bench\w*|perf\w*|minsize|allocs?|bundle-?size|size-?snapshots?|codspeed|criterion|coverage|timings?)"
    r"(?=[/_.\-]|$)",
    re.IGNORECASE,
)
_READABLE = re.compile(r"\.(?:snap|md|txt|json|jsonl|csv|tsv|ya?ml|toml|out|log|lock|svg)$", re.IGNORECASE)
_NUMBER = re.compile(r"(\d[\d.,_]*\d|\d)\s?([A-Za-zµμ%]{1,12})?")


@dataclass(frozen=True, slots=True)
class Found:
    """Where a record supports a claim: the file, and the two lines as they stand in the diff."""

    path: str
    removed: str
    added: str


def is_record(path: str) -> bool:
    """Whether a path looks like a stored measurement: a snapshot, table or report of a benchmark, not its code."""
    return _RECORD.search(path) is not None and _READABLE.search(path) is not None


def supporting(
    ends: tuple[float, float], units: tuple[str, str], lines: Iterable[tuple[str, str, str]]
) -> Found | None:
    """The lines that support a from-to, among (path, "-" or "+", line) of a diff; None if there are none."""
    if ends[0] == ends[1] or any(_digits(value) < DIGITS for value in ends):
        return None
    removed: dict[tuple[str, str], str] = {}
    for path, sign, line in lines:
        wanted, unit = (ends[0], units[0]) if sign == "-" else (ends[1], units[1])
        if not any(_equal(value, found, wanted, unit) for value, found in _numbers(line)):
            continue
        shape = (path, _NUMBER.sub("#", line).strip())
        if sign == "-":
            removed[shape] = line
        elif shape in removed:
            return Found(path, removed[shape].strip(), line.strip())
    return None


def _digits(value: float) -> int:
    return len(f"{value:.12g}".replace(".", "").lstrip("0").rstrip("0") or "0")


def _numbers(line: str) -> Iterator[tuple[float, str]]:
    for match in _NUMBER.finditer(line[:2000]):
        value = numerals.parse(match.group(1))
        if value is not None:
            yield value, match.group(2) or ""


def _equal(value: float, spelling: str, wanted: float, unit: str) -> bool:
    """Equal in base units; a bare number of the record may have any unit, another unit may not."""
    known = find_unit(spelling)
    if known is None:
        return value == wanted
    other = find_unit(unit)
    if other is None or other.dim is not known.dim:
        return False
    return abs(base_value(value, known.name) - base_value(wanted, unit)) <= 1e-9 * base_value(wanted, unit)


def diff_lines(patch: str) -> Iterator[tuple[str, str, str]]:
    """The removed and added lines of a unified diff as (path, sign, line)."""
    path = ""
    for line in patch.splitlines():
        if line.startswith("+++ "):
            path = line[4:].removeprefix("b/").rstrip("\t")
        elif line.startswith("--- ") or not line:
            continue
        elif line[0] in "+-":
            yield path, line[0], line[1:]
