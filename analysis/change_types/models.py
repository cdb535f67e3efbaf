"""Predicted types of changes, and what a person says of them. Only this stage writes here."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from analysis.change_types.labels import TYPES
from analysis.collection.models import Change

TYPE_CHOICES = [(name, name) for name in TYPES]


class ChangeType(models.Model):
    """One version's prediction for a change; the newest that counts has `is_current`."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="types")
    version = models.CharField(max_length=64, help_text="Which version of which method answered, such as network-2")
    type = models.CharField(max_length=16, choices=TYPE_CHOICES, blank=True, help_text="Empty when it abstained")
    probability = models.FloatField(help_text="That a reader accepts this type, 0 to 1")
    reason = models.CharField(max_length=80, blank=True, help_text="The rule that decided, or why it abstained")
    degraded = models.BooleanField(default=False, help_text="Answered by an older version since the champion could not")
    input_sha256 = models.CharField(max_length=64, help_text="Hash of the title and paths that it was made from")
    is_current = models.BooleanField(default=True)
    predicted_at = models.DateTimeField(auto_now_add=True)

    hash_fields = ("change", "version", "type", "probability", "reason", "input_sha256", "is_current")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "version", "input_sha256"], name="change_type_once_per_input"),
            models.UniqueConstraint(fields=["change"], condition=Q(is_current=True), name="change_type_one_current"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="change_type_probability_is_share"
            ),
            models.CheckConstraint(
                condition=~Q(type="") | Q(probability=0), name="change_type_abstained_without_probability"
            ),
            models.CheckConstraint(condition=Q(type__in=["", *TYPES]), name="change_type_known"),
        ]
        indexes = [models.Index(fields=["type", "change"], name="change_type_facet", condition=Q(is_current=True))]

    def __str__(self) -> str:
        return f"{self.type or 'undecided'} ({self.probability:.2f})"


class TypeReview(models.Model):
    """What the owner says of a change's type: it stands over every prediction, and is a label for the next training."""

    class Decision(models.TextChoices):
        ACCEPTED = "accepted"
        CORRECTED = "corrected"
        REJECTED = "rejected"

    change = models.OneToOneField(Change, models.CASCADE, related_name="type_review")
    decision = models.CharField(max_length=9, choices=Decision)
    type = models.CharField(max_length=16, choices=TYPE_CHOICES, blank=True, help_text="Empty: none of the ten")
    predicted = models.CharField(max_length=16, blank=True, help_text="What had been predicted")
    version = models.CharField(max_length=64, blank=True, help_text="Which version had predicted it")
    note = models.TextField(blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField()

    hash_fields = ("change", "decision", "type", "predicted", "version", "note")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="accepted", type=F("predicted")) & ~Q(type="")
                | Q(decision="corrected") & ~Q(type="") & ~Q(type=F("predicted"))
                | Q(decision="rejected", type=""),
                name="type_review_decision_fits_type",
            ),
            models.CheckConstraint(condition=Q(type__in=["", *TYPES]), name="type_review_known"),
        ]

    def __str__(self) -> str:
        return f"{self.decision}: {self.type or 'none'}"
