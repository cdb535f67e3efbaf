"""The matrix of a job description as Markdown and Typst (no Django): a requirement, and under it what shows it."""

from collections.abc import Mapping
from typing import Any

from analysis.reports.wording import escaped, told, typst_figure
from evidence.typesetting import typst_string

HEADING = "Requirements"
_TABLE = """#table(columns: (2fr, 3fr), inset: (x: 4pt, y: 6pt),
stroke: (x, y) => (top: if y > 0 { 0.4pt + luma(180) }),
table.header([*What is asked for*], [*What shows it*]),
"""
LEFT_OUT = "Left out of the text: "
READ = "The text that was read, without secrets and addresses, has the hash "


def figures_in(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The figures of the matrix in their order; none in a report for another reader."""
    return [found["figure"] for row in _rows(document) for found in row["found"]]


def _rows(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = document.get("matrix", {}).get("rows", [])
    return rows


def as_markdown(document: Mapping[str, Any], numbers: Mapping[str, int]) -> list[str]:
    """Lines of Markdown; the numbers of figures stand behind them in brackets."""
    matrix = document.get("matrix")
    if matrix is None:
        return []
    lines = ["", f"## {HEADING}", ""]
    if matrix["notice"]:
        lines += [escaped(matrix["notice"]), ""]
    for row in matrix["rows"]:
        lines += [f"> {escaped(row['requirement'])}", ""]
        for found in row["found"]:
            lines.append(f"- {escaped(told(found['figure']))} [{numbers[found['figure']['receipt']]}]")
            lines += [f"  - {escaped(change['title'])} (`{change['ref']}`)" for change in found["changes"]]
        lines += [*[f"- {escaped(gap)}" for gap in row["gaps"]], ""]
    if matrix["skipped"]:
        lines += [LEFT_OUT + "; ".join(escaped(heading) for heading in matrix["skipped"]) + ".", ""]
    return [*lines, f"{READ}`{matrix['sha256']}`."]


def as_typst(document: Mapping[str, Any], numbers: Mapping[str, int]) -> list[str]:
    """Typst markup: a table of two columns that breaks over pages; all text stands in string literals."""
    matrix = document.get("matrix")
    if matrix is None:
        return []
    parts = [f"#heading(level: 2, {typst_string(HEADING)})"]
    if matrix["notice"]:
        parts.append(f"#par({typst_string(matrix['notice'])})")
    if matrix["rows"]:
        cells = (f"[#{typst_string(row['requirement'])}], [{_evidence(row, numbers)}]," for row in matrix["rows"])
        parts.append(_TABLE + "\n".join(cells) + "\n)")
    if matrix["skipped"]:
        parts.append(f"#par({typst_string(LEFT_OUT + '; '.join(matrix['skipped']) + '.')})")
    return [*parts, f"#text(size: 8pt)[#{typst_string(READ)} #mono({typst_string(matrix['sha256'])})]"]


def _evidence(row: Mapping[str, Any], numbers: Mapping[str, int]) -> str:
    """One cell, without the line breaks that would end a content block early."""
    parts = []
    for found in row["found"]:
        parts.append(typst_figure(found["figure"], numbers))
        for change in found["changes"]:
            title, ref = typst_string(change["title"] + " "), typst_string(change["ref"])
            parts.append(f"#pad(left: 12pt)[#text(size: 8.5pt, {title}) #mono({ref})]")
    return " ".join([*parts, *[f"#list.item[#emph({typst_string(gap)})]" for gap in row["gaps"]]])
