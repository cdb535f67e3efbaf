"""What GitHub's API says of pulls beyond the shared rows: reviews, labels, events, raw payloads, webhooks, erasures."""

from django.db import models
from django.db.models import Q

from analysis.collection.models import Change, Collection, Contributor, Repository


class GitHubRepository(models.Model):
    """What GitHub says of a repository itself: its lasting id (names change), and when it was last seen or lost."""

    repository = models.OneToOneField(Repository, models.CASCADE, related_name="github")
    database_id = models.BigIntegerField(unique=True)
    full_name = models.CharField(max_length=200, help_text="Present name; differs from the first one after a rename")
    is_archived = models.BooleanField(default=False)
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)
    gone_reason = models.CharField(max_length=300, blank=True)

    hash_fields = ("repository", "database_id", "full_name", "is_archived", "gone_reason")

    class Meta:
        verbose_name = "repository on GitHub"
        verbose_name_plural = "repositories on GitHub"
        constraints = [
            models.CheckConstraint(
                condition=Q(gone_at__isnull=True, gone_reason="") | (Q(gone_at__isnull=False) & ~Q(gone_reason="")),
                name="github_repository_gone_at_with_reason",
            )
        ]

    def __str__(self) -> str:
        return self.full_name


class ContributorKey(models.Model):
    """Another keyed hash by which a contributor is known (a login, an address, a name): links what is one person."""

    contributor = models.ForeignKey(Contributor, models.CASCADE, related_name="keys")
    key = models.CharField(max_length=120, unique=True)

    hash_fields = ("contributor", "key")

    def __str__(self) -> str:
        return self.key[:20]


class PullDetail(models.Model):
    """The API's own words about one pull; empty or null is what GitHub did not say."""

    change = models.OneToOneField(Change, models.CASCADE, related_name="pull_detail")
    external_id = models.CharField(max_length=100, help_text="GitHub's node id")
    profile = models.CharField(max_length=8, help_text="core, full or webhook: which parts were asked for")
    state = models.CharField(max_length=8)
    is_draft = models.BooleanField(null=True)
    updated_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True, help_text="Last edit of the description")
    edits = models.PositiveIntegerField(null=True, blank=True)
    base_ref = models.CharField(max_length=255, blank=True)
    head_ref = models.CharField(max_length=255, blank=True)
    author_association = models.CharField(max_length=32, blank=True)
    review_decision = models.CharField(max_length=32, blank=True)
    checks = models.CharField(max_length=16, blank=True, help_text="Conclusion of the head's checks")
    milestone = models.CharField(max_length=255, blank=True)
    comment_count = models.PositiveIntegerField(null=True, blank=True)
    threads = models.PositiveIntegerField(null=True, blank=True)
    unresolved_threads = models.PositiveIntegerField(null=True, blank=True)
    linked_issues = models.JSONField(default=list)
    counts = models.JSONField(default=dict, help_text="{list: [held by GitHub, given]}: the ledger of one pull")

    hash_fields = (
        "change", "external_id", "profile", "state", "is_draft", "updated_at", "edited_at", "edits", "base_ref",
        "head_ref", "author_association", "review_decision", "checks", "milestone", "comment_count", "threads",
        "unresolved_threads", "linked_issues", "counts",
    )  # fmt: skip

    class Meta:
        indexes = [
            # webhook processing and reconciliation find a pull by GitHub's id.
            models.Index(fields=["external_id"], name="pull_detail_by_external_id")
        ]

    def __str__(self) -> str:
        return f"details of {self.change_id}"


class Review(models.Model):
    """One review. Its text is not stored: it belongs to the reviewer."""

    class State(models.TextChoices):
        APPROVED = "approved"
        CHANGES_REQUESTED = "changes_requested", "changes requested"
        COMMENTED = "commented"
        DISMISSED = "dismissed"
        PENDING = "pending"

    change = models.ForeignKey(Change, models.CASCADE, related_name="reviews")
    external_id = models.CharField(max_length=100)
    reviewer = models.ForeignKey(Contributor, models.SET_NULL, null=True, blank=True, related_name="reviews")
    by_machine = models.BooleanField(default=False, help_text="By a bot or an AI assistant")
    state = models.CharField(max_length=20, choices=State)
    submitted_at = models.DateTimeField(null=True, blank=True)

    hash_fields = ("change", "external_id", "reviewer", "by_machine", "state", "submitted_at")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "external_id"], name="review_once")]

    def __str__(self) -> str:
        return f"{self.state} of {self.change_id}"


class PullEvent(models.Model):
    """That something happened to a pull, and when; who did it is not kept."""

    class Kind(models.TextChoices):
        READY = "ready"
        DRAFT = "draft"
        REOPENED = "reopened"
        REVIEW_REQUESTED = "review_requested", "review requested"
        COMMENTED = "commented"
        EDITED = "edited", "description edited"

    change = models.ForeignKey(Change, models.CASCADE, related_name="pull_events")
    position = models.PositiveIntegerField(help_text="Order in time, from 0")
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField()

    hash_fields = ("change", "position", "kind", "at")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "position"], name="pull_event_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.change_id}"


class Label(models.Model):
    """A label of a pull."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="labels")
    name = models.CharField(max_length=100)

    hash_fields = ("change", "name")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "name"], name="label_once_per_change")]

    def __str__(self) -> str:
        return self.name


class RawPayload(models.Model):
    """What a source answered about a change last, redacted in memory, then compressed (zlib).

    ``sha256`` is of the bytes as they came, so that it can be shown what was redacted from what; erasing empties
    ``body`` and keeps the hash.
    """

    change = models.ForeignKey(Change, models.CASCADE, related_name="raw_payloads")
    source = models.CharField(max_length=16, choices=Collection.Source)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="Bytes as they came")
    body = models.BinaryField()
    erased_at = models.DateTimeField(null=True, blank=True)

    hash_fields = ("change", "source", "sha256", "size", "body")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "source"], name="raw_payload_once_per_source")]

    def __str__(self) -> str:
        return f"{self.source} payload of {self.change_id}"


class WebhookDelivery(models.Model):
    """A delivery that was accepted: stored before the 202, worked on by a job, never twice."""

    class State(models.TextChoices):
        STORED = "stored"
        DONE = "done"
        IGNORED = "ignored"

    delivery_id = models.CharField(max_length=64, unique=True, help_text="X-GitHub-Delivery; a redelivery keeps it")
    event = models.CharField(max_length=64)
    action = models.CharField(max_length=64, blank=True)
    repository_name = models.CharField(max_length=200, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, help_text="Of the raw bytes")
    size = models.PositiveIntegerField()
    body = models.BinaryField(help_text="Redacted, then compressed")
    state = models.CharField(max_length=8, choices=State, default=State.STORED)
    reason = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)

    hash_fields = ()  # what was received or who may call, not content

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="stored", handled_at__isnull=True)
                | (~Q(state="stored") & Q(handled_at__isnull=False)),
                name="webhook_delivery_handled_at_iff_handled",
            )
        ]
        indexes = [
            # The reconciler looks for deliveries that no job has finished.
            models.Index(fields=["received_at"], name="webhook_delivery_open", condition=Q(state="stored"))
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.delivery_id}"


class WebhookRefusal(models.Model):
    """How many deliveries were refused on a day for a reason; nothing else of them is kept."""

    day = models.DateField()
    reason = models.CharField(max_length=40)
    count = models.PositiveBigIntegerField(default=0)

    hash_fields = ()  # what was received or who may call, not content

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "reason"], name="webhook_refusal_once_per_day")]

    def __str__(self) -> str:
        return f"{self.count} × {self.reason} on {self.day}"


class Erasure(models.Model):
    """A person who was erased: only the keyed hashes by which a re-import recognises and leaves them out."""

    identity = models.CharField(max_length=120, unique=True, help_text="Keyed hash of a login, address, name or id")
    erased_at = models.DateTimeField()
    erased_by = models.CharField(max_length=150)

    hash_fields = ("identity",)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(erased_by=""), name="erasure_erased_by_somebody"),
        ]

    def __str__(self) -> str:
        return self.identity[:24]
