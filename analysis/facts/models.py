"""Measured quantities of changes: values and reasons in one row a change; receipts are derived from it on demand."""

from django.db import models
from django.db.models import F, Q

from analysis.collection.models import Change


class ChangeFacts(models.Model):
    """Every fact of a change as last computed. `values` holds what is known, `unknown` why the rest is not."""

    change = models.OneToOneField(Change, models.CASCADE, primary_key=True, related_name="facts")
    version = models.CharField(max_length=32, help_text="Version of the methods that computed it")
    inputs_sha256 = models.CharField(max_length=64, help_text="Hash of what the facts were computed from")
    values = models.JSONField(default=dict, help_text="{fact: value}; units stand with the definitions")
    unknown = models.JSONField(default=dict, help_text="{fact: reason}")
    later = models.JSONField(default=dict, help_text="{reverted|fixed: [[key of the later change, how it was found]]}")

    hash_fields = ("change", "version", "inputs_sha256", "values", "unknown", "later")

    class Meta:
        verbose_name_plural = "change facts"

    def __str__(self) -> str:
        return f"facts of {self.change_id}"


class LineSurvival(models.Model):
    """How many of the lines that a change added still stand at a stated tip, by `git blame`."""

    change = models.OneToOneField(Change, models.CASCADE, primary_key=True, related_name="survival")
    tip_sha = models.CharField(max_length=64)
    alive = models.PositiveIntegerField(help_text="Lines that blame gives to the change's commits at the tip")
    added = models.PositiveIntegerField(help_text="Lines that it added when it landed")
    version = models.CharField(max_length=32)

    hash_fields = ("change", "tip_sha", "alive", "added", "version")

    class Meta:
        verbose_name_plural = "line survival"
        constraints = [models.CheckConstraint(condition=Q(alive__lte=F("added")), name="survival_alive_at_most_added")]

    def __str__(self) -> str:
        return f"{self.alive} of {self.added} lines at {self.tip_sha[:12]}"
