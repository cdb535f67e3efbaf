"""Patch identity by `git patch-id --stable`: equal means the same lines in the same files, wherever they stand."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterable
from contextlib import closing

from analysis.sources.git_diffs import FLAGS, Pair
from analysis.sources.git_failures import GitFailed
from analysis.sources.git_process import Conversation, Git, chunks


def patch_ids(git: Git, pairs: Iterable[Pair]) -> dict[Pair, str]:
    """Patch identity of each diff base..head. Pairs with an empty diff, or that need missing objects, are left out.

    Meant for the doubtful few: the patches are made and read in full.
    """
    rounds: list[dict[str, Pair]] = []
    for pair in pairs:  # answers come by head alone: the same head over two bases needs two rounds
        for one in rounds:
            if pair[1] not in one:
                one[pair[1]] = pair
                break
        else:
            rounds.append({pair[1]: pair})
    return {one[head]: identity for one in rounds for head, identity in _answers(git, list(one.values()))}


def _answers(git: Git, pairs: list[Pair]) -> list[tuple[str, str]]:
    try:
        return _ask(git, pairs)
    except GitFailed as failed:
        if failed.code not in ("objects_missing", "objects_corrupt"):
            raise
        if len(pairs) <= 1:
            return []
        half = len(pairs) // 2
        return _answers(git, pairs[:half]) + _answers(git, pairs[half:])


def _ask(git: Git, pairs: list[Pair]) -> list[tuple[str, str]]:
    questions = [f"{head} {base}\n".encode() if base else f"{head}\n".encode() for base, head in pairs]
    answers: list[bytes] = []
    with (
        git.started(["patch-id", "--stable"], stdin=subprocess.PIPE) as reader,
        closing(Conversation(git, ["diff-tree", "--stdin", "--root", "-p", "--full-index", *FLAGS], questions)) as talk,
    ):
        into, out = reader.stdin, reader.stdout
        if into is None or out is None:
            raise GitFailed("git patch-id did not start", code="git_failed")
        collect = threading.Thread(target=lambda: answers.extend(out), daemon=True)
        collect.start()
        for piece in chunks(talk.out, 1 << 18, talk.check):
            into.write(piece)
        talk.finish()
        into.close()
        collect.join(timeout=git.limits.seconds)
    return [(head, identity) for identity, head in (line.decode("ascii").split() for line in answers)]
