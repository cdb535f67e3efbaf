"""Ask: read-only querysets and records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from analysis.achievements.browse import public_achievements, queue, queue_progress, with_changes
from analysis.achievements.figures import achievement_ref
from analysis.achievements.figures import figures_of as achievement_figures
from analysis.achievements.figures import receipts_of as achievement_receipts
from analysis.achievements.models import Achievement, AchievementRevision
from analysis.achievements.visibility import public_refs
from analysis.change_types.figures import type_figure, type_receipts
from analysis.claims.explain import Explanation
from analysis.claims.explain import explain as explain_claims
from analysis.claims.figures import claim_figure, claim_receipts
from analysis.claims.models import Claim
from analysis.claims.queries import (
    ReadText,
    claim_by_ref,
    claim_facets,
    claim_page,
    claims_of,
    export_reviews,
    public_claims,
    read_texts,
)
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
from analysis.collection.ledgers import latest_ledger, newest_ledgers
from analysis.collection.models import Change, ChangedFile, ChangeText, Collection, Repository
from analysis.facts.figures import (
    change_figures,
    change_receipts,
    list_figures,
    repository_figures,
    repository_receipts,
)
from analysis.reports.browse import public_reports, report_difference, report_document
from analysis.reports.files import FORMATS, report_file
from analysis.reports.models import Report
from evidence.figures import Figure
from evidence.receipts import Derived
from jobs.models import OPEN, Job

if TYPE_CHECKING:
    from analysis.change_types.network import TypePrediction

__all__ = [
    "FORMATS",
    "Achievement",
    "AchievementRevision",
    "Change",
    "ChangeFilters",
    "ChangePage",
    "ChangeText",
    "ChangedFile",
    "Claim",
    "Collection",
    "Explanation",
    "ReadText",
    "Report",
    "Repository",
    "achievement_figures",
    "achievement_receipts",
    "achievement_ref",
    "change_by_key",
    "change_by_ref",
    "change_figures",
    "change_objects",
    "change_page",
    "change_receipts",
    "change_ref",
    "changed_files",
    "claim_by_ref",
    "claim_facets",
    "claim_figure",
    "claim_page",
    "claims_of",
    "current_texts",
    "explain_claims",
    "export_reviews",
    "facet_counts",
    "figures_by_name",
    "figures_of",
    "latest_collection_id",
    "latest_ledger",
    "list_figures",
    "newest_ledgers",
    "open_jobs_of",
    "public_achievements",
    "public_changes",
    "public_claims",
    "public_refs",
    "public_reports",
    "public_repositories",
    "queue",
    "queue_progress",
    "read_texts",
    "report_difference",
    "report_document",
    "report_file",
    "repositories",
    "repository_figures",
    "repository_summaries",
    "running_collections",
    "type_figure",
    "with_changes",
]


def open_jobs_of(repository: Repository) -> list[Job]:
    """Jobs that wait or run for a repository, oldest first."""
    return list(Job.objects.filter(resource=f"repository:{repository.pk}", state__in=OPEN).order_by("pk")[:20])


def repositories() -> QuerySet[Repository]:
    """Every repository that was ever asked for, hidden ones too, by key."""
    return Repository.objects.order_by("key")


def figures_of(subject: str) -> Iterable[Derived]:
    """Every figure about a subject, derived again: how a receipt that is not stored is found.

    Subjects are `change:<repository>#<number>`, `change:<repository>@<sha>` and `repository:<key>`; hidden ones have
    no figures.
    """
    kind, _, identifier = subject.partition(":")
    if kind == "change":
        change = change_by_ref(subject)
        return chain(change_receipts(change), claim_receipts(change), type_receipts(change)) if change else ()
    if kind == "repository":
        repository = public_repositories().filter(key=identifier).first()
        return (found for _, found in repository_receipts(repository)) if repository else ()
    return ()


def figures_by_name(subject: str) -> dict[str, Figure]:
    """The figures of a public change or repository by their names, as texts may embed them; empty for anything else."""
    if subject.startswith("change:"):
        change = change_by_ref(subject)
        return {**change_figures(change), "type": type_figure(change)} if change else {}
    if subject.startswith("repository:"):
        repository = public_repositories().filter(key=subject.removeprefix("repository:")).first()
        return repository_figures(repository) if repository else {}
    return {}


def explain_type(title: str, files: Sequence[str]) -> TypePrediction:
    """The type of a change by the network that labels the changes here; numpy is loaded by the first call."""
    from analysis.change_types.classify import with_network

    return with_network([(title, files)])[0]


def compare_types(title: str, files: Sequence[str]) -> list[tuple[str, TypePrediction]]:
    """Each shipped version's answer for the same change, the older first."""
    from analysis.change_types.classify import with_network, with_rules

    change = [(title, files)]
    return [("rules, version 1", with_rules(change)[0]), ("network, version 2", with_network(change)[0])]
