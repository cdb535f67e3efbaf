"""What the site's own search looks through: one row for each published thing."""

from django.db import models


class SearchEntry(models.Model):
    """A published page as words. PostgreSQL and SQLite index it each in its own way (migrations, publishing/search)."""

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=300)
    url = models.CharField(max_length=400)
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    tags = models.JSONField(default=list, blank=True)

    hash_fields: tuple[str, ...] = ()

    class Meta:
        verbose_name_plural = "search entries"
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="search_entry_once")]

    def __str__(self) -> str:
        return self.title
