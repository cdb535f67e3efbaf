"""The figures of the studies that ship as files under content/studies/, each with its receipt."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from analysis.studies import methods
from evidence.canonical import sha256_of
from evidence.figures import Figure, figure_of
from evidence.receipts import Derived, Input, Kind, derive

SUBJECT = "study:"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\Z")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Count:
    """One figure of a study: what it reads of each row, and how that is counted."""

    name: str
    label: str
    unit: str
    read: Callable[[Row], Any]
    method: str = "study.sum"
    parameters: Mapping[str, Any] = field(default_factory=dict)


def _changes(
    name: str, label: str, read: Callable[[Row], Any], values: list[Any] | None = None, unit: str = "change"
) -> Count:
    """A number of changes: those with one of the values, or with any where none is named."""
    return Count(name, label, unit, read, "study.count", {"is": values})


def _pulls(name: str, label: str, column: str, values: list[Any] | None) -> Count:
    """A number of pull requests."""
    return Count(
        name,
        label,
        "pull",
        lambda row: row[column] if row["ref"].startswith("#") else "",
        "study.count",
        {"is": values},
    )


def _lines(name: str, label: str, *kinds: str) -> Count:
    """Landed added lines of the named kinds of file; of all kinds when none is named."""
    return Count(
        name, label, "line", lambda row: sum(n for kind, n in row["lines"].items() if not kinds or kind in kinds)
    )


def _claims(state: str) -> Count:
    return Count(
        f"claims_{state}",
        f"claims: {state}",
        "claim",
        lambda row: sum(claim[1] == state for claim in row["claims"]),
    )


def _refused(name: str, label: str, *reasons: str) -> Count:
    """Quantities that are no claims; all reasons when none is named."""
    return Count(
        name,
        label,
        "quantity",
        lambda row: sum(times for reason, times in row["refused"].items() if not reasons or reason in reasons),
    )


def _levels(level: str, label: str) -> Count:
    return Count(f"outcomes_{level}", label, "outcome", lambda row: row["levels"][level])


COUNTS = (
    _pulls("pulls", "pull requests", "ref", None),
    _changes("direct", "direct commits", lambda row: row["kind"], ["direct"]),
    _pulls("pulls_merge", "landed by a merge commit", "kind", ["merge"]),
    _pulls("pulls_squash", "landed by a squash", "kind", ["squash"]),
    _pulls("pulls_landed", "known to have landed", "merged", [True]),
    _pulls("pulls_unknown", "not known to have landed", "merged", [None, False]),
    Count("proposed", "lines proposed", "line", lambda row: row["proposed"]),
    Count("landed", "lines that landed", "line", lambda row: row["landed"] if row["credited"] else 0),
    _lines("lines_all", "lines added, all files"),
    _lines("lines_source", "lines of source", "source"),
    _lines("lines_test", "lines of tests", "test"),
    _lines("lines_docs", "lines of documents", "docs"),
    _lines("lines_made", "lines generated or vendored", "generated", "vendored"),
    Count("claims", "quoted claims", "claim", lambda row: len(row["claims"])),
    *(_claims(state) for state in ("stated", "expected", "contradicted", "corroborated")),
    _changes("with_claims", "changes that claim an outcome", lambda row: len(row["claims"])),
    Count(
        "outcomes",
        "different outcomes",
        "outcome",
        lambda row: [claim[0] for claim in row["claims"]],
        "study.outcomes",
        {"again": False},
    ),
    Count(
        "outcomes_again",
        "outcomes stated by more than one change",
        "outcome",
        lambda row: [claim[0] for claim in row["claims"]],
        "study.outcomes",
        {"again": True},
    ),
    _refused("refused", "quantities refused"),
    _refused("refused_count", "refused as counts of things", "count"),
    _refused("refused_level", "refused as a level, not a change", "level_not_change"),
    _refused("refused_spend", "refused as spending", "spend_not_saving"),
    _refused("refused_goal", "refused as goals or thresholds", "target", "threshold", "hypothetical"),
    _refused("refused_damaged", "refused as damaged amounts", "damaged_number"),
    Count("amounts", "amounts of money in texts", "amount", lambda row: row["amounts"]),
    _changes("with_amounts", "changes whose texts name an amount", lambda row: row["amounts"]),
    _levels("L2", "outcomes with before and after"),
    _levels("L3", "yearly effects in natural units"),
    _levels("L4", "outcomes priced"),
    _changes("reverted", "changes reverted later", lambda row: row["reverted_later"]),
    _changes("mended", "changes mended later", lambda row: row["fixed_later"]),
)


def folder() -> Path:
    """Where the shipped studies lie."""
    return Path(settings.BASE_DIR) / "content" / "studies"


def study_figures(subject: str) -> dict[str, Figure]:
    """The figures of `study:<name>` by their names; empty for a study that is not here."""
    return {name: figure_of(receipt, label) for name, label, receipt in _receipts(subject)}


def study_receipts(subject: str) -> list[Derived]:
    """The receipts of a study's figures, derived again."""
    return [receipt for _name, _label, receipt in _receipts(subject)]


Named = tuple[str, str, Derived]


def _receipts(subject: str) -> tuple[Named, ...]:
    """(name, label, receipt) of each figure; nothing for a study that is not here."""
    name = subject.removeprefix(SUBJECT)
    path = folder() / f"{name}.json"
    return _derive(subject, path, path.stat().st_mtime_ns) if _NAME.match(name) and path.is_file() else ()


@lru_cache(maxsize=8)
def _derive(subject: str, path: Path, _changed: int) -> tuple[Named, ...]:
    """All receipts of a study; kept until its file changes, since one text names dozens of them."""
    study = json.loads(path.read_text(encoding="utf-8"))
    origin = f"{subject}@{sha256_of(study)[:16]}"
    found = []
    for item in COUNTS:
        column = [[row["ref"], item.read(row)] for row in study["changes"]]
        receipt = derive(
            kind=Kind.MEASURED,
            subject=subject,
            method=item.method,
            version=methods.VERSION,
            inputs=[Input("column", origin, column), Input("tip", origin, study["tip"])],
            parameters={"what": item.label, "unit": item.unit, **item.parameters},
        )
        found.append((item.name, item.label, receipt))
    return tuple(found)
