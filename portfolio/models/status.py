"""What the status page stands on: hours of serving, incidents with their story, and stored records of figures."""

from django.db import models
from django.db.models import F, Q


class ServingHour(models.Model):
    """One hour of the running system: requests with their times, and the probes of a worker.

    ``times`` counts the requests by the bounds of portfolio.record.serving.BOUNDS; nothing about a visitor is in it.
    """

    hour = models.DateTimeField(unique=True)
    requests = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0, help_text="Answers of the class 5xx")
    times = models.JSONField(default=list)
    probes = models.PositiveIntegerField(default=0)
    probes_failed = models.PositiveIntegerField(default=0)

    hash_fields: tuple[str, ...] = ()

    class Meta:
        constraints = [
            models.CheckConstraint(name="serving_errors_within_requests", condition=Q(errors__lte=F("requests"))),
            models.CheckConstraint(name="serving_failed_within_probes", condition=Q(probes_failed__lte=F("probes"))),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:00}: {self.requests} requests"


class Incident(models.Model):
    """Something that went wrong, told by the owner; shown once it is published."""

    title = models.CharField(max_length=200)
    story = models.TextField(help_text="What happened, who noticed, what was done, what will keep it from coming back")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    is_published = models.BooleanField(default=False)

    hash_fields: tuple[str, ...] = ()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="incident_ends_after_start", condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at"))
            ),
            models.CheckConstraint(name="incident_is_told", condition=~Q(title="") & ~Q(story="")),
        ]

    def __str__(self) -> str:
        return self.title


class StatusRecord(models.Model):
    """Figures about the system at one moment: of its serving, or of the build that runs. Kept, never changed."""

    class Kind(models.TextChoices):
        SERVING = "serving"
        BUILD = "build"

    kind = models.CharField(max_length=7, choices=Kind.choices)
    recorded_at = models.DateTimeField()
    revision = models.CharField(max_length=64, blank=True)
    receipts = models.JSONField(help_text="Label and id of the frozen receipt of each figure, in the page's order")

    hash_fields: tuple[str, ...] = ()

    class Meta:
        constraints = [
            models.CheckConstraint(name="status_record_kind_known", condition=Q(kind__in=["serving", "build"]))
        ]
        indexes = [
            # The newest of a kind: portfolio.record.store.latest().
            models.Index(name="status_record_newest_idx", fields=["kind", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.recorded_at:%Y-%m-%d %H:%M}"
