"""A study as a file: one change a line, so that a difference is a line of a diff (no Django here)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def study_text(study: Mapping[str, Any]) -> str:
    """Canonical text of a study: sorted keys, a line for each change."""
    head = {key: value for key, value in study.items() if key != "changes"}
    rows = ",\n".join(_line(row) for row in study["changes"])
    return f'{_line(head)[:-1]},"changes":[\n{rows}\n]}}\n'


def study_differences(kept: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """What differs, a line each: the head's fields first, then the changes by their reference."""
    lines = [
        f"{key}: {kept.get(key)} in the file, {found.get(key)} now"
        for key in ("tip", "methods")
        if kept.get(key) != found.get(key)
    ]
    before, now = ({row["ref"]: row for row in study["changes"]} for study in (kept, found))
    for ref in sorted({*before, *now}):
        if ref not in now or ref not in before:
            lines.append(f"{ref}: only {'in the file' if ref in before else 'found now'}")
            continue
        fields = [name for name in now[ref] if before[ref].get(name) != now[ref][name]]
        if fields:
            lines.append(f"{ref}: {', '.join(fields)} differ")
    return lines


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
