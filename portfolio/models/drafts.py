"""Texts that the program drafts from evidence: each sentence names its sources, and a person takes or discards them."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class TextDraft(models.Model):
    """One drafted text about one achievement, with what was left out of it and why."""

    class Kind(models.TextChoices):
        SUMMARY = "summary", "Summary"
        CASE_STUDY = "case_study", "Case study"
        CV_BULLET = "cv_bullet", "Line of a CV"
        LINKEDIN = "linkedin", "LinkedIn text"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        ACCEPTED = "accepted", "Accepted"
        DISCARDED = "discarded", "Discarded"

    kind = models.CharField(max_length=12, choices=Kind)
    subject = models.CharField(max_length=420, help_text="The achievement's key")
    title = models.CharField(max_length=200)
    sentences = models.JSONField(help_text="[{section, text, how, sources, receipts}]")
    rejected = models.JSONField(default=list, help_text="Sentences that were left out: [{text, reason}]")
    markdown = models.TextField(help_text="As the site's texts are written, with figures as embeds")
    plain = models.TextField(help_text="To copy elsewhere; figures name their receipts")
    evidence_sha256 = models.CharField(max_length=64, help_text="Hash of all that the text was made from")
    answered_by = models.CharField(max_length=80, help_text="The routing target whose sentences these are")
    decision = models.CharField(max_length=64, blank=True, help_text="The routing decision")
    degraded = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    made_at = models.DateTimeField()
    requested_by = models.CharField(max_length=150)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="text_drafts_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    hash_fields = ("kind", "subject", "title", "sentences", "rejected", "markdown", "plain", "evidence_sha256", "state")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(state="draft") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="text_draft_decided_by_and_at",
            ),
            models.UniqueConstraint(fields=["kind", "subject"], condition=Q(state="draft"), name="text_draft_one_open"),
        ]
        indexes = [models.Index(fields=["subject", "kind", "-id"], name="text_draft_of_subject")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.title}"
