"""A receipt as a till slip: line items, total, method and hash as plain values for a template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analysis import queries as analysis
from evidence.figures import Figure, figure_of
from evidence.receipts import Derived
from portfolio.publishing.addresses import page_of

LONG_VALUE, SLIP_LINES, PAGE_ROWS = 60, 8, 200
AROUND = 400  # characters of the text before and after a quotation
FIRST = ("quote", "metric", "direction")  # what a reader looks for in a claim


@dataclass(frozen=True)
class SlipInput:
    """One input: where it is from, its hash, its value as lines of (name, value); `more` says that lines are left."""

    name: str
    ref: str
    url: str
    lines: list[tuple[str, str]]
    more: bool
    text: str
    sha256: str


@dataclass(frozen=True)
class Slip:
    """A receipt as a template shows it."""

    id: str
    figure: Figure
    document: dict[str, Any]
    inputs: list[SlipInput]
    stored: bool


@dataclass(frozen=True)
class Quotation:
    """Quoted words within the text they stand in; `whole` says that the text holds exactly these words there."""

    before: str
    quote: str
    after: str
    text_sha256: str
    start: int
    end: int
    whole: bool


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _named(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The lines of a mapping: what a reader looks for first, empty lists left out, one level of nesting unfolded."""
    for key in sorted(value, key=lambda key: (key not in FIRST, FIRST.index(key) if key in FIRST else 0)):
        item = value[key]
        if isinstance(item, dict) and not prefix:
            yield from _named(item, f"{key} ")
        elif item not in ([], {}):
            yield f"{prefix}{key}".replace("_", " "), _plain(item)


def lines_of(name: str, value: Any) -> list[tuple[str, str]]:
    """An input's value as line items: a mapping by its names, rows by their first cell, anything else as one line."""
    if isinstance(value, dict):
        return list(_named(value))
    if isinstance(value, list) and value and all(isinstance(row, list) and row for row in value):
        return [(_plain(row[0]), ", ".join(_plain(cell) for cell in row[1:])) for row in value]
    return [(name, _plain(value))]


def slip_of(derived: Derived, stored: bool, limit: int = SLIP_LINES) -> Slip:
    """Everything that the slip prints, as plain values; at most `limit` lines of an input."""
    document = dict(derived.document)
    inputs = []
    for entry in document["inputs"]:
        lines = lines_of(entry["name"], entry["value"]) if "value" in entry else []
        long = LONG_VALUE if limit == SLIP_LINES else 2 * LONG_VALUE
        short = [(name, text if len(text) <= long else f"{text[:long]}…") for name, text in lines[:limit]]
        text = lines[0][1] if len(lines) == 1 and len(lines[0][1]) > LONG_VALUE else ""
        url = page_of(entry["ref"])
        inputs.append(SlipInput(entry["name"], entry["ref"], url, short, len(lines) > limit, text, entry["sha256"]))
    return Slip(derived.id, figure_of(derived), document, inputs, stored)


def quotation(derived: Derived) -> Quotation | None:
    """The words of a quoted figure where they stand; None for other figures, and where the text is gone or hidden."""
    value = derived.document["inputs"][0].get("value")
    if not isinstance(value, dict) or not {"quote", "text_sha256", "start", "end"} <= set(value):
        return None
    text = analysis.text_by_hash(derived.subject, value["text_sha256"])
    if text is None:
        return None
    start, end = value["start"], value["end"]
    return Quotation(
        before=("…" if start > AROUND else "") + text[max(0, start - AROUND) : start],
        quote=text[start:end],
        after=text[end : end + AROUND] + ("…" if len(text) > end + AROUND else ""),
        text_sha256=value["text_sha256"],
        start=start,
        end=end,
        whole=text[start:end] == value["quote"],
    )
