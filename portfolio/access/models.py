"""API keys and remembered POST answers. A key's secret is never stored, only its SHA-256."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Scope(models.TextChoices):
    """What a key may do. An enum, not a table: each scope is checked by name in code."""

    READ_PRIVATE = "read:private", "Read what is not published"
    CURATE = "write:curate", "Write assumptions, reviews and drafts"
    COLLECT = "act:collect", "Start collections and recomputations"
    MODELS = "act:models", "Promote and roll back models"
    ROUTE = "act:route", "Send tasks through the router"
    JOBS = "act:jobs", "Retry and cancel jobs"


class ApiKey(models.Model):
    """A program's key: ``att_<prefix>_<secret>``, 256 bits of secret, shown once when it is made."""

    name = models.CharField(max_length=100, help_text="What uses it")
    prefix = models.CharField(max_length=12, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_keys")
    scopes = models.JSONField(default=list, help_text="Names of scopes; none reads only what is public")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(help_text="After this moment it is refused")
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute")
    rotated_from = models.OneToOneField("self", models.SET_NULL, null=True, blank=True, related_name="successor")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="revoked_keys"
    )

    hash_fields = ()  # what was received or who may call, not content

    class Meta:
        verbose_name = "API key"
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="api_key_revoked_at_and_by",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="api_key_expires_after_made"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class IdempotencyRecord(models.Model):
    """What a POST with an ``Idempotency-Key`` answered, so that its repetition answers the same and does nothing.

    A row without a status is a request under way. Rows older than a day are removed by the retention job.
    """

    principal = models.CharField(max_length=80, help_text="key:<prefix> or user:<id>")
    key = models.CharField(max_length=255)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    body_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    hash_fields = ()  # what was received or who may call, not content

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["principal", "key"], name="idempotency_key_once_per_principal"),
        ]
        # The retention job asks for old rows.
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return f"{self.principal} {self.key}"
