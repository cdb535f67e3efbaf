"""Texts that go through draft, review and published: the row is the working copy, a Revision is what visitors see."""

import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from portfolio.models.mentions import Mention

LONGEST_TEXT = 200_000  # characters of one text
LONGEST_WORD, MOST_WORDS = 60, 30  # of tags and technologies
TAKEN = "Another text of this kind has this slug. An address leads to one text: choose another slug, or edit that text."


class Immutable(Exception):
    """A row that visitors have seen was about to be changed."""


def new_preview_key() -> str:
    """A secret of 128 bits for the preview link of a draft."""
    return secrets.token_urlsafe(16)


class Revision(models.Model):
    """One published state of a document, as a frozen record. A correction is a new revision, never an edit."""

    kind = models.CharField(max_length=20)
    slug = models.SlugField(max_length=80)
    number = models.PositiveIntegerField()
    content = models.JSONField(help_text="The document's fields as they were published.")
    sha256 = models.CharField(max_length=64)
    note = models.CharField(max_length=200, blank=True, help_text="What changed, for the public history.")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    hash_fields = ("kind", "slug", "number", "content", "sha256", "note")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug", "number"], name="revision_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="revision_number_from_one"),
            models.CheckConstraint(condition=~Q(sha256=""), name="revision_has_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.slug} revision {self.number}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Insert only: what was published stays as it was."""
        if self.pk is not None and not self._state.adding:
            raise Immutable(f"{self} was published and cannot be changed; publish a new revision instead.")
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class FormerAddress(models.Model):
    """A slug under which a document was published before it got its present one; its old address leads on."""

    kind = models.CharField(max_length=20)
    slug = models.SlugField(max_length=80)
    current = models.SlugField(max_length=80, help_text="The slug that the document has now.")

    hash_fields = ("kind", "slug", "current")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug"], name="former_address_once"),
            models.CheckConstraint(condition=~Q(slug=F("current")), name="former_address_leads_elsewhere"),
            models.CheckConstraint(
                condition=Q(kind__in=["case-study", "post", "page"]), name="former_address_of_a_text"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.slug}, now {self.current}"


class Document(models.Model):
    """What a case study, a post and a page share: an address, a state, a schedule and a live revision."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        REVIEW = "review", "In review"
        PUBLISHED = "published", "Published"

    slug = models.SlugField(max_length=80, unique=True, error_messages={"unique": TAKEN})
    title = models.CharField(max_length=160)
    summary = models.CharField(max_length=300, blank=True, help_text="One plain sentence, shown in lists.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    live = models.ForeignKey(
        Revision, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    publish_at = models.DateTimeField(null=True, blank=True, help_text="Publish by itself at this time (UTC).")
    preview_key = models.CharField(max_length=32, default=new_preview_key, editable=False)
    first_published_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # The word under which revisions and former addresses are kept.
    KIND = ""
    # The fields whose Markdown is checked at save and frozen into a revision, in the order of the page.
    TEXTS: tuple[str, ...] = ()
    EXTRAS: tuple[str, ...] = ()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state="published", live__isnull=False, first_published_at__isnull=False)
                | ~Q(state="published"),
                name="%(class)s_published_has_revision",
            ),
            models.CheckConstraint(
                condition=Q(live__isnull=True, first_published_at__isnull=True)
                | Q(live__isnull=False, first_published_at__isnull=False),
                name="%(class)s_live_and_first_published_at",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Raises ValidationError where the slug is the former address of another text, which it still leads to."""
        super().clean()
        own = type(self)._default_manager.filter(pk=self.pk).values("slug")
        taken = FormerAddress.objects.filter(kind=self.KIND, slug=self.slug).exclude(current__in=own).first()
        if taken is not None:
            reason = f"Links to this address lead to “{taken.current}”, which was published here before."
            raise ValidationError({"slug": f"{reason} Choose another slug, or give that text this one back first."})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Let go of its former addresses and of mentions too: they would lead nowhere."""
        Mention.objects.filter(kind=self.KIND, document=self.pk).delete()
        FormerAddress.objects.filter(kind=self.KIND, current=self.slug).delete()
        return super().delete(*args, **kwargs)


class CaseStudy(Document):
    """One piece of work told whole: what was wanted, what was tried, what came of it and what is not proven."""

    KIND = "case-study"

    period = models.CharField(max_length=60, blank=True)
    technologies = models.JSONField(default=list, blank=True)
    context = models.TextField(blank=True)
    constraint = models.TextField(blank=True)
    options = models.TextField(blank=True, verbose_name="options considered")
    decision = models.TextField(blank=True)
    evidence = models.TextField(blank=True)
    result = models.TextField(blank=True)
    what_failed = models.TextField(blank=True)
    my_part = models.TextField(blank=True)
    not_proven = models.TextField(blank=True, verbose_name="what is not proven")
    position = models.PositiveSmallIntegerField(default=0, help_text="Lower stands first.")

    TEXTS = (
        "context",
        "constraint",
        "options",
        "decision",
        "evidence",
        "result",
        "what_failed",
        "my_part",
        "not_proven",
    )
    EXTRAS = ("period", "technologies")
    hash_fields = ("slug", "title", "summary", "state", "live", "position", *EXTRAS, *TEXTS)

    class Meta(Document.Meta):
        verbose_name_plural = "case studies"


class Post(Document):
    """A dated text in Writing."""

    KIND = "post"

    body = models.TextField(blank=True)
    tags = models.JSONField(default=list, blank=True)
    series = models.CharField(max_length=80, blank=True)

    hash_fields = ("slug", "title", "summary", "state", "live", "body", "tags", "series")

    TEXTS = ("body",)
    EXTRAS = ("tags", "series")


class Page(Document):
    """A standing text of the owner's own, such as About or Privacy."""

    KIND = "page"

    body = models.TextField(blank=True)

    hash_fields = ("slug", "title", "summary", "state", "live", "body")

    TEXTS = ("body",)
