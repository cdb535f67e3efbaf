"""Do: everything that changes what the world sees. Each takes the acting user and writes the audit row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from analysis.queries import Achievement
from evidence import audit
from evidence.receipts import Derived
from jobs.services import enqueue
from portfolio import queries
from portfolio.models import ContactMessage, FormerAddress, PageCount, Portrait, Profile, Revision, TextDraft
from portfolio.models.documents import Document
from portfolio.publishing import content, documents, embeds, search, shipped
from portfolio.publishing.copy import export as copying
from portfolio.publishing.copy import folder as copy_folder
from portfolio.publishing.mentions import receiving, sending
from portfolio.publishing.writing import store as texts
from portfolio.record import builds
from portfolio.record import store as record

BadRecord, forget_status, record_build, record_serving, sample_serving = (
    builds.BadRecord, record.forget, record.record_build, record.record_serving, record.sample,
)  # fmt: skip
NoticeRefused, send_mentions = receiving.NoticeRefused, sending.send
receive_mention, look_at_mention, decide_mention, forget_mentions = (
    receiving.receive, receiving.look, receiving.decide, receiving.forget,
)  # fmt: skip
ExportFailed, FolderRefused, TextRefused = copying.ExportFailed, copy_folder.FolderRefused, texts.TextRefused

PROFILE_FIELDS = ("name", "role", "since", "place", "statement", "outcomes", "links", "portrait_id")


class NotReady(Exception):
    """A document cannot be published yet; `reasons` are lines for its writer."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@transaction.atomic
def write(*, document: Document, actor: Any, fields: Mapping[str, Any]) -> None:
    """Write into a working copy, a new one or one that is there; visitors see nothing of it.

    Another slug is another address, which the search has to know. The caller has checked the texts
    (`embeds.problems`). IntegrityError: the slug is taken.
    """
    former = type(document)._default_manager.filter(pk=document.pk).values_list("slug", flat=True).first()
    for name, value in fields.items():
        setattr(document, name, value)
    document.save()
    audit.record(actor=actor, action="portfolio.write", target=_ref(document), after={"fields": sorted(fields)})
    if former and former != document.slug:
        _readdress(document, former, actor)


@transaction.atomic
def submit(*, document: Document, actor: Any) -> None:
    """From draft to review."""
    if document.state != Document.State.DRAFT:
        raise NotReady([f"Only a draft can be submitted; this is {document.get_state_display().lower()}."])
    document.state = Document.State.REVIEW
    document.save(update_fields=["state", "updated_at"])
    audit.record(actor=actor, action="portfolio.submit", target=_ref(document))


def publish(*, document: Document, actor: Any, now: datetime | None = None, note: str = "") -> Revision:
    """Freeze the working copy as the next revision and make it the live one; search and receipts follow.

    Figures named by their subject are pinned to their receipts, which are stored. Publishing an unchanged document
    again returns the revision that is live already. Raises NotReady with every reason at once. The figures are derived
    before the transaction begins: it holds the embedded database's only write lock.
    """
    lacking = documents.missing(document)
    if lacking:
        raise NotReady(lacking)
    content, receipts = documents.snapshot(document), []
    for name in document.TEXTS:
        content[name], pinned = embeds.pin(content[name])
        receipts += pinned
    live = document.live
    unchanged = live is not None and live.sha256 == documents.content_hash(content)
    if live is not None and unchanged and document.state == Document.State.PUBLISHED:
        return live
    return _publish(document, content, receipts, actor, now or timezone.now(), note)


@transaction.atomic
def _publish(
    document: Document, content: dict[str, Any], receipts: list[Derived], actor: Any, moment: datetime, note: str
) -> Revision:
    """Write what `publish` has prepared: receipts, revision, state, search entry and audit row, or nothing."""
    embeds.freeze(receipts)
    revision = _freeze_revision(documents.kind_of(document), document.slug, content, actor, moment, note)
    document.live = revision
    document.state = Document.State.PUBLISHED
    document.publish_at = None
    document.first_published_at = document.first_published_at or moment
    document.save(update_fields=["live", "state", "publish_at", "first_published_at", "updated_at"])
    search.index(documents.published(document))
    audit.record(
        actor=actor,
        action="portfolio.publish",
        target=_ref(document),
        after={"revision": revision.number, "sha256": revision.sha256},
    )
    if queries.takes_mentions() and document.KIND != "page":
        name = {"kind": document.KIND, "slug": document.slug}
        enqueue(kind="send_mentions", args=name, key=f"send_mentions:{_ref(document)}", actor=actor)
    return revision


@transaction.atomic
def withdraw(*, document: Document, actor: Any, reason: str = "") -> None:
    """Take a document off the site; its revisions stay in the history."""
    document.state = Document.State.DRAFT
    document.live = None
    document.first_published_at = None
    document.save(update_fields=["state", "live", "first_published_at", "updated_at"])
    search.forget(documents.kind_of(document), document.slug)
    audit.record(actor=actor, action="portfolio.withdraw", target=_ref(document), reason=reason)


def _readdress(document: Document, former: str, actor: Any) -> None:
    """After a slug was changed from ``former``: the search knows the new address, the old one leads there."""
    kind = documents.kind_of(document)
    if document.live is not None:
        search.forget(kind, former)
        search.index(documents.published(document))
    FormerAddress.objects.filter(kind=kind, slug=document.slug).delete()
    FormerAddress.objects.filter(kind=kind, current=former).update(current=document.slug)
    if Revision.objects.filter(kind=kind, slug=former).exists():
        FormerAddress.objects.update_or_create(kind=kind, slug=former, defaults={"current": document.slug})
    audit.record(
        actor=actor, action="portfolio.readdress", target=_ref(document), before={"slug": former},
        after={"slug": document.slug},
    )  # fmt: skip


def publish_due(*, now: datetime) -> tuple[int, list[str]]:
    """Publish what is scheduled up to `now`; how many went out, and why the others could not.

    A revision needs a person: the one who scheduled it is not recorded, so it is the first superuser, the owner.
    """
    actor = get_user_model()._default_manager.filter(is_superuser=True, is_active=True).order_by("id").first()
    done, refused = 0, []
    if actor is None:
        return 0, ["There is no owner who could publish; create one with createsuperuser."]
    for kind, model in documents.KINDS.items():
        due = model._default_manager.filter(publish_at__lte=now, state=Document.State.REVIEW)
        for document in due.order_by("publish_at", "id")[:100]:
            try:
                publish(document=document, actor=actor, now=now)
                done += 1
            except NotReady as error:
                refused.append(f"{kind}/{document.slug}: {error}")
    return done, refused


def keep_portrait(*, profile: Profile, jpeg: bytes | None) -> None:
    """Give the working copy of the profile this photo (`portraits.square`), or none; the caller saves it."""
    if jpeg is None:
        profile.portrait = None
        return
    profile.portrait, _ = Portrait.objects.get_or_create(sha256=sha256(jpeg).hexdigest(), defaults={"jpeg": jpeg})


def publish_profile(*, profile: Profile, actor: Any) -> None:
    """Show the profile to visitors; its texts must hold, and their figures are pinned to their receipts."""
    lacking = [problem for text in (profile.statement, profile.outcomes) for problem in embeds.problems(text)]
    if not profile.name.strip() or not profile.role.strip():
        lacking.insert(0, "A name and a role are needed.")
    if lacking:
        raise NotReady(lacking)
    content: dict[str, Any] = {name: getattr(profile, name) for name in PROFILE_FIELDS}
    receipts: list[Derived] = []
    for name in ("statement", "outcomes"):
        content[name], pinned = embeds.pin(content[name])
        receipts += pinned
    now = timezone.now()
    with transaction.atomic():
        embeds.freeze(receipts)
        profile.published_at, profile.published_by = now, actor
        profile.save()
        _freeze_revision("profile", "profile", content, actor, now, "")
        transaction.on_commit(queries.forget_profile)
        audit.record(actor=actor, action="portfolio.publish_profile", target="profile:1")


@transaction.atomic
def receive_message(*, name: str, reply_to: str, text: str, now: datetime) -> ContactMessage:
    """Keep a visitor's message; the audit row holds none of its words."""
    message = ContactMessage.objects.create(name=name, reply_to=reply_to, text=text, received_at=now)
    audit.record(actor="system:contact", action="portfolio.message", target=f"contact:{message.pk}")
    return message


@transaction.atomic
def handle_message(*, message: ContactMessage, actor: AbstractBaseUser, now: datetime) -> None:
    """Mark a message as answered."""
    message.handled_at, message.handled_by = now, actor  # type: ignore[assignment]
    message.save(update_fields=["handled_at", "handled_by"])
    audit.record(actor=actor, action="portfolio.handle_message", target=f"contact:{message.pk}")


@transaction.atomic
def count_views(*, views: Mapping[tuple[date, str, str], int]) -> None:
    """Add views by (day, path, host of the referring site). Counting is no domain change: no audit row."""
    for (day, path, host), many in views.items():
        key: dict[str, Any] = {"day": day, "path": path[:200], "referrer_host": host[:120]}
        PageCount.objects.get_or_create(**key)
        PageCount.objects.filter(**key).update(views=F("views") + many)


def _freeze_revision(kind: str, slug: str, content: dict[str, Any], actor: Any, now: datetime, note: str) -> Revision:
    last = queries.revisions(kind, slug).aggregate(last=Max("number"))["last"] or 0
    return Revision.objects.create(
        kind=kind,
        slug=slug,
        number=last + 1,
        content=content,
        sha256=documents.content_hash(content),
        note=note[:200],
        published_at=now,
        published_by=actor,
    )


def _ref(document: Document) -> str:
    return f"{documents.kind_of(document)}:{document.slug}"


def import_content(*, folder: Path, actor: Any) -> list[content.Outcome]:
    """Fill working copies from Markdown files; nothing is published by it."""
    outcomes = list(content.import_folder(folder))
    for outcome in outcomes:
        if outcome.state in {"created", "updated"}:
            audit.record(actor=actor, action="portfolio.import", target=f"file:{outcome.path.name}")
    return outcomes


def export_content(*, folder: Path, actor: Any) -> list[content.Outcome]:
    """Write the working copies as Markdown files. Nothing in the database changes."""
    return list(content.export_folder(folder))


def publish_release(*, now: datetime) -> tuple[list[str], list[str]]:
    """Publish the texts that came with this release, as its own portfolio: (what is published, what waits, and why).

    A text waits while a figure that it names cannot be derived yet, since its repository is still being collected.
    Nothing happens on a site that has an owner (`shipped.has_owner`).
    """
    if shipped.has_owner():
        return [], []
    actor, done = shipped.account(), []
    outcomes = import_content(folder=shipped.folder(), actor=actor)
    waiting = [f"{outcome.path.name}: {outcome.reason}" for outcome in outcomes if outcome.state == "refused"]
    for document in shipped.documents():
        try:
            publish(document=document, actor=actor, now=now)
            done.append(_ref(document))
        except NotReady as error:
            waiting.append(f"{_ref(document)}: {error}")
    path = shipped.folder() / "profile.md"
    if path.is_file():
        try:
            _publish_release_profile(path, actor)
            done.append("profile:1")
        except (NotReady, content.ContentError) as error:
            waiting.append(f"{path.name}: {error}")
    return done, waiting


def _publish_release_profile(path: Path, actor: Any) -> None:
    profile, fields = queries.profile(), shipped.profile_fields(path)
    if profile.published_at and all(getattr(profile, name) == value for name, value in fields.items()):
        return
    for name, value in fields.items():
        setattr(profile, name, value)
    publish_profile(profile=profile, actor=actor)


@transaction.atomic
def withdraw_release(*, actor: Any) -> list[str]:
    """Take off the site what the release itself published, before or after an owner moves in; returns what went."""
    mine, gone = shipped.account().pk, []
    for document in shipped.documents():
        if document.live is None or document.live.published_by_id != mine:
            continue
        withdraw(document=document, actor=actor, reason="the release's own text")
        document.delete()
        gone.append(_ref(document))
    if Profile.objects.filter(published_by=mine).delete()[0]:
        transaction.on_commit(queries.forget_profile)
        audit.record(actor=actor, action="portfolio.withdraw_profile", target="profile:1")
        gone.append("profile:1")
    return gone


def export_site(
    *, folder: Path, actor: Any, origin: str = "", progress: copying.Progress = lambda *_: None
) -> copying.Counts:
    """Write a static copy of the published site. Raises FolderRefused, ExportFailed, OSError; then nothing is there."""
    counts = copying.export(folder, now=timezone.now(), origin=origin.rstrip("/"), progress=progress)
    audit.record(actor=actor, action="portfolio.export_site", target=f"pages:{counts.pages}")
    return counts


def draft_text(*, achievement: Achievement, kind: str, actor: Any) -> TextDraft:
    """Draft a text about an achievement; nothing is shown to anybody by it. Raises TextRefused."""
    return texts.draft(achievement=achievement, kind=kind, actor=actor, now=timezone.now())


def accept_text(*, text: TextDraft, actor: Any) -> TextDraft:
    """Take a draft into its place, from where it still has to be published. Raises TextRefused."""
    return texts.accept(text=text, actor=actor, now=timezone.now())


def discard_text(*, text: TextDraft, actor: Any) -> TextDraft:
    """Say no to a draft. Raises TextRefused."""
    return texts.discard(text=text, actor=actor, now=timezone.now())
