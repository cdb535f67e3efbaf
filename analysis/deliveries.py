"""What GitHub tells: its deliveries, and the looks that find what they missed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction

from analysis.collection import webhook_inbox
from analysis.collection.both_sources import last_profile
from analysis.collection.github_models import WebhookDelivery
from analysis.collection.github_run import collect_github
from analysis.collection.github_run import enabled as github_enabled
from analysis.collection.models import Collection, Repository
from analysis.collection.pipeline import Progress
from analysis.collection.requests import request_work
from analysis.sources import webhooks
from analysis.stages import after_collection
from jobs.models import Job
from jobs.services import enqueue, ensure_schedule


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
    return request_work("github", repository.pk, actor=actor)


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
