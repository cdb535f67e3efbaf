"""Do: keyword-only, atomic, takes the acting user, writes the audit row.

Everything that another app may ask of this one is here or imported here; what a worker does after a collection, with
GitHub's deliveries and to erase a person has modules of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from analysis.achievements.services import Conflict, NotAllowed
from analysis.achievements.services import edit as edit_achievement
from analysis.achievements.services import merge as merge_achievements
from analysis.achievements.services import move as move_achievement
from analysis.achievements.services import split as split_achievement
from analysis.achievements.services import undo as undo_achievement
from analysis.change_types import store as change_types
from analysis.claims import services as claims
from analysis.claims.models import Claim
from analysis.claims.services import WrongReview, forget_texts
from analysis.collection import decisions as decide
from analysis.collection.both_sources import collect_sources
from analysis.collection.decisions import link_contributors, set_contributor_kind, unlink_contributors
from analysis.collection.github_run import enabled as github_enabled
from analysis.collection.github_run import find_on_github
from analysis.collection.ledgers import ledger_object, ledgers_object
from analysis.collection.models import Change, Collection, Contributor, Repository
from analysis.collection.pipeline import Progress
from analysis.collection.requests import request_work
from analysis.collection.runs import WRONG_USE, find_repository
from analysis.deliveries import (
    check_webhook,
    count_webhook_refusal,
    handle_webhook,
    keep_watch,
    read_webhook,
    receive_webhook,
    reconcile_github,
    request_github,
    run_github,
)
from analysis.erasure import erase_person
from analysis.estimates.errors import AssumptionRefused, HoursRefused
from analysis.estimates.services import (
    enter_assumption,
    estimate_change,
    estimate_repository,
    import_hours,
    log_hours,
    record_effect,
    request_estimates,
    withdraw_assumption,
)
from analysis.reports.delivery import NotSent
from analysis.reports.delivery import delete_schedule as delete_report_schedule
from analysis.reports.delivery import make_and_send as make_and_send_report
from analysis.reports.delivery import request as request_report
from analysis.reports.delivery import request_delivery as send_report
from analysis.reports.delivery import request_due as request_due_reports
from analysis.reports.delivery import save_schedule as save_report_schedule
from analysis.reports.delivery import send as deliver_report
from analysis.reports.description import DescriptionError as DescriptionRefused
from analysis.reports.periods import Refused as ReportRefused
from analysis.reports.services import erase as erase_report
from analysis.reports.services import make as make_report
from analysis.reports.services import readable_description
from analysis.reports.services import set_public as set_report_public
from analysis.reports.skills import ask_with as ask_for_skills_with
from analysis.sources.github.errors import Postponed
from analysis.sources.records import SourceError
from analysis.sources.webhooks import Refused as WebhookRefused
from analysis.stages import (
    AFTER_COLLECTION,
    after_collection,
    compute_facts,
    compute_survival,
    draft_achievements,
    extract_claims,
    predict_types,
    request_drafts,
)
from analysis.studies.rows import study_of
from evidence import audit
from jobs.models import Job

__all__ = [
    "AFTER_COLLECTION",
    "WRONG_USE",
    "AssumptionRefused",
    "Conflict",
    "DescriptionRefused",
    "HoursRefused",
    "NotAllowed",
    "NotSent",
    "Postponed",
    "ReportRefused",
    "SourceError",
    "WebhookRefused",
    "WrongReview",
    "after_collection",
    "ask_for_skills_with",
    "check_webhook",
    "collect",
    "compute_facts",
    "compute_survival",
    "count_webhook_refusal",
    "delete_report_schedule",
    "deliver_report",
    "draft_achievements",
    "edit_achievement",
    "enter_assumption",
    "erase_person",
    "erase_report",
    "estimate_change",
    "estimate_repository",
    "extract_claims",
    "forget_texts",
    "handle_webhook",
    "import_hours",
    "keep_watch",
    "ledger_object",
    "ledgers_object",
    "link_contributors",
    "log_hours",
    "make_and_send_report",
    "make_report",
    "merge_achievements",
    "move_achievement",
    "predict_types",
    "read_webhook",
    "readable_description",
    "receive_webhook",
    "reconcile_github",
    "record_effect",
    "repository_for",
    "request_collection",
    "request_due_reports",
    "request_estimates",
    "request_github",
    "request_report",
    "review_claim",
    "review_type",
    "run_collection",
    "run_github",
    "save_report_schedule",
    "send_report",
    "set_change_hidden",
    "set_contributor_kind",
    "set_owner",
    "set_private_published",
    "set_report_public",
    "set_repository_hidden",
    "split_achievement",
    "study",
    "undo_achievement",
    "unlink_contributors",
    "withdraw_assumption",
]


@transaction.atomic
def review_claim(
    *, claim_id: int, decision: str, actor: Any, correction: Mapping[str, Any] | None = None, note: str = ""
) -> Claim:
    """Store the owner's decision on a claim, and have estimates and achievements that stand on it looked at again.

    Raises WrongReview, Claim.DoesNotExist.
    """
    claim = claims.review_claim(claim_id=claim_id, decision=decision, actor=actor, correction=correction, note=note)
    request_estimates(repository=claim.change.repository, actor=actor)
    request_drafts([claim.change.repository_id], actor=actor)
    return claim


def repository_for(*, source: str, allow_local: bool = True) -> Repository:
    """The repository that a path, https URL, owner/name or key means, made on first sight. Raises SourceError."""
    known = Repository.objects.filter(key=source).first() or find_on_github(source)
    return known or find_repository(source, allow_local=allow_local)[0]


def collect(
    *,
    source: str,
    actor: Any = None,
    allow_local: bool = True,
    progress: Progress | None = None,
    profile: str = "",
    repair: bool = False,
) -> list[Collection]:
    """Collect a source now, in this process, and return the ledger of each source that was asked. Raises SourceError.

    ``profile`` and ``repair`` are for GitHub's API (see collection.both_sources).
    """
    known = Repository.objects.filter(key=source).first() or find_on_github(source)
    repository, located = (known, None) if known else find_repository(source, allow_local=allow_local)
    audit.record(actor=actor, action="collection.start", target=repository)
    ledgers = collect_sources(repository, located, progress, profile=profile, repair=repair)
    if github_enabled():
        keep_watch()
    after_collection(repository.pk)
    return ledgers


@transaction.atomic
def request_collection(
    *, source: str, actor: Any = None, allow_local: bool = True, not_before: datetime | None = None
) -> Job:
    """Ask for a collection in the background; a collection of the same repository that waits already is that one.

    With `not_before` (aware) it waits until then. Raises SourceError at once where the source cannot be one.
    """
    repository = repository_for(source=source, allow_local=allow_local)
    audit.record(actor=actor, action="collection.request", target=repository)
    return request_work("collect", repository.pk, not_before=not_before, actor=actor)


def run_collection(
    *, repository_id: int, progress: Progress | None = None, guard: Callable[[], None] | None = None
) -> list[Collection]:
    """What the worker does for a `collect` job; `guard` is called in every transaction. Raises SourceError."""
    repository = Repository.objects.get(pk=repository_id)
    try:
        ledgers = collect_sources(repository, None, progress, guard)
    except SourceError:
        # Whatever was stored before a failure or a limit is whole, so the later stages may have it.
        after_collection(repository_id)
        raise
    if github_enabled():
        keep_watch()
    after_collection(repository_id)
    return ledgers


def review_type(*, change: Change, type_: str, actor: Any, note: str = "") -> None:
    """Accept, correct or (with "") reject the predicted type of a change. Raises ReviewRefused, a ValueError."""
    change_types.review(change=change, type_=type_, actor=actor, note=note)


def study(*, source: str, actor: Any = None, progress: Progress | None = None) -> dict[str, Any]:
    """Collect a source, bring its facts, claims and estimates up to date, and return its study. Raises SourceError.

    Levels above L2 stand on the assumptions that this installation holds.
    """
    repository = collect(source=source, actor=actor, progress=progress)[0].repository
    compute_facts(repository_id=repository.pk, progress=progress)
    extract_claims(repository_id=repository.pk, progress=progress)
    estimate_repository(repository_id=repository.pk, progress=progress)
    repository.refresh_from_db()
    return study_of(repository)


@transaction.atomic
def set_owner(*, contributors: Sequence[Contributor], owner: bool, actor: Any) -> int:
    """Say which contributors are the engineer whose portfolio it is; drafts of their repositories are made again."""
    changed = [row for row in contributors if row.is_owner != owner]
    for row in changed:
        row.is_owner = owner
        row.save(update_fields=["is_owner"])
        audit.record(
            actor=actor, action="collection.mark_owner", target=row, before={"is_owner": not owner},
            after={"is_owner": owner},
        )  # fmt: skip
    touched = Repository.objects.filter(changes__participations__contributor__in=changed).distinct()
    request_drafts(touched.order_by("pk").values_list("pk", flat=True), actor=actor)
    return len(changed)


@transaction.atomic
def set_repository_hidden(*, repository: Repository, hidden: bool, actor: Any) -> None:
    """Take a repository off the public site, or put it back; totals are added again without it, or with it."""
    decide.set_repository_hidden(repository=repository, hidden=hidden, actor=actor)
    request_estimates(repository=repository, actor=actor)


@transaction.atomic
def set_private_published(*, repository: Repository, published: bool, reason: str, actor: Any) -> None:
    """Put a private repository on the public site, or take it off; its totals are added again. Raises ValueError."""
    decide.set_private_published(repository=repository, published=published, reason=reason, actor=actor)
    request_estimates(repository=repository, actor=actor)


@transaction.atomic
def set_change_hidden(*, change: Change, hidden: bool, actor: Any) -> None:
    """Take a change off the public site, or put it back; totals are added again without it, or with it."""
    decide.set_change_hidden(change=change, hidden=hidden, actor=actor)
    request_estimates(repository=change.repository, actor=actor)
    request_drafts([change.repository_id], actor=actor)
