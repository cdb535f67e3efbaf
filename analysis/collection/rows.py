"""From a record to the columns of its rows; pure functions, so that they can be tested without a database."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from analysis.collection.texts import clean
from analysis.sources.records import CATEGORIES, ChangeRecord, DiffStat, FileChange
from evidence.redaction import redact_keys

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PATH_LIMIT = 1000
# Changed lines of source, tests and configuration: what a reviewer reads. Bounds are inclusive.
SIZES = (("XS", 10), ("S", 50), ("M", 250), ("L", 1000))
_READ = frozenset({"source", "test", "config"})

# Columns that the API knows better than git, and those that git knows better than the API.
API_FIELDS = ("title", "title_source", "body", "body_source", "merged_at", "opened_at", "closed_at", "web_url")
GIT_FIELDS = (
    "kind", "certainty", "certainty_reason", "merge_commit", "base_sha", "head_sha", "commit_count", "landed_additions",
    "landed_deletions", "landed_files", "proposed_additions", "proposed_deletions", "proposed_files", "diff_method",
    "proposed_lines", "patch_id", "language", "size_class", "first_commit_at", "last_commit_at", "landed_at",
)  # fmt: skip
FIELDS = ("number", "merged", "sorted_at", "unknown", "said_by", "content_sha256", *API_FIELDS, *GIT_FIELDS)


def columns(record: ChangeRecord) -> dict[str, Any]:
    """The columns of Change that the record states; `content_sha256` hashes them all."""
    landed, proposed, details = record.landed, record.proposed, record.details
    shown = landed if landed is not None else proposed
    out: dict[str, Any] = {
        "number": record.number,
        "kind": record.kind,
        "merged": record.merged,
        "certainty": record.certainty,
        "certainty_reason": record.certainty_reason[:300],
        "title": clean(record.title)[0],
        "title_source": record.title_source,
        "body": clean(record.body)[0] if record.body is not None else None,
        "body_source": record.body_source,
        "merge_commit": record.merge_commit or "",
        "base_sha": record.base_sha or "",
        "head_sha": record.head_sha or "",
        "commit_count": record.commits,
        **_totals("landed", landed),
        **_totals("proposed", proposed),
        "diff_method": (shown.method if shown else "")[:120],
        "proposed_lines": by_category(proposed.files) if proposed and proposed.files is not None else {},
        "patch_id": record.landed_identity,
        "language": main_language(shown.files) if shown and shown.files else "",
        "size_class": size_class(landed.files) if landed and landed.files is not None else "",
        "first_commit_at": record.first_commit_time,
        "last_commit_at": record.last_commit_time,
        "opened_at": details.opened_at if details else None,
        "closed_at": details.closed_at if details else None,
        "merged_at": record.merged_at,
        "landed_at": record.merged_at if landed is not None or record.kind in ("ancestor", "direct") else None,
        "web_url": details.url if details else "",
        "unknown": dict(sorted(record.unknown.items())),
    }
    out["said_by"] = said_by(out, record.source)
    return seal(out)


def seal(values: dict[str, Any]) -> dict[str, Any]:
    """Add what follows from the other columns: the sort key and the hash."""
    times = (values[name] for name in ("merged_at", "last_commit_at", "opened_at"))
    values["sorted_at"] = next((time for time in times if time is not None), EPOCH)
    stated = {name: value for name, value in values.items() if name != "content_sha256"}
    text = _STATED.encode(stated)
    values["content_sha256"] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return values


# Of these the page says which source said it.
TOLD = ("title", "body", "kind", "merged", "merged_at", "merge_commit", "opened_at", "closed_at", "first_commit_at",
        "landed_additions", "proposed_additions")  # fmt: skip


def said_by(values: dict[str, Any], source: str) -> dict[str, str]:
    """{field: source} of the told fields that have a value."""
    return {name: source for name in TOLD if values[name] not in (None, "")}


def _plain(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


_STATED = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_plain)


def _totals(name: str, diff: DiffStat | None) -> dict[str, int | None]:
    return {
        f"{name}_additions": diff.additions if diff else None,
        f"{name}_deletions": diff.deletions if diff else None,
        f"{name}_files": diff.changed_files if diff else None,
    }


def by_category(files: Iterable[FileChange]) -> dict[str, list[int]]:
    """{category: [lines added, lines deleted, files]} of the categories that occur."""
    sums: dict[str, list[int]] = {}
    for file in files:
        row = sums.setdefault(file.category, [0, 0, 0])
        row[0] += file.additions or 0
        row[1] += file.deletions or 0
        row[2] += 1
    return {category: sums[category] for category in CATEGORIES if category in sums}


def main_language(files: Iterable[FileChange]) -> str:
    """Language of most changed lines, by source files first, then by any but generated and vendored ones."""
    lines: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for file in files:
        count = (file.additions or 0) + (file.deletions or 0)
        if file.language == "Other" or not count:
            continue
        if file.category == "source":
            lines[file.language] += count
        elif file.category in ("test", "docs", "config"):
            others[file.language] += count
    best = lines or others
    return max(best, key=lambda name: (best[name], name)) if best else ""


def size_class(files: Iterable[FileChange]) -> str:
    """XS to XL by changed lines of source, tests and configuration."""
    lines = sum((f.additions or 0) + (f.deletions or 0) for f in files if f.category in _READ)
    return next((name for name, most in SIZES if lines <= most), "XL")


def stored_path(path: str) -> str:
    """A path as it is stored: whole, or with a hash where a key was taken out of it or no index could hold it."""
    safe = redact_keys(path)
    if safe == path and len(path) <= PATH_LIMIT:
        return path
    return f"{safe[:PATH_LIMIT]}…{hashlib.sha256(path.encode()).hexdigest()[:12]}"


def overlay(old: dict[str, Any], new: dict[str, Any], source: str, others: set[str]) -> dict[str, Any]:
    """The columns after `source` spoke of a change of which `others` have spoken already.

    Each side keeps what it knows better, so that the order of collections does not matter; what one side does not
    know never takes away what the other knew.
    """
    theirs = API_FIELDS if source == "git" else GIT_FIELDS
    rival = bool(others & ({"github", "webhook"} if source == "git" else {"git"}))
    out = dict(new)
    kept: set[str] = set()
    for name, value in old.items():
        if name not in out or name in ("sorted_at", "content_sha256", "unknown", "said_by"):
            continue
        nothing = out[name] is None or out[name] == "" or out[name] == {}
        if rival and ((name in theirs and value not in (None, "", {})) or nothing):
            out[name] = value
            kept.add(name)
    if rival:
        out["merged"] = _merged(old, new, source)
        if out["merged"] != new["merged"] or (source == "git" and old["merged"] is not None):
            kept.add("merged")
        out["said_by"] = {**said_by(out, source), **{k: v for k, v in old["said_by"].items() if k in kept}}
        if out["kind"] == "unlanded_or_unknown" and out["merged"] is True and out["certainty"] == "certain":
            out["certainty"] = "likely"
        reasons = {**old["unknown"], **new["unknown"]}
        out["unknown"] = {name: reason for name, reason in reasons.items() if not _is_known(out, name)}
    return seal(out)


# Parts for which a reason may stand that they are unknown, by the column that shows whether they are.
_PARTS = {"landed": "landed_files", "proposed": "proposed_files", "commits": "commit_count"}


def _is_known(values: dict[str, Any], name: str) -> bool:
    """Whether a source has said it by now; a description that is known to be empty is known."""
    value = values.get(_PARTS.get(name, name))
    return value is not None and (value != "" or name == "body")


def _merged(old: dict[str, Any], new: dict[str, Any], source: str) -> bool | None:
    """The API knows whether a pull was merged; git alone may only guess."""
    api, git = (old, new) if source == "git" else (new, old)
    stated: bool | None = api["merged"] if api["merged"] is not None else git["merged"]
    return stated
