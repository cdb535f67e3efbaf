"""Lines of the tip by the commit that last wrote them, one `git blame` a file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from analysis.sources.file_kinds import classify
from analysis.sources.git_diffs import path_text
from analysis.sources.git_failures import GitFailed
from analysis.sources.git_process import Git

# Text beyond this is data, and its blame would take as long as all the rest.
LARGEST = 512 * 1024
_HEAD = re.compile(rb"^([0-9a-f]{40}|[0-9a-f]{64}) \d+ \d+(?: (\d+))?$", re.MULTILINE)


def lines_by_commit(git: Git, tip: str) -> Iterator[tuple[int, int, Counter[str]]]:
    """(number of the file, files in all, lines by commit) for every text file at the tip that people wrote."""
    paths = list(_paths(git, tip))
    for number, path in enumerate(paths, start=1):
        yield number, len(paths), _blame(git, tip, path)


def _paths(git: Git, tip: str) -> Iterator[bytes]:
    for entry in git.run("ls-tree", "-r", "-l", "-z", tip).split(b"\0"):
        meta, _, path = entry.partition(b"\t")
        words = meta.split()
        if len(words) != 4 or words[1] != b"blob" or words[0] == b"120000":
            continue
        if not words[3].isdigit() or int(words[3]) > LARGEST:  # git says BAD of a blob that the mirror lacks
            continue
        if classify(path_text(path))[0] not in ("generated", "vendored"):
            yield path


def _blame(git: Git, tip: str, path: bytes) -> Counter[str]:
    """Lines by commit; nothing for a file that cannot be blamed (binary, missing objects)."""
    try:
        name = path.decode("utf-8")
        out = git.run("blame", "--incremental", "-w", tip, "--", name, seconds=60)
    except (GitFailed, UnicodeDecodeError):
        return Counter()
    counts: Counter[str] = Counter()
    for sha, lines in _HEAD.findall(out):
        counts[sha.decode()] += int(lines or 0)
    return counts
