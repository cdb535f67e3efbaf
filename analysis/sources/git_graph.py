"""The commit graph of a mirror in a few flat arrays, and questions about ancestry without asking git again.

One `git log` names every commit with its parents, times, author and subject; what is kept costs some 200 bytes a
commit, so that a million of them fit in memory. Messages are not kept: they are read again where they are needed.

Words: the *chain* is the default branch by first parents, oldest first; `landed[c]` is the lowest place on the chain
from which commit c can be reached (FAR if none); `floor[c]` is the highest place on the chain that c can reach (-1 if
none). Then "x is an ancestor of y" needs a walk only in the small part of history that is newer than y's floor.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing

from analysis.sources.git_process import Conversation, Git, chunks
from analysis.sources.records import SourceError

FAR = 2**31 - 1
_FORMAT = "%H %T %P%x00%ct %at%x00%an%x00%ae%x00%s%x00"

# Landings that their subject names; "(#N)" must end the subject, and the last of several counts.
_MERGE_OF = re.compile(
    r"^(?:Merge pull request #(\d+) (?:from|in)\b|Auto merge of #(\d+) - "
    r"|Merge PR #(\d+)\b|Merge #(\d+)(?: |:|$))"
)
_SUFFIX_OF = re.compile(r"(?<![\w/#-])\(#(\d{1,9})\)\s*$")


class Graph:
    """All commits of the mirror that the given refs reach. Commits are numbered; `index` finds the number of a SHA."""

    def __init__(self) -> None:
        self.index: dict[bytes, int] = {}
        self.shas: list[bytes] = []
        self.parents: list[tuple[int, ...]] = []
        self.committed = array("q")
        self.identity = array("q")  # author and author time as one 64-bit hash: a rebase keeps both
        self.subject = array("q")  # hash of the subject
        self.tree = array("q")  # hash of the tree's SHA: equal trees need one diff only
        self.names: dict[int, int] = {}  # commit -> pull that its subject names as merged
        self.suffixes: dict[int, int] = {}  # commit -> pull in "(#N)" at the subject's end
        self.chain: list[int] = []
        self.place: dict[int, int] = {}  # commit -> place on the chain
        self.landed = array("i")
        self.floor = array("i")

    def sha(self, commit: int) -> str:
        """The SHA in hexadecimal."""
        return self.shas[commit].hex()

    def find(self, sha: str | None) -> int | None:
        """The number of a commit, None when the mirror lacks it."""
        return self.index.get(bytes.fromhex(sha)) if sha else None

    def is_ancestor(self, commit: int, of: int) -> bool:
        """Whether `of` reaches `commit` (every commit reaches itself)."""
        return self._reaches(of)(commit)

    def _reaches(self, base: int) -> Callable[[int], bool]:
        floor, landed = self.floor[base], self.landed
        near: set[int] = set()
        if self.place.get(base) is None:
            queue = [base]
            while queue:
                commit = queue.pop()
                if commit in near or landed[commit] <= floor:
                    continue
                near.add(commit)
                queue.extend(self.parents[commit])
        return lambda commit: landed[commit] <= floor or commit in near

    def since(self, head: int, base: int | None) -> tuple[list[int], int | None]:
        """(commits that `head` reaches and `base` does not, newest first; merge base or None).

        As `git rev-list base..head` and `git merge-base base head`; of several best merge bases the newest, as git.
        """
        reached = self._reaches(base) if base is not None else (lambda commit: False)
        own: set[int] = set()
        border: set[int] = set()
        queue = [head]
        while queue:
            commit = queue.pop()
            if commit in own or commit in border:
                continue
            if reached(commit):
                border.add(commit)
            else:
                own.add(commit)
                queue.extend(self.parents[commit])
        return sorted(own, key=lambda c: (self.committed[c], -c), reverse=True), self._best(border)

    def _best(self, border: set[int]) -> int | None:
        if len(border) <= 1:
            return next(iter(border), None)
        # On the chain only the highest can be a best one; that settles nearly every case.
        places = [c for c in border if c in self.place]
        candidates = {c for c in border if c not in self.place}
        if places:
            candidates.add(max(places, key=self.place.__getitem__))
        best = [c for c in candidates if not any(c != other and self._reaches(other)(c) for other in candidates)]
        return max(best, key=lambda c: (self.committed[c], -c))

    def settle(self, tip: int) -> None:
        """Compute chain, place, landed and floor for a default branch that ends at `tip`."""
        commit: int | None = tip
        chain: list[int] = []
        while commit is not None:
            chain.append(commit)
            commit = self.parents[commit][0] if self.parents[commit] else None
        chain.reverse()
        self.chain, self.place = chain, {c: i for i, c in enumerate(chain)}
        self.landed = array("i", [FAR]) * len(self.shas)
        for place, start in enumerate(chain):
            queue = [start]
            while queue:
                commit = queue.pop()
                if self.landed[commit] == FAR:
                    self.landed[commit] = place
                    queue.extend(self.parents[commit])
        self._floors()

    def _floors(self) -> None:
        floor = array("i", [-2]) * len(self.shas)
        for commit, place in self.place.items():
            floor[commit] = place
        for start in range(len(self.shas)):
            stack = [start]
            while stack:
                commit = stack[-1]
                if floor[commit] != -2:
                    stack.pop()
                    continue
                waiting = [p for p in self.parents[commit] if floor[p] == -2]
                if waiting:
                    stack.extend(waiting)
                else:
                    floor[commit] = max((floor[p] for p in self.parents[commit]), default=-1)
                    stack.pop()
        self.floor = floor


def short_hash(*parts: bytes) -> int:
    """A 63-bit hash, the same in every process."""
    return int.from_bytes(hashlib.blake2b(b"\0".join(parts), digest_size=8).digest(), "big") >> 1


def load(git: Git, tips: Iterable[str]) -> Graph:
    """Read the graph that the given SHAs reach. Raises SourceError when commits are missing."""
    graph = Graph()
    questions = (f"{tip}\n".encode() for tip in tips)
    talk = Conversation(
        git,
        [
            "log",
            "--stdin",
            "--no-color",
            "--no-show-signature",
            f"--format=tformat:{_FORMAT}",
            "--encoding=UTF-8",
        ],
        questions,
    )
    waiting: dict[bytes, int] = {}
    with closing(talk):
        for fields in _rows(talk):
            _add(graph, fields, waiting)
        talk.finish()
    if waiting:
        # git names a parent that it then does not list only where history is cut (shallow): treat it as the beginning.
        lost = set(waiting.values())
        graph.parents = [tuple(p for p in parents if p not in lost) for parents in graph.parents]
        _drop(graph, lost)
    return graph


def _rows(talk: Conversation) -> Iterable[Sequence[bytes]]:
    """The five fields of each commit. Subjects and names hold no NUL, so NUL separates."""
    rest = b""
    for piece in chunks(talk.out, 1 << 18, talk.check):
        parts = (rest + piece).split(b"\0")
        whole = (len(parts) - 1) // 5 * 5
        for start in range(0, whole, 5):
            yield parts[start : start + 5]
        rest = b"\0".join(parts[whole:])
    if rest.strip():
        talk.finish()  # says why, if git knows
        raise SourceError("the history ends in the middle of a commit", code="history_cut", retry=True)


def _number(graph: Graph, sha: bytes, waiting: dict[bytes, int] | None = None) -> int:
    found = graph.index.get(sha)
    if found is None:
        found = graph.index[sha] = len(graph.shas)
        graph.shas.append(sha)
        graph.parents.append(())
        for column in (graph.committed, graph.identity, graph.subject, graph.tree):
            column.append(0)
        if waiting is not None:
            waiting[sha] = found
    return found


def _add(graph: Graph, fields: Sequence[bytes], waiting: dict[bytes, int]) -> None:
    first, times, name, email, subject = fields
    sha, tree, *parents = (bytes.fromhex(part.decode()) for part in first.split())
    commit = _number(graph, sha)
    waiting.pop(sha, None)
    graph.parents[commit] = tuple(_number(graph, parent, waiting) for parent in parents)
    committed, authored = times.split()
    graph.committed[commit] = int(committed)
    graph.identity[commit] = short_hash(name, email, authored)
    graph.subject[commit] = short_hash(subject)
    graph.tree[commit] = short_hash(tree)
    if b"#" in subject:
        text = (
            subject[:4096].decode("utf-8", "replace")
            if len(subject) <= 4096
            else subject[-64:].decode("utf-8", "replace")
        )
        if named := _MERGE_OF.match(text):
            graph.names[commit] = int(next(group for group in named.groups() if group))
        elif suffixed := _SUFFIX_OF.search(text):
            graph.suffixes[commit] = int(suffixed[1])


def _drop(graph: Graph, lost: set[int]) -> None:
    for sha in [sha for sha, commit in graph.index.items() if commit in lost]:
        del graph.index[sha]
