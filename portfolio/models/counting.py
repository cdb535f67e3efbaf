"""Visits, counted without cookies and without anything about the visitor."""

from django.db import models
from django.db.models import Q


class PageCount(models.Model):
    """How often a page was served on a day, by the host that linked to it. No address, no agent, no visitor."""

    day = models.DateField()
    path = models.CharField(max_length=200)
    referrer_host = models.CharField(max_length=120, blank=True)
    views = models.PositiveIntegerField(default=0)

    hash_fields: tuple[str, ...] = ()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "path", "referrer_host"], name="page_count_once"),
            models.CheckConstraint(condition=Q(path__startswith="/"), name="page_count_path_is_local"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.path}"
