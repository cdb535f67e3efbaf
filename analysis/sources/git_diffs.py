"""Diffs read through one long-lived `git diff-tree --stdin`: files with status, lines, renames, binary.

METHOD names the flags: rename detection at 50% over at most 1000 candidates changes "lines added" by some per cent, so
every figure states it.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain

from analysis.sources.file_kinds import classify
from analysis.sources.git_failures import GitFailed
from analysis.sources.git_process import Conversation, Git, chunks
from analysis.sources.records import DiffStat, FileChange, FileStatus, SourceError

FLAGS = (
    "-r",
    "-M50%",
    "-l1000",
    "--no-ext-diff",
    "--no-textconv",
    "--diff-algorithm=myers",
    "--ignore-submodules=none",
)
METHOD = "git diff -M50% -l1000"
# A diff of more files keeps its totals and the first so many files (an import of a whole tree is no reading matter).
FILE_LIMIT = 20_000
_STATUS: dict[str, FileStatus] = {
    "A": "added",
    "M": "modified",
    "D": "deleted",
    "R": "renamed",
    "C": "copied",
    "T": "type_changed",
}


Pair = tuple[str | None, str]  # base, head


@dataclass(frozen=True, slots=True)
class Lost:
    """A diff that cannot be read because objects are missing or damaged."""

    reason: str


@dataclass(frozen=True, slots=True)
class Diff:
    """A diff between two commits. `exact` hashes paths and blobs, `shape` paths and line counts: equal is the same."""

    stat: DiffStat
    exact: str
    shape: str
    paths: frozenset[int]
    cut: bool = False


def read_diffs(git: Git, pairs: Iterable[Pair], method: str = METHOD) -> Generator[Diff | Lost, None, None]:
    """The diff base..head of each (base, head), in order; base None means everything in head (a first commit).

    A diff that needs a missing or damaged object gives a Lost in its place. git ends at such an object, so the pairs
    around it are asked again one by one and the rest by a new process.
    """
    source = iter(pairs)
    asked: deque[Pair] = deque()
    while True:
        try:
            for head, diff in _stream(git, _noting(source, asked), method):
                while asked.popleft()[1] != head:
                    yield Lost("a commit is missing")  # git passes over what it does not have
                yield diff
            yield from (Lost("a commit is missing") for _ in asked)
            return
        except GitFailed as failed:
            again = list(asked)
            if failed.code not in ("objects_missing", "objects_corrupt") or not again:
                raise
        for pair in again[:2]:
            yield _alone(git, pair, method)
        source = chain(again[2:], source)
        asked.clear()


def _noting(pairs: Iterator[Pair], asked: deque[Pair]) -> Iterator[Pair]:
    for pair in pairs:
        asked.append(pair)
        yield pair


def _alone(git: Git, pair: Pair, method: str) -> Diff | Lost:
    try:
        with closing(_stream(git, [pair], method)) as found:
            return next((diff for _, diff in found), Lost("a commit is missing"))
    except GitFailed as failed:
        return Lost(str(failed))


def _stream(git: Git, pairs: Iterable[Pair], method: str) -> Generator[tuple[str, Diff], None, None]:
    """(head, diff) of each pair that git answers."""
    arguments = ["diff-tree", "--stdin", "--root", "--always", "-z", "--raw", "--numstat", "--no-abbrev", *FLAGS]
    questions = ((f"{head} {base}\n" if base else f"{head}\n").encode() for base, head in pairs)
    with closing(Conversation(git, arguments, questions)) as talk:
        builder: _Builder | None = None
        for token in _tokens(talk):
            if builder is not None and builder.take(token):
                continue
            if builder is not None:
                yield builder.head, builder.done(method)
            builder = _Builder(token.decode("ascii", "replace"))
        talk.finish()
        if builder is not None:
            yield builder.head, builder.done(method)


def _tokens(talk: Conversation) -> Iterator[bytes]:
    rest = b""
    for piece in chunks(talk.out, 1 << 18, talk.check):
        *whole, rest = (rest + piece).split(b"\0")
        yield from whole
    if rest:
        talk.finish()  # says why, if git knows
        raise SourceError("a diff ends in the middle", code="git_failed", retry=True)


def path_text(raw: bytes) -> str:
    """A path as text. What is no UTF-8 keeps its bytes as \\xNN, so that two paths never become one."""
    return raw.decode("utf-8", "backslashreplace")


class _Builder:
    """Takes the NUL-separated tokens of one diff: all raw entries first, then all line counts."""

    def __init__(self, head: str) -> None:
        self.head = head
        self._files: dict[bytes, tuple[str, bytes | None]] = {}  # path -> status letter, old path
        self._expect: list[str] = []
        self._entry: list[bytes] = []
        self._out: list[FileChange] = []
        self._exact = hashlib.blake2b(digest_size=12)
        self._shape = hashlib.blake2b(digest_size=12)
        self._paths: set[int] = set()
        self._additions = self._deletions = self._count = self._binary = 0

    def take(self, token: bytes) -> bool:
        """Use the token if it belongs to this diff; False means that it begins the next one."""
        if self._expect:
            self._entry.append(token)
            kind = self._expect.pop()
            if not self._expect:
                self._raw() if kind == "raw" else self._lines()
            return True
        if token.startswith(b":"):
            self._entry = [token]
            letter = token.rsplit(b" ", 1)[1][:1]
            self._expect = ["raw", "raw"] if letter in b"RC" else ["raw"]
            return True
        if b"\t" in token:
            self._entry = [token]
            if token.endswith(b"\t"):
                self._expect = ["lines", "lines"]
            else:
                self._lines()
            return True
        return False

    def _raw(self) -> None:
        meta, *paths = self._entry
        old_mode, new_mode, old, new, status = meta[1:].split(b" ")
        letter = status[:1].decode()
        if letter == "T" or (old_mode[:3] != new_mode[:3] and letter == "M"):
            letter = "T"
        self._files[paths[-1]] = (letter, paths[0] if len(paths) == 2 else None)
        self._exact.update(b"\0".join((paths[-1], old, new)))

    def _lines(self) -> None:
        counts, *paths = self._entry
        added, deleted, path = counts.split(b"\t", 2)
        path = paths[-1] if paths else path
        binary = added == b"-"
        letter, old_path = self._files.get(path, ("M", None))
        plus, minus = (None, None) if binary else (int(added), int(deleted))
        self._additions += plus or 0
        self._deletions += minus or 0
        self._count += 1
        self._binary += binary
        self._shape.update(b"%s\0%s\0%s\0" % (path, added, deleted))
        if len(self._out) >= FILE_LIMIT:
            return
        self._paths.add(hash(path))
        text = path_text(path)
        category, language = classify(text)
        self._out.append(
            FileChange(
                path=text,
                status=_STATUS.get(letter, "modified"),
                additions=plus,
                deletions=minus,
                category=category,
                language=language,
                old_path=path_text(old_path) if old_path is not None else None,
                binary=binary,
            )
        )

    def done(self, method: str) -> Diff:
        """The finished diff."""
        stat = DiffStat(
            additions=self._additions,
            deletions=self._deletions,
            changed_files=self._count,
            binary_files=self._binary,
            files=tuple(self._out),
            method=method,
        )
        return Diff(
            stat,
            self._exact.hexdigest(),
            self._shape.hexdigest(),
            frozenset(self._paths),
            self._count > len(self._out),
        )


def combine(diffs: Sequence[Diff]) -> Diff:
    """Several landed commits as one change: lines add up, a path counts once. For commits that do not adjoin."""
    if len(diffs) == 1:
        return diffs[0]
    files: dict[str, FileChange] = {}
    for diff in diffs:
        for file in diff.stat.files or ():
            seen = files.get(file.path)
            files[file.path] = file if seen is None else _both(seen, file)
    stat = DiffStat(
        additions=sum(diff.stat.additions for diff in diffs),
        deletions=sum(diff.stat.deletions for diff in diffs),
        changed_files=len(files),
        binary_files=sum(1 for file in files.values() if file.binary),
        files=tuple(files.values()),
        method=f"{METHOD}, sum over {len(diffs)} commits",
    )
    digest = hashlib.blake2b(b"".join(diff.shape.encode() for diff in diffs), digest_size=12).hexdigest()
    return Diff(
        stat,
        digest,
        digest,
        frozenset().union(*(diff.paths for diff in diffs)),
        any(diff.cut for diff in diffs),
    )


def _both(first: FileChange, second: FileChange) -> FileChange:
    def add(a: int | None, b: int | None) -> int | None:
        return None if a is None or b is None else a + b

    return FileChange(
        path=second.path,
        status="added" if first.status == "added" and second.status == "modified" else second.status,
        additions=add(first.additions, second.additions),
        deletions=add(first.deletions, second.deletions),
        category=second.category,
        language=second.language,
        old_path=first.old_path or second.old_path,
        binary=first.binary or second.binary,
    )
