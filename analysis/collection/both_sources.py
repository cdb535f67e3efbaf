"""A repository from all its sources: git first, then the API for what git lacks, merged by the rules of rows.py."""

from __future__ import annotations

from analysis.collection import github_run
from analysis.collection.models import Collection, Repository
from analysis.collection.pipeline import Guard, Progress
from analysis.collection.repositories import Located
from analysis.collection.runs import collect_git
from analysis.sources.records import SourceError


def collect_sources(
    repository: Repository, located: Located | None = None, progress: Progress | None = None,
    guard: Guard | None = None, *, profile: str = "", repair: bool = False,
) -> list[Collection]:  # fmt: skip
    """Collect and return a ledger for each source that was asked.

    With a token set and the repository on GitHub, the API is asked too: `profile` "core" after git has read the
    commits, "full" where git could not, unless one is named. A repair asks the API alone. Raises SourceError; what
    came before it is stored.
    """
    asks_api = github_run.enabled() and bool(github_run.name_of(repository))
    if repair and asks_api:
        return [
            github_run.collect_github(
                repository, profile=last_profile(repository), repair=True, progress=progress, guard=guard
            )
        ]
    ledgers: list[Collection] = []
    try:
        ledgers.append(collect_git(repository, located, progress, guard))
    except SourceError as error:
        if not asks_api or error.code == "busy":
            raise
    if asks_api:
        chosen = profile or ("core" if ledgers else "full")
        ledgers.append(github_run.collect_github(repository, profile=chosen, progress=progress, guard=guard))
    return ledgers


def last_profile(repository: Repository) -> str:
    """The profile of the rows that are stored: a repair must not ask for less."""
    full = repository.changes.filter(pull_detail__profile="full").exists()
    return "full" if full else "core"
