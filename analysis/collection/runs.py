"""Starting a collection: judge the source, take the repository's lock, run the pipeline."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from analysis.collection.models import Collection, Repository
from analysis.collection.pipeline import Progress, collect
from analysis.collection.repositories import Located, git_source, locate, located_again, mirrors, repository_of
from analysis.sources.records import SourceError

# Mistakes of whoever typed the source, as against failures of the source itself.
WRONG_USE = frozenset(
    {"source_refused", "not_found", "not_a_repository", "protocol_refused", "github_repository_not_found"}
)


def find_repository(source: str, *, allow_local: bool) -> tuple[Repository, Located]:
    """The row for what a person typed, made on first sight. Raises SourceError."""
    located = locate(source, allow_local=allow_local)
    return repository_of(located), located


def collect_git(
    repository: Repository,
    located: Located | None = None,
    progress: Progress | None = None,
    guard: Callable[[], None] | None = None,
) -> Collection:
    """Collect a repository from its git source. Raises SourceError; `busy` when another process collects it now."""
    where = located or located_again(repository)
    with _alone(repository):
        return collect(repository, git_source(where, progress), progress, guard)


@contextmanager
def _alone(repository: Repository) -> Iterator[None]:
    """One collection of a repository at a time; the lock dies with its process, however that ends."""
    mirrors().mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(repository.key.encode()).hexdigest()[:16]
    with (mirrors() / f"{name}.collect.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SourceError(
                f"{repository.name} is being collected already: wait for its end", code="busy", retry=True
            ) from None
        yield
