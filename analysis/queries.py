"""Ask: read-only querysets and records."""

from collections.abc import Iterable, Sequence

from analysis.collection.browse import (
    ChangeFilters,
    ChangePage,
    change_by_key,
    change_by_ref,
    change_page,
    change_ref,
    changed_files,
    current_texts,
    facet_counts,
    latest_collection_id,
    public_changes,
    public_repositories,
    repository_summaries,
    running_collections,
)
from analysis.collection.export import change_objects
from analysis.collection.ledgers import latest_ledger
from analysis.collection.models import Change, ChangedFile, ChangeText, Collection, Repository
from evidence.figures import Figure
from evidence.receipts import Derived

__all__ = [
    "Change",
    "ChangeFilters",
    "ChangePage",
    "ChangeText",
    "ChangedFile",
    "Collection",
    "Repository",
    "change_by_key",
    "change_by_ref",
    "change_objects",
    "change_page",
    "change_ref",
    "changed_files",
    "current_texts",
    "facet_counts",
    "latest_collection_id",
    "latest_ledger",
    "public_changes",
    "public_repositories",
    "repository_summaries",
    "running_collections",
]


def list_figures(changes: Sequence[Change]) -> dict[int, dict[str, Figure]]:
    """The landed figures of the rows of a list, by the change's id; a change whose facts are not computed is absent."""
    return {}


def change_figures(change: Change) -> dict[str, Figure]:
    """The facts of a change as figures, by name, in the order of the page."""
    return {}


def figures_of(subject: str) -> Iterable[Derived]:
    """Every figure about a subject, derived again: how a receipt that is not stored is found."""
    return ()
