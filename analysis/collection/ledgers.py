"""What is known of collections: the newest ledger that came to an end."""

from __future__ import annotations

from analysis.collection.models import Collection, Repository


def latest_ledger(repository: Repository, source: str = "git") -> Collection | None:
    """The newest collection that ended complete or partial; None when there was none."""
    ended = [Collection.State.COMPLETE, Collection.State.PARTIAL]
    rows = Collection.objects.filter(repository=repository, source=source, state__in=ended)
    return rows.select_related("repository").order_by("-pk").first()


def newest_ledgers(repository: Repository, limit: int = 4) -> list[Collection]:
    """The newest collections of a repository, running ones too."""
    return list(Collection.objects.filter(repository=repository).order_by("-pk")[:limit])
