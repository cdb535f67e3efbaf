"""A report's document as Markdown, JSON and PDF (no Django). HTML is the site's; all say the same."""

import json
from collections.abc import Mapping
from typing import Any

from analysis.reports import render_matrix
from analysis.reports.wording import escaped, told, typst_figure
from evidence.typesetting import typst_string


def as_json(document: Mapping[str, Any], sha256: str) -> str:
    return json.dumps({**document, "sha256": sha256}, indent=1, ensure_ascii=False) + "\n"


def figures_in(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every figure of a report in its order; the place in this list, from one, is the figure's number."""
    own = [figure for row in document["achievements"] for figure in row.get("figures", ())]
    return [*document["totals"], *own, *render_matrix.figures_in(document), *document.get("caveats", ())]


def _numbers(document: Mapping[str, Any]) -> dict[str, int]:
    """The number of each receipt: that of its first figure."""
    found: dict[str, int] = {}
    for number, figure in enumerate(figures_in(document), start=1):
        found.setdefault(figure["receipt"], number)
    return found


def scope_of(document: Mapping[str, Any]) -> str:
    """The days, the repositories and, where there is one, the theme."""
    period, theme = document["period"], document.get("theme", "")
    return f"{period['from']} to {period['to']}, {document['scope']}" + (f", of the type {theme}" if theme else "")


def _said(row: Mapping[str, Any]) -> str:
    """A quoted outcome with the words that say what it is about; reports of earlier versions hold the quote alone."""
    return str(row.get("phrase") or row["quote"])


def _source_lines(document: Mapping[str, Any]) -> dict[str, str]:
    """Method, version and inputs of each receipt, from the appendix."""
    return {
        row["receipt"]: f"{row['method']} {row['version']} of "
        + ", ".join(f"{entry['name']} {entry['sha256'][:12]}" for entry in row["inputs"])
        for row in document.get("appendix", ())
    }


def as_markdown(document: Mapping[str, Any], sha256: str) -> str:
    """The whole report; figures are numbered and the appendix names their receipts."""
    numbers, brief = _numbers(document), document["reader"] == "manager"
    lines = [f"# {escaped(document['title'])}", "", f"{escaped(scope_of(document))}.", ""]
    if document["empty_reason"]:
        lines += [escaped(document["empty_reason"]), ""]
    lines += [f"- {told(figure)} [{numbers[figure['receipt']]}]" for figure in document["totals"]]
    lines += render_matrix.as_markdown(document, numbers)
    for row in document["achievements"]:
        lines += ["", *_achievement(row, numbers, brief)]
    if document["claims"]:
        lines += ["", "## What was said of outcomes", "", "Quoted from the changes, not measured here.", ""]
        lines += [f"> {escaped(_said(row))} ({row['state']}, `{row['change']}`)\n" for row in document["claims"]]
    if document["changes"]:
        lines += ["", "## Changes", ""]
        lines += [
            f"- {change['landed']} {escaped(change['title'])} (`{change['ref']}`)" for change in document["changes"]
        ]
        if document["listed_of"] > len(document["changes"]):
            lines.append(f"- … and {document['listed_of'] - len(document['changes'])} earlier ones")
    return "\n".join([*lines, *_ending(document, numbers), "", f"Report `{sha256}`", ""])


def _ending(document: Mapping[str, Any], numbers: Mapping[str, int]) -> list[str]:
    """What is not proven, and the appendix."""
    caveats = [f"- {told(figure)} [{numbers[figure['receipt']]}]" for figure in document.get("caveats", ())]
    lines = ["", "## What is not proven", "", *[f"- {escaped(text)}" for text in document["not_proven"]], *caveats]
    if not numbers:
        return lines
    lines += ["", "## Receipts", ""]
    sources, kinds = _source_lines(document), {figure["receipt"]: figure for figure in figures_in(document)}
    for receipt, number in numbers.items():
        source = f", {escaped(sources[receipt])}" if receipt in sources else ""
        figure = kinds[receipt]
        lines.append(f"{number}. {figure['label']}, {figure['kind']}: `{receipt}`{source}")
    return lines


def _state(row: Mapping[str, Any]) -> str:
    """What is not approved says so beside its title."""
    return "" if row["state"] in ("approved", "published") else f" ({row['state'].replace('_', ' ')})"


def _period_and_part(row: Mapping[str, Any]) -> str:
    return f"{row['from']} to {row['to']}. Part: {row['part']}. {row['part_reason']}"


def _achievement(row: Mapping[str, Any], numbers: Mapping[str, int], brief: bool) -> list[str]:
    lines = [f"## {escaped(row['title'] + _state(row))}", "", escaped(_period_and_part(row))]
    if row["summary"]:
        lines += ["", row["summary"]]
    if row.get("figures"):
        lines += ["", "; ".join(f"{told(figure)} [{numbers[figure['receipt']]}]" for figure in row["figures"])]
    if not brief:
        lines += ["", "Changes: " + ", ".join(f"`{ref}`" for ref in row["changes"])]
    if row["missing"]:
        lines += ["", "Not known: " + ", ".join(escaped(what) for what in row["missing"]) + "."]
    if row["stale"]:
        lines += ["", "The evidence changed since approval: " + escaped(row["stale"]) + "."]
    return lines


_STYLE = """#set page(paper: "a4", margin: (x: 22mm, y: 20mm), numbering: "1")
#set text(font: ("Libertinus Serif", "New Computer Modern"), size: 10pt, lang: "en")
#set par(justify: false, leading: 0.62em)
#show heading.where(level: 1): set text(size: 18pt, weight: "regular")
#show heading.where(level: 2): set text(size: 12pt, weight: "semibold")
#let mono(body) = text(font: "DejaVu Sans Mono", size: 7.5pt, body)
"""
# A manager's report fits a page however much it holds.
_BRIEF = """#set page(margin: (x: 18mm, y: 12mm), numbering: none)
#set text(size: 8.6pt)
#set par(leading: 0.5em)
#show heading.where(level: 2): set text(size: 10pt)
#show heading.where(level: 2): set block(above: 0.9em, below: 0.5em)
#set enum(spacing: 0.45em)
#set list(spacing: 0.5em)
"""


def typst_source(document: Mapping[str, Any], sha256: str) -> str:
    """Typst markup of the report; everything from the document stands in string literals."""
    numbers, brief = _numbers(document), document["reader"] == "manager"
    parts = [
        _STYLE + (_BRIEF if brief else ""), f"#set document(title: {typst_string(document['title'])}, date: none)",
        f"#heading(level: 1, {typst_string(document['title'])})", f"#text({typst_string(scope_of(document))})",
    ]  # fmt: skip
    if document["empty_reason"]:
        parts.append(f"#par({typst_string(document['empty_reason'])})")
    parts += [typst_figure(figure, numbers) for figure in document["totals"]]
    parts += render_matrix.as_typst(document, numbers)
    for row in document["achievements"]:
        parts += _typst_achievement(row, numbers, brief)
    if document["claims"]:
        parts.append('#heading(level: 2, "What was said of outcomes")')
        parts.append("#par[Quoted from the changes, not measured here.]")
        for row in document["claims"]:
            source = f"{row['state']}, {row['change']}"
            parts.append(f"#list.item[“#{typst_string(_said(row))}” #mono({typst_string(source)})]")
    if document["changes"]:
        parts.append('#heading(level: 2, "Changes")')
        for change in document["changes"]:
            parts.append(f"#list.item[#{typst_string(str(change['landed']) + '  ' + change['title'])}]")
        if document["listed_of"] > len(document["changes"]):
            left = document["listed_of"] - len(document["changes"])
            parts.append(f"#list.item[#{typst_string(f'… and {left} earlier ones')}]")
    return "\n".join([*parts, *_typst_ending(document, numbers, sha256)]) + "\n"


def _typst_ending(document: Mapping[str, Any], numbers: Mapping[str, int], sha256: str) -> list[str]:
    parts = ['#heading(level: 2, "What is not proven")']
    parts += [f"#list.item[#{typst_string(text)}]" for text in document["not_proven"]]
    parts += [typst_figure(figure, numbers) for figure in document.get("caveats", ())]
    if numbers:
        parts.append('#heading(level: 2, "Receipts")')
    sources, labels = _source_lines(document), {row["receipt"]: row["label"] for row in figures_in(document)}
    length = 24 if document["reader"] == "manager" else 64  # enough to find it; JSON has the whole
    for receipt, number in numbers.items():
        parts.append(
            f"#enum.item({number})[#{typst_string(labels[receipt])} #mono({typst_string(receipt[:length])}) "
            f"#text(size: 7.5pt, {typst_string(sources.get(receipt, ''))})]"
        )
    parts.append(f"#v(1em)\n#text(size: 8pt)[Report #mono({typst_string(sha256)})]")
    return parts


def _typst_achievement(row: Mapping[str, Any], numbers: Mapping[str, int], brief: bool) -> list[str]:
    parts = [f"#heading(level: 2, {typst_string(row['title'] + _state(row))})"]
    parts.append(f"#par({typst_string(_period_and_part(row))})")
    if row["summary"]:
        parts.append(f"#par({typst_string(row['summary'])})")
    parts += [typst_figure(figure, numbers) for figure in row.get("figures", ())]
    if not brief:
        parts.append(f"#par[Changes: #mono({typst_string(', '.join(row['changes']))})]")
    if row["missing"]:
        parts.append(f"#par({typst_string('Not known: ' + ', '.join(row['missing']) + '.')})")
    if row["stale"]:
        parts.append(f"#par({typst_string('The evidence changed since approval: ' + row['stale'] + '.')})")
    return parts


class NotSet(RuntimeError):
    """The typesetter refused; the message says why and what to do. The other formats are not concerned."""


def as_pdf(document: Mapping[str, Any], sha256: str) -> bytes:
    """The report as PDF. typst is imported here: it is heavy, and only workers and downloads need it.

    The fonts named above come with typst, so that no machine needs fonts installed; other scripts fall back to what the
    machine has. Raises NotSet.
    """
    import typst

    try:
        result: bytes = typst.compile(typst_source(document, sha256).encode())
    except RuntimeError as error:
        raise NotSet(f"The PDF could not be set: {error}. Markdown and JSON hold the same report.") from error
    return result
