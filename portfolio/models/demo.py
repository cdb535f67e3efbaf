"""The health of the live demos."""

from django.db import models
from django.db.models import Q


class Demo(models.Model):
    """The last health check of one demo. What a demo does is code (portfolio/demos); a row only says if it works."""

    class Health(models.TextChoices):
        OK = "ok", "Working"
        FAILED = "failed", "Failed"
        UNAVAILABLE = "unavailable", "Not available yet"

    slug = models.SlugField(max_length=40, unique=True)
    health = models.CharField(max_length=12, choices=Health.choices)
    reason = models.CharField(max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField()
    checked_at = models.DateTimeField()

    hash_fields: tuple[str, ...] = ()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(health="ok") | ~Q(reason=""), name="demo_not_ok_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.slug}: {self.health}"
