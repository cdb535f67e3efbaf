"""How many labelled rows each model had when it was last counted."""

from django.db import models


class Readiness(models.Model):
    """One row a model; a cache of a count, so that no page reads a whole dataset."""

    model = models.CharField(max_length=80, unique=True)
    rows = models.PositiveIntegerField()
    problem = models.CharField(
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text="Why its data cannot be read, so that rows is 0",
    )
    counted_at = models.DateTimeField(auto_now=True)

    hash_fields: tuple[str, ...] = ()

    class Meta:
        verbose_name_plural = "readiness"

    def __str__(self) -> str:
        return f"{self.model}: {self.rows}"
