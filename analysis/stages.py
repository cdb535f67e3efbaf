"""The stages that follow a collection, and what a worker does for each.

The only place that knows their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from django.db import transaction

from analysis.achievements import drafts
from analysis.achievements import services as achievements
from analysis.change_types import store as change_types
from analysis.claims import services as claims
from analysis.collection.models import Repository
from analysis.collection.pipeline import Progress
from analysis.collection.requests import request_work
from analysis.facts import compute as facts
from analysis.facts import survival
from jobs import handlers
from jobs.models import Job

# Kinds of jobs that follow a collection, in this order; each takes `repository_id`. A kind that this release has no
# handler for is left out.
AFTER_COLLECTION = ("facts", "types", "claims", "estimates", "drafts", "survival")


def request_drafts(repository_ids: Iterable[int], *, actor: Any) -> None:
    """Ask for the drafts of repositories to be made again, which also marks approved work whose evidence changed."""
    for pk in repository_ids:
        request_work("drafts", pk, actor=actor)


def compute_facts(
    *, repository_id: int, progress: Progress | None = None, guard: Callable[[], None] | None = None
) -> int:
    """Bring the facts of a repository up to date; returns rows written."""
    return facts.compute(Repository.objects.get(pk=repository_id), progress, guard)


def predict_types(
    *, repository_id: int, progress: Progress | None = None, guard: Callable[[], None] | None = None
) -> int:
    """Bring the predicted types of a repository up to date; returns rows written."""
    written = change_types.predict_types(Repository.objects.get(pk=repository_id), progress=progress, guard=guard)
    if written:
        change_types.consider_training()
    return written


def compute_survival(
    *, repository_id: int, progress: Progress | None = None, guard: Callable[[], None] | None = None
) -> int:
    """Blame the tip of a repository and store which added lines survive; returns rows written."""
    return survival.compute(Repository.objects.get(pk=repository_id), progress, guard)


def extract_claims(
    *, repository_id: int, progress: Progress | None = None, guard: Callable[[], None] | None = None
) -> dict[str, Any]:
    """Read the texts of a repository that are new, edited or were read by another method; returns counts."""
    return claims.extract_and_corroborate(repository_id, progress, guard)


def draft_achievements(*, repository_id: int, progress: Progress | None = None) -> dict[str, Any]:
    """Make or refresh the drafts of a repository, then mark approved achievements whose evidence changed."""
    repository = Repository.objects.get(pk=repository_id)
    counts = drafts.build(repository, progress or (lambda *_: None))
    return {**asdict(counts), "marked_stale": achievements.refresh_stale()}


@transaction.atomic
def after_collection(repository_id: int) -> list[Job]:
    """Ask for the stages that follow a collection, one after another by their shared resource."""
    return [
        request_work(kind, repository_id, priority=-position)
        for position, kind in enumerate(AFTER_COLLECTION, start=1)
        if handlers.find(kind) is not None
    ]
