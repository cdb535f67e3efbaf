"""Weakly labelled rows from the mirrors of public histories. Their text is training material and is never published."""

from __future__ import annotations

import random
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.change_types.fitting import LabelledChange
from analysis.change_types.labels import weak_label

MAX_COMMITS = 14_000
MAX_FILES = 60
_FORMAT = "%x1e%B%x1d"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one history gave: commits read, and rows kept by type."""

    repository: str
    commits: int
    rows: dict[str, int]


def rows_of(mirror: Path, repository: str, *, most: int, seed: int) -> list[LabelledChange]:
    """At most `most` rows of each type from one mirror: a seeded draw over all commits, one row a distinct text."""
    by_type: dict[str, list[LabelledChange]] = defaultdict(list)
    seen: set[str] = set()
    for title, body, files in _commits(mirror, seed):
        label = weak_label(title, files=files, body=body)
        if label is None or not files or len(label.text) < 4 or label.text.lower() in seen:
            continue
        seen.add(label.text.lower())
        by_type[label.type].append(LabelledChange(label.text, tuple(files), label.type, repository))
    draw = random.Random(f"{seed} {repository}")  # noqa: S311  a reproducible sample, no secret
    kept: list[LabelledChange] = []
    for _, rows in sorted(by_type.items()):
        draw.shuffle(rows)
        kept.extend(rows[:most])
    return kept


def _commits(mirror: Path, seed: int) -> Iterator[tuple[str, str, Sequence[str]]]:
    listed = subprocess.run(
        ["git", "-C", str(mirror), "rev-list", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.split()
    random.Random(f"{seed} {mirror.name}").shuffle(listed)  # noqa: S311  as above
    shown = subprocess.run(
        ["git", "-C", str(mirror), "log", "--no-walk=unsorted", "--stdin", "--diff-merges=first-parent",
         "--name-only", "--no-renames", f"--format={_FORMAT}"],
        input="\n".join(listed[:MAX_COMMITS]) + "\n", capture_output=True, text=True, errors="replace", check=True,
    ).stdout  # fmt: skip
    for record in shown.split("\x1e")[1:]:
        message, _, names = record.partition("\x1d")
        title, _, body = message.partition("\n")
        if title.startswith("Merge ") and "from GHSA" not in title:
            # A merge by GitHub keeps the pull's title in the first line of its body.
            title, _, body = body.strip().partition("\n")
        yield title, body, [name for name in names.split("\n") if name][:MAX_FILES]
