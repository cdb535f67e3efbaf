"""A notice that a page links here: taken at once, looked at by a job, shown when the owner agrees."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db import transaction
from django.urls import Resolver404, resolve
from django.utils import timezone

from evidence import audit
from evidence.operator import outside_policy
from jobs.services import enqueue
from portfolio.models import Mention
from portfolio.models.documents import Document
from portfolio.models.mentions import LONGEST_ADDRESS
from portfolio.publishing import documents
from portfolio.publishing.mentions import reading

MOST_WAITING = 500  # notices that nobody has looked at; more are turned away until the worker is through
_KINDS = {"portfolio:post": "post", "portfolio:case-study": "case-study"}


class NoticeRefused(Exception):
    """The notice is not taken; the message says what is wrong and what would be right."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def receive(*, source: str, target: str, now: datetime) -> Mention:
    """Keep the notice and ask for a look at its page; a second one of the same page is another look. NoticeRefused."""
    if not source or not target:
        raise NoticeRefused("Send source and target as form fields: the page that links, and the page it links to.")
    if max(len(source), len(target)) > LONGEST_ADDRESS:
        raise NoticeRefused(f"An address is longer than {LONGEST_ADDRESS:,} characters.")
    document = _target(target)
    try:
        place = urlsplit(source)
        is_web = place.scheme in ("http", "https") and bool(place.hostname) and place.username is None
    except ValueError:
        is_web = False
    if not is_web:
        raise NoticeRefused("The source must be the address of a page of the web.")
    if place.netloc == urlsplit(settings.ATTEST_ORIGIN).netloc:
        raise NoticeRefused("The source is a page of this site itself.")
    return _keep(source.partition("#")[0], document, now)


@transaction.atomic
def _keep(source: str, document: Document, now: datetime) -> Mention:
    named = {"source": source, "kind": document.KIND, "document": document.pk}
    known = Mention.objects.filter(**named).first()
    if known is None and Mention.objects.filter(state=Mention.State.WAITING).count() >= MOST_WAITING:
        raise NoticeRefused("Too many notices wait to be looked at. Please send it again in an hour.", 503)
    mention, _made = Mention.objects.update_or_create(**named, defaults={"received_at": now})
    enqueue(kind="mention", args={"mention": mention.pk}, key=f"mention:{mention.pk}")
    return mention


def _target(target: str) -> Document:
    """The published text at an address of this site."""
    path = target.partition("#")[0].partition("?")[0].removeprefix(settings.ATTEST_ORIGIN.rstrip("/"))
    try:
        found = resolve(path) if path != target and path.startswith("/") else None
    except Resolver404:
        found = None
    kind = _KINDS.get(found.view_name) if found else None
    if found is None or kind is None:
        raise NoticeRefused(f"The target must be a post or a case study under {settings.ATTEST_ORIGIN}.")
    live = documents.KINDS[kind]._default_manager.filter(slug=found.kwargs["slug"], live__isnull=False).first()
    if live is None:
        raise NoticeRefused("No text is published at the target.")
    return live


def look(*, mention_id: int, is_last: bool = True) -> str:
    """Fetch the page and see whether it links to the text; the state that the mention has then.

    A page that cannot be reached raises httpx.HTTPError, so that it is tried again; at the last try a notice of it is
    put off, and what was seen to link here before stays as it is.
    """
    mention = Mention.objects.filter(pk=mention_id).first()
    document = text_of(mention) if mention else None
    if mention is None or document is None:
        return "its text is no more"
    try:
        title, reason = _read(mention, document)
    except httpx.HTTPError as error:
        if not is_last:
            raise
        if mention.state != Mention.State.WAITING:
            return mention.state
        title, reason = "", f"it could not be reached: {error}"
    found = Mention.State.ABSENT if reason else Mention.State.LINKED
    with transaction.atomic():
        mention = Mention.objects.select_for_update().get(pk=mention_id)
        decided = mention.state == Mention.State.REFUSED or (mention.state == Mention.State.SHOWN and not reason)
        if not decided:  # a page that lost its link is taken off; what the owner refused stays refused
            mention.state = found
        mention.title, mention.reason, mention.checked_at = title or mention.title, reason[:200], timezone.now()
        mention.save()
    return mention.state


def _read(mention: Mention, document: Document) -> tuple[str, str]:
    """(title, why it does not link here or "")."""
    target = settings.ATTEST_ORIGIN.rstrip("/") + documents.url_of(mention.kind, document.slug)
    policy = outside_policy(max_bytes=reading.MAX_BYTES, total_seconds=reading.TOTAL_SECONDS)
    try:
        with reading.client(policy, settings.ATTEST_ORIGIN) as asked:
            page = reading.fetch(asked, mention.source)
    except reading.Unreadable as error:
        return "", str(error)
    linked = {address.partition("#")[0] for address in page.addresses}
    return page.title, "" if target in linked else "it has no link to the text"


def text_of(mention: Mention) -> Document | None:
    """The published text that a mention is of; None where it is no more."""
    model = documents.KINDS[mention.kind]
    return model._default_manager.filter(pk=mention.document, live__isnull=False).first()


@transaction.atomic
def decide(*, mention: Mention, show: bool, actor: Any) -> None:
    """The owner's word: shown under the text, or refused and never asked of again."""
    if show and mention.state not in (Mention.State.LINKED, Mention.State.SHOWN):
        raise NoticeRefused(f"Only a page that was seen to link here can be shown; this one {_says(mention)}.")
    mention.state = Mention.State.SHOWN if show else Mention.State.REFUSED
    mention.save(update_fields=["state"])
    audit.record(actor=actor, action=f"portfolio.mention_{mention.state}", target=f"mention:{mention.pk}")


def _says(mention: Mention) -> str:
    return {"refused": "was refused", "absent": mention.reason or "has no link"}.get(mention.state, "waits for a look")


def forget(before: datetime) -> int:
    """Delete notices that came to nothing and are older; what is shown or waits for the owner stays."""
    lost = Mention.objects.filter(state__in=[Mention.State.ABSENT, Mention.State.REFUSED], received_at__lt=before)
    return lost.delete()[0]
