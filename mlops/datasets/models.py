"""Snapshots of data: content-addressed, immutable, with where they came from."""

from django.db import models
from django.db.models import Q


class Dataset(models.Model):
    """A frozen set of rows. The rows lie under var/ by their hash; this row says what they are."""

    model = models.CharField(max_length=80, help_text="For which model it was taken")
    sha256 = models.CharField(max_length=64, help_text="Hash of the canonical rows")
    rows = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    schema = models.JSONField(help_text="Names of inputs, labels with their counts, groups")
    origin = models.JSONField(help_text="Where the rows came from and how they were chosen")
    taken_at = models.DateTimeField(auto_now_add=True)

    hash_fields = ("model", "sha256", "rows", "schema", "origin")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "sha256"], name="dataset_content_once"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="dataset_hash_is_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.sha256[:12]} ({self.rows} rows)"
