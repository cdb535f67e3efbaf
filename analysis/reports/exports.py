"""The published achievements and their quoted outcomes as files: CSV, NDJSON, and a tree of Markdown.

Nothing that is not published, hidden or rejected is in them. Rows are streamed; figures come with their receipts.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from analysis.achievements.browse import public_achievements, with_changes
from analysis.achievements.figures import receipts_of
from analysis.achievements.models import Achievement
from analysis.claims.models import Claim
from analysis.collection.browse import change_ref
from analysis.reports.wording import amount, escaped
from evidence.files import write_whole

OUTCOMES = (Claim.State.STATED, Claim.State.CORROBORATED)


def achievement_rows() -> Iterator[dict[str, Any]]:
    """Every published achievement as plain values, oldest first."""
    for row in with_changes(public_achievements()).order_by("started_at", "pk").iterator(chunk_size=200):
        totals = receipts_of(row)
        yield {
            "key": row.key,
            "title": row.title,
            "summary": row.summary,
            "part": row.part,
            "from": row.started_at.date().isoformat(),
            "to": row.ended_at.date().isoformat(),
            "changes": [change_ref(change) for change in row.changes.all()],
            "figures": [
                {
                    "label": label,
                    "value": receipt.result["value"],
                    "unit": receipt.result["unit"],
                    "receipt": receipt.id,
                }
                for label, receipt in totals
            ],
            "outcomes": _outcomes(row),
            "not_known": [item["what"] for item in row.missing],
            "stale": row.stale_note,
        }


def _outcomes(row: Achievement) -> list[dict[str, str]]:
    """Its quoted outcomes, each once however many changes state it."""
    refs = {change.pk: change_ref(change) for change in row.changes.all()}
    claims = Claim.objects.filter(change__in=refs, is_current=True, state__in=OUTCOMES).exclude(review="rejected")
    seen: dict[str, dict[str, str]] = {}
    for claim in claims.order_by("change_id", "start", "pk"):
        found = {"quote": claim.quote, "change": refs[claim.change_id], "state": claim.state, "claim": claim.key}
        seen.setdefault(claim.outcome_key or claim.key, found)
    return list(seen.values())


def write_all(folder: Path) -> dict[str, int]:
    """Write achievements.ndjson, achievements.csv, outcomes.csv and markdown/; returns the rows of each.

    Each file is written whole or not at all. Raises OSError.
    """
    rows = list(achievement_rows())
    lines = [json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows]
    write_whole(folder / "achievements.ndjson", "".join(lines).encode())
    flat = [_flat(row) for row in rows]
    _csv(folder / "achievements.csv", flat, list(_flat(_EMPTY)))
    outcomes = [{"achievement": row["key"], **outcome} for row in rows for outcome in row["outcomes"]]
    _csv(folder / "outcomes.csv", outcomes, ["achievement", "quote", "change", "state", "claim"])
    return {"achievements": len(rows), "outcomes": len(outcomes), "markdown": _tree(folder / "markdown", rows)}


_EMPTY: dict[str, Any] = {
    "key": "", "title": "", "summary": "", "part": "", "from": "", "to": "", "changes": [], "figures": [],
    "outcomes": [], "not_known": [], "stale": "",
}  # fmt: skip


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """One line of CSV: lists joined by spaces or semicolons, each total in a column of its own with its receipt."""
    found = {name: row[name] for name in ("key", "title", "summary", "part", "from", "to")}
    found["changes"] = " ".join(row["changes"])
    for label in ("changes landed", "source lines added", "test lines added"):
        figure = next((item for item in row["figures"] if item["label"] == label), {"value": "", "receipt": ""})
        found[label], found[f"{label}: receipt"] = figure["value"], figure["receipt"]
    found["not_known"] = "; ".join(row["not_known"])
    return found


def _csv(path: Path, rows: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, names)
    writer.writeheader()
    writer.writerows({name: _cell(row[name]) for name in names} for row in rows)
    write_whole(path, file.getvalue().encode())


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _tree(folder: Path, rows: Sequence[dict[str, Any]]) -> int:
    """An index and a file for each achievement; links between them are relative."""
    index = ["# Achievements", ""]
    taken: set[str] = set()
    for row in rows:
        name = slugify(row["title"])[:60] or "achievement"
        name = name if name not in taken else f"{name}-{len(taken)}"
        taken.add(name)
        index.append(f"- [{escaped(row['title'])}]({name}.md), {row['from']} to {row['to']}")
        write_whole(folder / f"{name}.md", ("\n".join(_page(row)) + "\n").encode())
    write_whole(folder / "index.md", ("\n".join(index) + "\n").encode())
    return len(rows) + 1


def _page(row: dict[str, Any]) -> list[str]:
    lines = [f"# {escaped(row['title'])}", "", f"{row['from']} to {row['to']}. Part: {row['part']}.", ""]
    lines += [row["summary"], ""] if row["summary"] else []
    lines += [f"- {item['label']}: {amount(item['value'], item['unit'])}, receipt `{item['receipt']}`"
              for item in row["figures"]]  # fmt: skip
    if row["outcomes"]:
        lines += ["", "## What was said of outcomes", ""]
        lines += [f"> {escaped(item['quote'])} ({item['state']}, `{item['change']}`)\n" for item in row["outcomes"]]
    lines += ["", "## Changes", "", *[f"- `{ref}`" for ref in row["changes"]]]
    return lines + (["", f"Not known: {', '.join(row['not_known'])}."] if row["not_known"] else [])
