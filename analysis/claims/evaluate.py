"""`evaluate claims`: the table of measures with 95% bootstrap intervals, the naive baseline beside it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Protocol

from analysis.claims import baseline
from analysis.claims.extractor import GRAMMAR
from analysis.claims.jsonl import answer
from analysis.claims.scoring import MEASURES, TARGETS, Judgement, intervals, judge, summary


class Writer(Protocol):
    """Anything to print to."""

    def write(self, text: str, /) -> Any: ...


def run(data: Path | None, stdout: Writer) -> None:
    """Print the table for a labelled file, or for each *.jsonl of a folder. Raises ValueError for a bad line."""
    if data is None:
        raise ValueError("evaluate claims needs a labelled file.")
    files = sorted(data.glob("*.jsonl")) if data.is_dir() else [data]
    for path in files:
        stdout.write(table(path.name, read(path)) + "\n")


def read(path: Path) -> list[dict[str, Any]]:
    """The labelled sentences of a file. Raises ValueError for a line without id, text, label and claims."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            ok = {"id", "text", "label", "claims"} <= set(row)
        except (json.JSONDecodeError, TypeError) as wrong:
            raise ValueError(f"{path.name}:{number} is no JSON object") from wrong
        if not ok:
            raise ValueError(f"{path.name}:{number} lacks id, text, label or claims")
        rows.append(row)
    if not rows:
        raise ValueError(f"{path.name} holds no labelled sentence")
    return rows


def table(name: str, rows: list[dict[str, Any]]) -> str:
    """A Markdown table: measure, target, grammar with its interval, two regular expressions."""
    began = time.perf_counter()
    answers = [answer(row["id"], row["text"])["claims"] for row in rows]
    seconds = time.perf_counter() - began
    mine = [judge(row, claims) for row, claims in zip(rows, answers, strict=True)]  # type: ignore[arg-type]
    naive = [judge(row, baseline.find(row["text"])) for row in rows]
    point, spread, plain = summary(mine), intervals(mine), summary(naive)
    lines = [
        f"{name}: {len(rows)} sentences, {sum(item.is_claim for item in mine)} with a claim, "
        f"{sum(item.labelled for item in mine)} claims; {GRAMMAR.name} {GRAMMAR.version}",
        "",
        "| measure | target | grammar | 95% interval | two regular expressions |",
        "|---|---|---|---|---|",
    ]
    for measure in MEASURES:
        low, high = spread[measure]
        beside = f"{plain[measure]:.3f}" if measure in ("precision", "recall", "span") else ""
        target = TARGETS[measure]
        lines.append(f"| {measure} | {target:.2f} | {point[measure]:.3f} | {low:.3f}–{high:.3f} | {beside} |")
    lines += ["", f"not verbatim: {_not_verbatim(mine)}; {len(rows) / seconds:.0f} sentences a second", ""]
    return "\n".join(lines)


def _not_verbatim(judgements: list[Judgement]) -> int:
    return sum(item.not_verbatim for item in judgements)
