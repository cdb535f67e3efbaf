"""What a record must fulfil before it is stored; a record that does not is left out and named in the ledger."""

from __future__ import annotations

import re
from datetime import datetime

from analysis.sources.records import CATEGORIES, CERTAINTIES, FILE_STATUSES, KINDS, ChangeRecord

_SHA = re.compile(r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")
MOST_NUMBER = 2_147_483_647


def problem(record: ChangeRecord) -> str | None:
    """The first reason why the record cannot be stored, None when it can."""
    if record.kind not in KINDS or record.certainty not in CERTAINTIES:
        return f"unknown kind or certainty: {record.kind}, {record.certainty}"
    if (record.kind == "direct") != (record.number is None):
        return "a direct commit has no number and every other change has one"
    if record.number is not None and not 0 < record.number <= MOST_NUMBER:
        return f"number out of range: {record.number}"
    if record.kind == "unlanded_or_unknown" and record.merged is True and record.certainty == "certain":
        return "it cannot be certainly merged and of unknown landing"
    return _bad_sha(record) or _bad_time(record) or _bad_files(record)


def _bad_sha(record: ChangeRecord) -> str | None:
    for name in ("merge_commit", "base_sha", "head_sha"):
        value = getattr(record, name)
        if value and not _SHA.match(value):
            return f"{name} is no commit id"
    return next(("a commit has no commit id" for commit in record.commit_list if not _SHA.match(commit.sha)), None)


def _bad_time(record: ChangeRecord) -> str | None:
    for name in ("merged_at", "first_commit_time", "last_commit_time"):
        value: datetime | None = getattr(record, name)
        if value is not None and value.tzinfo is None:
            return f"{name} has no time zone"
    return None


def _bad_files(record: ChangeRecord) -> str | None:
    for diff in (record.landed, record.proposed):
        if diff is None:
            continue
        if min(diff.additions, diff.deletions, diff.changed_files) < 0:
            return "a diff has a negative count"
        for file in diff.files or ():
            if not file.path or file.status not in FILE_STATUSES or file.category not in CATEGORIES:
                return f"a file is not described right: {file.path[:80]!r}"
    return None
