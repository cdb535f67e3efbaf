"""API keys, recovery codes and remembered POST answers. Of a key or code only the SHA-256 is stored."""

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_otp.models import Device, ThrottlingMixin

from jobs.models import Job


def digest(secret: str) -> str:
    """SHA-256 is enough for 112 random bits or more: there is nothing to guess that stretching would slow down."""
    return hashlib.sha256(secret.encode()).hexdigest()


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
    headers = models.JSONField(default=dict, help_text="Those of the answer that say where to go on, such as Location")
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


class StartedJob(models.Model):
    """A job that a key asked for: it may be polled with this key and its successor, whatever else they may not read."""

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="started_jobs")
    job = models.ForeignKey(Job, models.CASCADE, related_name="+")

    hash_fields = ()  # who may read what, not content

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "job"], name="started_job_once_per_key")]

    def __str__(self) -> str:
        return f"job {self.job_id} of {self.key}"


class RecoveryDevice(ThrottlingMixin, Device):
    """The recovery codes of one account, as a second factor: each lets its owner in once in place of the phone."""

    hash_fields = ()  # who may come in, not content

    def get_throttle_factor(self) -> int:
        """Seconds of the first wait after a wrong code; it doubles with each."""
        return 1

    def verify_token(self, token: str) -> bool:
        """Use up the code, of two that try it at once only for one; false for any other text."""
        if not self.verify_is_allowed()[0]:
            return False
        used, _rows = self.codes.filter(sha256=digest(_plain(token))).delete()
        if used:
            self.throttle_reset()
        else:
            self.throttle_increment()
        return used == 1


class RecoveryCode(models.Model):
    """A code that was not used yet: 120 random bits, of which only the SHA-256 is kept."""

    device = models.ForeignKey(RecoveryDevice, models.CASCADE, related_name="codes")
    sha256 = models.CharField(max_length=64)

    hash_fields = ()  # who may come in, not content

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "sha256"], name="recovery_code_once_per_device"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="recovery_code_is_hashed"),
        ]

    def __str__(self) -> str:
        return f"a recovery code of {self.device}"


def _plain(code: str) -> str:
    """The code without the marks and capitals that people add when they copy it."""
    return "".join(letter for letter in code.lower() if letter.isalnum())
