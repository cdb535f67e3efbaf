"""Achievements: curated outcomes made of changes. Drafts are made by rule; only a person publishes one."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from analysis.collection.models import Change


class Achievement(models.Model):
    """A piece of work that may be shown: its changes, why they are one thing, and what is not known of it.

    ``key`` is the natural key of its first draft: the reference of the earliest change. ``version`` grows with every
    decision, so that the second of two curators is told instead of overwriting the first.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        IN_REVIEW = "in_review", "in review"
        APPROVED = "approved"
        PUBLISHED = "published"
        RETIRED = "retired"

    key = models.CharField(max_length=400, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    title = models.CharField(max_length=200)
    title_source = models.CharField(max_length=420, help_text="Reference of the quoted title, or owner")
    summary = models.TextField(blank=True, help_text="The owner's words, Markdown; empty until written")
    reasons = models.JSONField(default=list, help_text="Why these changes are one thing: [{rule, reason}]")
    missing = models.JSONField(default=list, help_text="What is not known: [{what, hint}]")
    part = models.CharField(max_length=12, default="unknown")
    part_reason = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    landed_source_lines = models.PositiveIntegerField(default=0, help_text="For the order of the queue only")
    version = models.PositiveIntegerField(default=1)
    touched = models.BooleanField(default=False, help_text="A person decided something: rules no longer rewrite it")
    evidence = models.JSONField(default=dict, help_text="{reference: hash} of what stood when it was approved")
    stale_reason = models.TextField(blank=True, help_text="Which evidence changed since; empty is fresh")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="approved_achievements"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="published_achievements"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    changes = models.ManyToManyField(Change, through="AchievementChange", related_name="achievements")

    hash_fields = (
        "key", "state", "title", "title_source", "summary", "reasons", "missing", "part", "started_at", "ended_at",
        "landed_source_lines", "stale_reason",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="achievement_approved_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(published_by__isnull=True, published_at__isnull=True)
                | Q(published_by__isnull=False, published_at__isnull=False),
                name="achievement_published_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "published"]) | Q(approved_by__isnull=False),
                name="achievement_approved_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_by__isnull=False),
                name="achievement_published_by_a_person",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__gte=models.F("started_at")), name="achievement_ends_after_start"
            ),
        ]
        indexes = [
            # The curation queue: what waits, largest work first.
            models.Index(fields=["state", "-landed_source_lines", "id"], name="achievement_queue"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def stale_note(self) -> str:
        """What readers are told of changed evidence; the reason itself may name a change that is hidden."""
        return "its evidence changed" if self.stale_reason else ""


class AchievementChange(models.Model):
    """A change of an achievement. A change belongs to one achievement at most, so that nothing is counted twice."""

    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="memberships")
    change = models.OneToOneField(Change, models.CASCADE, related_name="achievement_membership")

    hash_fields = ("achievement", "change")

    def __str__(self) -> str:
        return f"{self.change_id} in {self.achievement_id}"


class AchievementRevision(models.Model):
    """One decision about an achievement, with all fields as they were before it: history, and where undo returns."""

    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="revisions")
    version = models.PositiveIntegerField(help_text="The version that this decision ended")
    action = models.CharField(max_length=40)
    before = models.JSONField(help_text="Fields and change ids before the decision")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="achievement_decisions")
    decided_at = models.DateTimeField(auto_now_add=True)
    undone = models.BooleanField(default=False)

    hash_fields = ("achievement", "version", "action", "undone")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["achievement", "version"], name="achievement_revision_once_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.action} of {self.achievement_id} v{self.version}"
