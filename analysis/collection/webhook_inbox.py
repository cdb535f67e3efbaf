"""Accepted webhook deliveries: stored once before they are answered, worked on later, harmless when they come again."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from analysis.collection import github_run
from analysis.collection.contributors import ContributorBook
from analysis.collection.decisions import see_private
from analysis.collection.github_models import GitHubRepository, PullDetail, WebhookDelivery, WebhookRefusal
from analysis.collection.github_store import pack, unpack
from analysis.collection.models import Repository
from analysis.collection.store import store
from analysis.collection.validate import problem
from analysis.sources import webhooks
from analysis.sources.records import ChangeRecord

LATE = timedelta(minutes=5)


def count_refusal(reason: str) -> None:
    """Count a refused delivery; nothing else of it is kept."""
    day = timezone.now().date()
    if not WebhookRefusal.objects.filter(day=day, reason=reason).update(count=F("count") + 1):
        try:
            with transaction.atomic():
                WebhookRefusal.objects.create(day=day, reason=reason, count=1)
        except IntegrityError:
            WebhookRefusal.objects.filter(day=day, reason=reason).update(count=F("count") + 1)


def accept(event: webhooks.Event, raw: bytes) -> tuple[WebhookDelivery, bool]:
    """Store a delivery once; (row, whether it is new). What is of no use is noted without its body."""
    known = WebhookDelivery.objects.filter(delivery_id=event.delivery_id).first()
    if known is not None:
        return known, False
    now = timezone.now()
    reason = _useless(event)
    row = WebhookDelivery(
        delivery_id=event.delivery_id,
        event=event.name,
        action=event.action,
        repository_name="" if reason else event.repository_name,
        number=event.number,
        received_at=now,
        **pack(raw),
    )
    if reason:
        row.body, row.state, row.reason, row.handled_at = b"", WebhookDelivery.State.IGNORED, reason, now
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return WebhookDelivery.objects.get(delivery_id=event.delivery_id), False
    return row, True


def _useless(event: webhooks.Event) -> str:
    if event.fate == "ignored":
        return "events of this kind change nothing here"
    return "" if repository_of(event) else "this repository is not collected here"


def repository_of(event: webhooks.Event) -> Repository | None:
    """The repository that an event is about: by GitHub's lasting id, else by its name."""
    if event.repository_id is not None:
        known = GitHubRepository.objects.filter(database_id=event.repository_id).select_related("repository").first()
        if known:
            return known.repository
    if not event.repository_name:
        return None
    key = f"{github_run.web_host()}/{event.repository_name}".lower()
    return Repository.objects.filter(key=key).first()


def event_of(row: WebhookDelivery) -> webhooks.Event:
    """A stored delivery, read again. Raises webhooks.Refused where redaction left no JSON."""
    kind = "application/json"
    return webhooks.read(unpack(row.body), event=row.event, delivery_id=row.delivery_id, content_type=kind)


def handle(row: WebhookDelivery, event: webhooks.Event) -> Repository | None:
    """Work on a stored delivery; returns the repository that should be looked at through the API.

    With a token the API is asked, which knows the present state whatever came in which order. Without one the payload
    itself is stored, unless something newer is there.
    """
    repository = repository_of(event)
    reason, look = "", None
    if repository is None:
        reason = "this repository is not collected here"
    elif event.fate == "repository":
        reason = _repository_news(repository, event)
    elif github_run.enabled():
        look = repository
    elif event.fate == "pull":
        reason = _store_pull(repository, event)
    WebhookDelivery.objects.filter(pk=row.pk).update(
        state=WebhookDelivery.State.DONE, reason=reason, handled_at=timezone.now()
    )
    return look


def _store_pull(repository: Repository, event: webhooks.Event) -> str:
    """Store the pull of a payload; returns why not, "" when it was."""
    try:
        record = webhooks.record_of(event.payload)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return f"its pull is not as GitHub describes pulls: {error!r:.100}"
    if trouble := problem(record):
        return trouble[:200]
    # The row of the repository is the lock: two deliveries of one pull are compared one after the other.
    Repository.objects.select_for_update().get(pk=repository.pk)
    if _is_old(repository, record):
        return "something newer of this pull is stored"
    store(repository, [record], ContributorBook())
    return ""


def _is_old(repository: Repository, record: ChangeRecord) -> bool:
    stored = PullDetail.objects.filter(change__repository=repository, change__key=record.key).first()
    if stored is None or stored.updated_at is None:
        return False
    known = (stored.updated_at.isoformat(), stored.state != "open", stored.state == "merged")
    return webhooks.newness(record) < known


def _repository_news(repository: Repository, event: webhooks.Event) -> str:
    """A rename is followed, a repository made private leaves the site, a deleted one gets its tombstone."""
    if event.action in ("renamed", "transferred") and event.repository_name:
        GitHubRepository.objects.filter(repository=repository).update(full_name=event.repository_name)
        Repository.objects.filter(pk=repository.pk).update(name=event.repository_name)
    elif event.action == "privatized":
        see_private(repository=repository, private=True, actor="system:webhook")
    elif event.action == "publicized":
        see_private(repository=repository, private=False, actor="system:webhook")
    elif event.action == "deleted":
        GitHubRepository.objects.filter(repository=repository, gone_at=None).update(
            gone_at=timezone.now(), gone_reason="GitHub's webhook says that it was deleted"
        )
    else:
        return "nothing to do for this action"
    return ""


def left_behind() -> list[str]:
    """Delivery ids that no job has finished for a while: asked for again by the reconciler."""
    late = WebhookDelivery.objects.filter(state=WebhookDelivery.State.STORED, received_at__lt=timezone.now() - LATE)
    return list(late.order_by("received_at", "pk").values_list("delivery_id", flat=True)[:1000])
