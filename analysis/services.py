"""Do: keyword-only, atomic, takes the acting user, writes the audit row.

The only place that knows the order of the stages: collection, then what AFTER_COLLECTION lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analysis.achievements import drafts
from analysis.achievements import services as achievements
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
from analysis.collection import erase as erasing
from analysis.collection import webhook_inbox
from analysis.collection.both_sources import collect_sources, last_profile
from analysis.collection.decisions import link_contributors, set_contributor_kind, unlink_contributors
from analysis.collection.github_models import WebhookDelivery
from analysis.collection.github_run import collect_github, find_on_github
from analysis.collection.github_run import enabled as github_enabled
from analysis.collection.ledgers import ledger_object, ledgers_object
from analysis.collection.models import Change, Collection, Contributor, Repository
from analysis.collection.pipeline import Progress
from analysis.collection.runs import WRONG_USE, find_repository
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
from analysis.facts import compute as facts
from analysis.facts import survival
from analysis.reports.delivery import NotSent
from analysis.reports.delivery import make_and_send as make_and_send_report
from analysis.reports.delivery import request as request_report
from analysis.reports.delivery import request_delivery as send_report
from analysis.reports.delivery import request_due as request_due_reports
from analysis.reports.delivery import save_schedule as save_report_schedule
from analysis.reports.delivery import send as deliver_report
from analysis.reports.models import Report
from analysis.reports.periods import PeriodError as ReportRefused
from analysis.reports.services import erase as erase_report
from analysis.reports.services import make as make_report
from analysis.reports.services import set_public as set_report_public
from analysis.sources import webhooks
from analysis.sources.github.errors import Postponed
from analysis.sources.records import SourceError
from analysis.sources.webhooks import Refused as WebhookRefused
from analysis.studies.rows import study_of
from evidence import audit
from evidence import queries as evidence
from evidence.services import erase_receipts
from jobs import handlers
from jobs.models import Job
from jobs.services import enqueue, ensure_schedule

# Kinds of jobs that follow a collection, in this order; each takes `repository_id`. A kind that this release has no
# handler for is left out.
AFTER_COLLECTION = ("facts", "types", "claims", "estimates", "drafts", "survival")

__all__ = [
    "AFTER_COLLECTION",
    "WRONG_USE",
    "AssumptionRefused",
    "Conflict",
    "HoursRefused",
    "NotAllowed",
    "NotSent",
    "Postponed",
    "ReportRefused",
    "SourceError",
    "WebhookRefused",
    "WrongReview",
    "after_collection",
    "collect",
    "compute_facts",
    "compute_survival",
    "deliver_report",
    "edit_achievement",
    "enter_assumption",
    "erase_person",
    "erase_report",
    "estimate_change",
    "estimate_repository",
    "extract_claims",
    "forget_texts",
    "import_hours",
    "ledger_object",
    "ledgers_object",
    "link_contributors",
    "log_hours",
    "make_and_send_report",
    "make_report",
    "merge_achievements",
    "move_achievement",
    "predict_types",
    "record_effect",
    "repository_for",
    "request_collection",
    "request_due_reports",
    "request_estimates",
    "request_report",
    "review_claim",
    "review_type",
    "run_collection",
    "save_report_schedule",
    "send_report",
    "set_change_hidden",
    "set_contributor_kind",
    "set_owner",
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
    """Store the owner's decision on a claim, and ask for what stands on it to be estimated again.

    Raises WrongReview, Claim.DoesNotExist.
    """
    claim = claims.review_claim(claim_id=claim_id, decision=decision, actor=actor, correction=correction, note=note)
    request_estimates(repository=claim.change.repository, actor=actor)
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
    return enqueue(
        kind="collect",
        args={"repository_id": repository.pk},
        key=f"collect:{repository.pk}",
        resource=f"repository:{repository.pk}",
        not_before=not_before,
        actor=actor,
    )


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


def review_type(*, change: Change, type_: str, actor: Any, note: str = "") -> None:
    """Accept, correct or (with "") reject the predicted type of a change. Raises ReviewRefused, a ValueError."""
    change_types.review(change=change, type_=type_, actor=actor, note=note)


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


@transaction.atomic
def after_collection(repository_id: int) -> list[Job]:
    """Ask for the stages that follow a collection, one after another by their shared resource."""
    return [
        enqueue(
            kind=kind,
            args={"repository_id": repository_id},
            key=f"{kind}:{repository_id}",
            resource=f"repository:{repository_id}",
            priority=-position,
        )
        for position, kind in enumerate(AFTER_COLLECTION, start=1)
        if handlers.find(kind) is not None
    ]


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
    for pk in touched.order_by("pk").values_list("pk", flat=True):
        enqueue(kind="drafts", args={"repository_id": pk}, key=f"drafts:{pk}", resource=f"repository:{pk}", actor=actor)
    return len(changed)


@transaction.atomic
def set_repository_hidden(*, repository: Repository, hidden: bool, actor: Any) -> None:
    """Take a repository off the public site, or put it back; totals are added again without it, or with it."""
    decide.set_repository_hidden(repository=repository, hidden=hidden, actor=actor)
    request_estimates(repository=repository, actor=actor)


@transaction.atomic
def set_change_hidden(*, change: Change, hidden: bool, actor: Any) -> None:
    """Take a change off the public site, or put it back; totals are added again without it, or with it."""
    decide.set_change_hidden(change=change, hidden=hidden, actor=actor)
    request_estimates(repository=change.repository, actor=actor)


def draft_achievements(*, repository_id: int, progress: Progress | None = None) -> dict[str, Any]:
    """Make or refresh the drafts of a repository, then mark approved achievements whose evidence changed."""
    repository = Repository.objects.get(pk=repository_id)
    counts = drafts.build(repository, progress or (lambda *_: None))
    return {**asdict(counts), "marked_stale": achievements.refresh_stale()}


def check_webhook(*, raw: bytes, signature: str) -> None:
    """Raise WebhookRefused unless one of the operator's secrets signed these bytes."""
    webhooks.require_signature(settings.GITHUB_WEBHOOK_SECRETS, raw, signature)


def read_webhook(*, raw: bytes, event: str, delivery_id: str, content_type: str) -> webhooks.Event:
    """A genuine delivery as an event. Raises WebhookRefused."""
    return webhooks.read(raw, event=event, delivery_id=delivery_id, content_type=content_type)


def count_webhook_refusal(*, reason: str) -> None:
    """Count a delivery that was refused."""
    webhook_inbox.count_refusal(reason)


@transaction.atomic
def receive_webhook(*, event: webhooks.Event, raw: bytes) -> tuple[WebhookDelivery, bool]:
    """Store a delivery and ask for its work in one transaction; (row, whether it is new)."""
    row, new = webhook_inbox.accept(event, raw)
    if new and row.state == WebhookDelivery.State.STORED:
        _ask_for_delivery(row.delivery_id)
    return row, new


def _ask_for_delivery(delivery_id: str) -> Job:
    return enqueue(kind="webhook", args={"delivery_id": delivery_id}, key=f"webhook:{delivery_id}", priority=5)


@transaction.atomic
def handle_webhook(*, delivery_id: str) -> str:
    """What the worker does for a stored delivery; returns its state. One that is done already stays as it is."""
    row = WebhookDelivery.objects.select_for_update().filter(delivery_id=delivery_id).first()
    if row is None or row.state != WebhookDelivery.State.STORED:
        return row.state if row else "unknown"
    event = webhook_inbox.event_of(row)
    look = webhook_inbox.handle(row, event)
    if look is not None:
        request_github(repository=look)
    elif event.fate == "pull" and event.number is not None and (repository := webhook_inbox.repository_of(event)):
        after_collection(repository.pk)
    return WebhookDelivery.State.DONE.value


def keep_watch() -> None:
    """Have the reconciler run each hour, from the first collection from GitHub on; afterwards it is the operator's."""
    ensure_schedule(name="github-reconcile", kind="reconcile_github", every_seconds=3600)


def request_github(*, repository: Repository, actor: Any = None) -> Job:
    """Ask for a look at what is new on GitHub; many deliveries that arrive together ask for one."""
    return enqueue(
        kind="github",
        args={"repository_id": repository.pk},
        key=f"github:{repository.pk}",
        resource=f"repository:{repository.pk}",
        actor=actor,
    )


def run_github(
    *, repository_id: int, progress: Progress | None = None, guard: Callable[[], None] | None = None
) -> Collection:
    """What the worker does for a `github` job: the API alone, as deep as before. Raises SourceError."""
    repository = Repository.objects.get(pk=repository_id)
    ledger = collect_github(repository, profile=last_profile(repository), progress=progress, guard=guard)
    if ledger.written:
        after_collection(repository_id)
    return ledger


def reconcile_github() -> int:
    """Find what webhooks missed: ask for deliveries that were left behind, and for a look at every repository.

    A look compares counts and update times (one or two requests where nothing is new). Returns jobs asked for.
    """
    asked = [_ask_for_delivery(delivery_id) for delivery_id in webhook_inbox.left_behind()]
    if github_enabled():
        known = Repository.objects.filter(github__isnull=False, github__gone_at=None).order_by("pk")
        asked += [request_github(repository=repository, actor="system:reconciler") for repository in known.iterator()]
    return len(asked)


@transaction.atomic
def erase_person(*, who: str, actor: Any, reason: str) -> dict[str, int]:
    """Remove the person of a login or e-mail address everywhere and block a re-import; returns counts by kind.

    Figures that quoted the person's words lose their receipts' content and keep their hashes.
    """
    who = who.strip()
    if not who:
        raise ValueError("a login or an e-mail address is needed")
    done = erasing.erase(who, by=audit.name_of(actor))
    receipts = _receipts_on(done.texts, who)
    reports = _erase_reports(receipts, who, actor, reason)
    emptied = erase_receipts(receipt_ids=receipts, actor=actor, reason=reason)
    forget_texts(done.texts)
    audit.record(actor=actor, action="collection.erase_person", target="person:erased", reason=reason)
    for repository_id in set(Change.objects.filter(pk__in=done.changes).values_list("repository_id", flat=True)):
        after_collection(repository_id)
    return {
        "contributors": done.contributors, "changes": len(done.changes), "texts": len(set(done.texts)),
        "payloads": done.payloads, "deliveries": done.deliveries, "receipts": emptied, "reports": reports,
        "mirrors": done.mirrors,
    }  # fmt: skip


def _receipts_on(texts: list[int], who: str) -> set[str]:
    """Frozen receipts that stand on claims quoted from these texts, or that name the person."""
    found = set(evidence.naming(who).values_list("pk", flat=True))
    for key in Claim.objects.filter(text__in=texts).values_list("key", flat=True):
        found |= set(evidence.standing_on(f"claim:{key}").values_list("pk", flat=True))
        found |= set(evidence.about(f"claim:{key}").values_list("pk", flat=True))
    return found


def _erase_reports(receipts: set[str], who: str, actor: Any, reason: str) -> int:
    """Empty the reports that hold one of these receipts or name the person; returns how many."""
    count = 0
    for report in Report.objects.filter(erased_at__isnull=True).iterator(chunk_size=20):
        if who.lower() in report.document.lower() or any(receipt in report.document for receipt in receipts):
            erase_report(report=report, actor=actor, now=timezone.now(), reason=reason)
            count += 1
    return count
