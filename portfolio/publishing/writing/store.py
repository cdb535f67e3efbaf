"""Keeping drafts, and what taking one does: an achievement's summary, a case study's working copy, or nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from analysis import services as analysis
from analysis.queries import Achievement
from evidence import audit
from evidence import services as evidence
from mlops.services import RoutingError
from portfolio.models import CaseStudy, TextDraft
from portfolio.publishing.writing import compose, material
from portfolio.publishing.writing.sentences import Sentence


class TextRefused(ValueError):
    """A draft cannot be made or taken; the message says why and what to do."""


def draft(*, achievement: Achievement, kind: str, actor: Any, now: datetime) -> TextDraft:
    """Draft one text and keep it. The open draft of the same kind and achievement is replaced, unless it is the same.

    The receipts that it names are frozen. Raises TextRefused.
    """
    if kind not in TextDraft.Kind.values:
        raise TextRefused(f"There is no text of the kind “{kind}”. Known: {', '.join(TextDraft.Kind.values)}.")
    found = material.gather(achievement)
    if not found.titles:
        raise TextRefused("This achievement has no changes, so there is nothing to write about.")
    try:
        made = compose.compose(kind, found)
    except RoutingError as error:
        raise TextRefused(f"Nobody could answer: {error} Look at the router's page for the targets' state.") from error
    named = {receipt for sentence in made.sentences for receipt in sentence.receipts}
    with transaction.atomic():
        evidence.freeze_many(found.receipts[name] for name in sorted(named))
        fields = {
            "title": achievement.title, "sentences": [sentence.as_dict() for sentence in made.sentences],
            "rejected": made.rejected, "markdown": made.markdown, "plain": made.plain,
            "evidence_sha256": found.sha256, "answered_by": made.asked.answered_by, "decision": made.asked.decision,
            "degraded": made.asked.degraded, "made_at": now, "requested_by": audit.name_of(actor),
        }  # fmt: skip
        row, _new = TextDraft.objects.update_or_create(
            kind=kind, subject=found.subject, state=TextDraft.State.DRAFT, defaults=fields
        )
        audit.record(actor=actor, action="portfolio.draft_text", target=f"text:{kind}:{found.subject}"[:400])
    return row


@transaction.atomic
def accept(*, text: TextDraft, actor: Any, now: datetime) -> TextDraft:
    """Take a draft: a summary becomes the achievement's, a case study a working copy that still needs its owner.

    Lines of a CV and LinkedIn texts are only marked as taken. Raises TextRefused; Conflict where the achievement moved.
    """
    row = _open(text)
    if row.kind == TextDraft.Kind.SUMMARY:
        if any(sentence["how"] == "missing" for sentence in row.sentences):
            raise TextRefused("The draft says only what is missing; write the summary yourself.")
        achievement = _achievement(row)
        analysis.edit_achievement(
            achievement_id=achievement.pk, version=achievement.version, actor=actor, summary=row.plain
        )
    elif row.kind == TextDraft.Kind.CASE_STUDY:
        _case_study(row)
    return _decide(row, TextDraft.State.ACCEPTED, actor, now)


@transaction.atomic
def discard(*, text: TextDraft, actor: Any, now: datetime) -> TextDraft:
    """Say no to a draft; it stays in the history."""
    return _decide(_open(text), TextDraft.State.DISCARDED, actor, now)


def _open(text: TextDraft) -> TextDraft:
    row = TextDraft.objects.select_for_update().get(pk=text.pk)
    if row.state != TextDraft.State.DRAFT:
        raise TextRefused(f"This draft is {row.get_state_display().lower()} already; draft it again.")
    return row


def _achievement(row: TextDraft) -> Achievement:
    key = f"change:{row.subject.removeprefix('achievement:')}"
    found = Achievement.objects.filter(key=key).first()
    if found is None:
        raise TextRefused("The achievement that this text is about is gone.")
    return found


def _case_study(row: TextDraft) -> CaseStudy:
    slug = slugify(row.title)[:70] or f"study-{row.pk}"
    if CaseStudy.objects.filter(slug=slug).exists():
        slug = f"{slug[:70]}-{row.pk}"
    sentences = [
        Sentence(**{**item, "sources": tuple(item["sources"]), "receipts": tuple(item["receipts"])})
        for item in row.sentences
    ]
    return CaseStudy.objects.create(slug=slug, title=row.title[:160], **compose.sections(sentences))


def _decide(row: TextDraft, state: str, actor: Any, now: datetime) -> TextDraft:
    row.state, row.decided_by, row.decided_at = state, actor, now
    row.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record(actor=actor, action=f"portfolio.text_{state}", target=f"text:{row.kind}:{row.subject}"[:400])
    return row
