"""A report's document as Markdown, JSON and PDF (no Django). HTML is the site's; all say the same."""

import json
from collections.abc import Mapping
from typing import Any

UNITS = {"change": ("change", "changes"), "line": ("line", "lines"), "hour": ("hour", "hours")}


def amount(value: float, unit: str) -> str:
    """A number with its unit, thousands apart: "1,204 lines"."""
    one, many = UNITS.get(unit, (unit, unit))
    return f"{value:,} {one if value == 1 else many}"


def as_json(document: Mapping[str, Any], sha256: str) -> str:
    return json.dumps({**document, "sha256": sha256}, indent=1, ensure_ascii=False) + "\n"


def _escaped(text: str) -> str:
    """Text from outside as Markdown text: what could be markup is escaped."""
    flat = " ".join(text.split())
    return "".join("\\" + c if c in "\\`*_{}[]<>()#+-!|~&" else c for c in flat)


def as_markdown(document: Mapping[str, Any], sha256: str) -> str:
    """The whole report; figures are numbered and the appendix names their receipts."""
    period = document["period"]
    lines = [
        f"# {_escaped(document['title'])}", "",
        f"{period['from']} to {period['to']}, {_escaped(document['scope'])}.", "",
    ]  # fmt: skip
    if document["empty_reason"]:
        lines += [_escaped(document["empty_reason"]), ""]
    for number, figure in enumerate(document["totals"], start=1):
        lines.append(f"- {figure['label']}: {amount(figure['value'], figure['unit'])} [{number}]")
    for row in document["achievements"]:
        lines += ["", *_achievement(row)]
    if document["claims"]:
        lines += ["", "## What was said of outcomes", "", "Quoted from the changes, not measured here.", ""]
        lines += [f"> {_escaped(row['quote'])} ({row['state']}, `{row['change']}`)\n" for row in document["claims"]]
    if document["changes"]:
        lines += ["", "## Changes", ""]
        lines += [
            f"- {change['landed']} {_escaped(change['title'])} (`{change['ref']}`)" for change in document["changes"]
        ]
        if document["listed_of"] > len(document["changes"]):
            lines.append(f"- … and {document['listed_of'] - len(document['changes'])} earlier ones")
    lines += ["", "## What is not proven", "", *[f"- {_escaped(text)}" for text in document["not_proven"]]]
    lines += ["", "## Receipts", ""]
    for number, figure in enumerate(document["totals"], start=1):
        lines.append(f"{number}. {figure['label']}, {figure['kind']}: `{figure['receipt']}`")
    return "\n".join([*lines, "", f"Report `{sha256}`", ""])


def _state(row: Mapping[str, Any]) -> str:
    """What is not approved says so beside its title."""
    return "" if row["state"] in ("approved", "published") else f" ({row['state'].replace('_', ' ')})"


def _period_and_part(row: Mapping[str, Any]) -> str:
    return f"{row['from']} to {row['to']}. Part: {row['part']}. {row['part_reason']}"


def _achievement(row: Mapping[str, Any]) -> list[str]:
    lines = [f"## {_escaped(row['title'] + _state(row))}", "", _escaped(_period_and_part(row))]
    if row["summary"]:
        lines += ["", row["summary"]]
    lines += ["", "Changes: " + ", ".join(f"`{ref}`" for ref in row["changes"])]
    if row["missing"]:
        lines += ["", "Not known: " + ", ".join(_escaped(what) for what in row["missing"]) + "."]
    if row["stale"]:
        lines += ["", "The evidence changed since approval: " + _escaped(row["stale"]) + "."]
    return lines


_STYLE = """#set page(paper: "a4", margin: (x: 22mm, y: 20mm), numbering: "1")
#set text(font: ("Libertinus Serif", "New Computer Modern"), size: 10pt, lang: "en")
#set par(justify: false, leading: 0.62em)
#show heading.where(level: 1): set text(size: 18pt, weight: "regular")
#show heading.where(level: 2): set text(size: 12pt, weight: "semibold")
#let mono(body) = text(font: "DejaVu Sans Mono", size: 7.5pt, body)
"""


def typst_string(text: str) -> str:
    """A Typst string literal: text from outside can never be markup or code in it."""
    flat = "".join(c if c.isprintable() else " " for c in text)
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'


def typst_source(document: Mapping[str, Any], sha256: str) -> str:
    """Typst markup of the report; everything from the document stands in string literals."""
    period = document["period"]
    parts = [
        _STYLE, f"#set document(title: {typst_string(document['title'])}, date: none)",
        f"#heading(level: 1, {typst_string(document['title'])})",
        f"#text({typst_string(period['from'] + ' to ' + period['to'] + ', ' + document['scope'])})",
    ]  # fmt: skip
    if document["empty_reason"]:
        parts.append(f"#par({typst_string(document['empty_reason'])})")
    for number, figure in enumerate(document["totals"], start=1):
        text = f"{figure['label']}: {amount(figure['value'], figure['unit'])}"
        parts.append(f"#list.item[#{typst_string(text)} #super[{number}]]")
    for row in document["achievements"]:
        parts += _typst_achievement(row)
    if document["claims"]:
        parts.append('#heading(level: 2, "What was said of outcomes")')
        parts.append("#par[Quoted from the changes, not measured here.]")
        for row in document["claims"]:
            source = f"{row['state']}, {row['change']}"
            parts.append(f"#list.item[“#{typst_string(row['quote'])}” #mono({typst_string(source)})]")
    if document["changes"]:
        parts.append('#heading(level: 2, "Changes")')
        for change in document["changes"]:
            parts.append(f"#list.item[#{typst_string(str(change['landed']) + '  ' + change['title'])}]")
    parts.append('#heading(level: 2, "What is not proven")')
    parts += [f"#list.item[#{typst_string(text)}]" for text in document["not_proven"]]
    parts.append('#heading(level: 2, "Receipts")')
    for figure in document["totals"]:
        parts.append(f"#enum.item[#{typst_string(figure['label'])} #mono({typst_string(figure['receipt'])})]")
    parts.append(f"#v(1em)\n#text(size: 8pt)[Report #mono({typst_string(sha256)})]")
    return "\n".join(parts) + "\n"


def _typst_achievement(row: Mapping[str, Any]) -> list[str]:
    parts = [f"#heading(level: 2, {typst_string(row['title'] + _state(row))})"]
    parts.append(f"#par({typst_string(_period_and_part(row))})")
    if row["summary"]:
        parts.append(f"#par({typst_string(row['summary'])})")
    parts.append(f"#par[Changes: #mono({typst_string(', '.join(row['changes']))})]")
    if row["missing"]:
        parts.append(f"#par({typst_string('Not known: ' + ', '.join(row['missing']) + '.')})")
    return parts


def as_pdf(document: Mapping[str, Any], sha256: str) -> bytes:
    """The report as PDF. typst is imported here: it is heavy, and only workers and downloads need it."""
    import typst

    result: bytes = typst.compile(typst_source(document, sha256).encode())
    return result
