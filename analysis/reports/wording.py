"""Figures and texts from outside as Markdown and Typst (no Django): what every part of a report is written with."""

from collections.abc import Mapping
from typing import Any

from evidence.typesetting import typst_string

UNITS = {"change": ("change", "changes"), "line": ("line", "lines"), "hour": ("hour", "hours")}


def amount(value: float, unit: str) -> str:
    """A number with its unit, thousands apart: "1,204 lines"."""
    one, many = UNITS.get(unit, (unit, unit))
    return f"{value:,} {one if value == 1 else many}"


def told(figure: Mapping[str, Any]) -> str:
    """A figure with its label: "lines added: 1,204 lines"."""
    return f"{figure['label']}: {amount(figure['value'], figure['unit'])}"


def escaped(text: str) -> str:
    """Text from outside as Markdown text: what could be markup is escaped, and only that."""
    flat = " ".join(text.split())
    flat = "".join("\\" + c if c in "\\`*_{}[]<>|~&" else c for c in flat)
    return "\\" + flat if flat[:1] in ("#", "-", "+", "=") else flat


def typst_figure(figure: Mapping[str, Any], numbers: Mapping[str, int]) -> str:
    return f"#list.item[#{typst_string(told(figure))}~#super[{numbers[figure['receipt']]}]]"
