"""Weakly labelled rows from the mirrors of public histories. Their text is training material and is never published.

A history is read twice: all titles, which cost next to nothing, to choose the commits, then message and paths of the
chosen ones alone. Two thousand of a hundred thousand commits take a second or two.
"""

from __future__ import annotations

import random
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.change_types.fitting import LabelledChange
from analysis.change_types.labels import weak_label

PLAIN_COMMITS = 800
MAX_FILES = 60
_FORMAT = "%x1e%B%x1d"


class DamagedMirror(ValueError):
    """Git cannot read a mirror whole; the message says which and why."""


@dataclass(frozen=True, slots=True)
class History:
    """A mirror on disk and the public repository (owner/name) that it mirrors."""

    path: Path
    repository: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What one history gave: its tip, and the rows."""

    tip: str
    rows: list[LabelledChange]


def mirrors_in(folder: Path) -> list[History]:
    """The git directories OWNER+NAME or OWNER+NAME/repo of a folder, by name."""
    found = []
    for path in sorted(folder.iterdir()):
        owner, plus, name = path.name.partition("+")
        git = next((at for at in (path, path / ".git", path / "repo") if (at / "objects").is_dir()), None)
        if plus and git:
            found.append(History(git, f"{owner}/{name.removesuffix('.git')}"))
    return found


def rows_of(history: History, *, most: int, seed: int) -> Taken:
    """At most `most` rows of each type from one history: a seeded draw over all commits, one row a distinct text.

    Raises DamagedMirror.
    """
    draw = random.Random(f"{seed} {history.repository}")  # noqa: S311  a reproducible sample, no secret
    by_type: dict[str, list[LabelledChange]] = defaultdict(list)
    seen: set[str] = set()
    for title, body, files in _commits(history.path, _chosen(history.path, most, draw)):
        label = weak_label(title, files=files, body=body)
        if label is None or not files or len(label.text) < 4 or label.text.lower() in seen:
            continue
        seen.add(label.text.lower())
        by_type[label.type].append(LabelledChange(label.text, tuple(files), label.type, history.repository))
    tip = _git(history.path, "rev-parse", "HEAD").strip()
    return Taken(tip, [row for _, rows in sorted(by_type.items()) for row in rows[:most]])


def _chosen(mirror: Path, most: int, draw: random.Random) -> list[str]:
    """Ids of commits: a few more than `most` of each type that the title tells, and PLAIN_COMMITS whose paths may."""
    titles = [line.partition("\0") for line in _git(mirror, "log", "--format=%H%x00%s", "HEAD").split("\n") if line]
    draw.shuffle(titles)
    by_type: dict[str, list[str]] = defaultdict(list)
    for commit, _, title in titles:
        label = weak_label(title)
        by_type[label.type if label else ""].append(commit)
    limits = {"": PLAIN_COMMITS}
    return [commit for name, listed in by_type.items() for commit in listed[: limits.get(name, most + most // 5)]]


def _commits(mirror: Path, chosen: Sequence[str]) -> Iterator[tuple[str, str, Sequence[str]]]:
    shown = _git(
        mirror, "log", "--no-walk=unsorted", "--stdin", "--diff-merges=first-parent", "--name-only", "--no-renames",
        f"--format={_FORMAT}", stdin="".join(f"{commit}\n" for commit in chosen),
    )  # fmt: skip
    for record in shown.split("\x1e")[1:]:
        message, _, names = record.partition("\x1d")
        title, _, body = message.partition("\n")
        if title.startswith("Merge ") and "from GHSA" not in title:
            # A merge by GitHub keeps the pull's title in the first line of its body.
            title, _, body = body.strip().partition("\n")
        yield title, body, [name for name in names.split("\n") if name][:MAX_FILES]


def _git(mirror: Path, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        ["git", "-C", str(mirror), *arguments], input=stdin, capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        raise DamagedMirror(f"{mirror}: {done.stderr.strip()[-200:] or f'git ended with {done.returncode}'}")
    return done.stdout
