"""What is known of collections: the newest ledger that came to an end."""

from __future__ import annotations

from typing import Any

from analysis.collection.models import Collection, Repository


def latest_ledger(repository: Repository, source: str = "git") -> Collection | None:
    """The newest collection that ended complete or partial; None when there was none."""
    ended = [Collection.State.COMPLETE, Collection.State.PARTIAL]
    rows = Collection.objects.filter(repository=repository, source=source, state__in=ended)
    return rows.select_related("repository").order_by("-pk").first()


def newest_ledgers(repository: Repository, limit: int = 4) -> list[Collection]:
    """The newest collections of a repository, running ones too."""
    return list(Collection.objects.filter(repository=repository).order_by("-pk")[:limit])


def ledger_object(ledger: Collection) -> dict[str, Any]:
    """A ledger as plain values: what the source holds, what is stored, what is incomplete and why."""
    return {
        "repository": ledger.repository.key,
        "source": ledger.source,
        "state": ledger.state,
        "held": ledger.held,
        "stored": ledger.stored,
        "incomplete": ledger.incomplete,
        "reason": ledger.reason,
        "rows_written": ledger.written,
        "tip": ledger.repository.tip_sha,
    }


def ledgers_object(ledgers: list[Collection]) -> dict[str, Any]:
    """The first ledger as plain values, and under `also` those of the other sources."""
    first, *others = [ledger_object(ledger) for ledger in ledgers]
    return first | ({"also": others} if others else {})
