"""What was served: counts of every call, and a sample of single predictions."""

from django.db import models

from mlops.registry.models import Deployment, ModelVersion


class ServingCount(models.Model):
    """Counts of one version within one minute; processes add to it as they flush."""

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="counts")
    minute = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    degraded = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)

    hash_fields: tuple[str, ...] = ()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "minute"], name="serving_count_once_a_minute")]
        indexes = [models.Index(fields=["minute"], name="serving_count_window")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.minute:%H:%M}: {self.rows}"


class PredictionSample(models.Model):
    """One recorded prediction: which version answered, in which part, for what input (by hash), how fast."""

    class Part(models.TextChoices):
        SERVED = "served"
        SHADOW = "shadow"

    model = models.CharField(max_length=80)
    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="samples")
    deployment = models.ForeignKey(
        Deployment, models.SET_NULL, null=True, blank=True, related_name="+", help_text="Why this version was live"
    )
    part = models.CharField(max_length=6, choices=Part)
    key = models.CharField(max_length=200, blank=True, help_text="What the caller names the row by, such as change:12")
    input_sha256 = models.CharField(max_length=64)
    watched = models.JSONField(help_text="The watched values of input and answer: names, categories, quantities")
    answer = models.JSONField()
    microseconds = models.PositiveIntegerField(help_text="Time of the model's call, per row")
    degraded = models.BooleanField(default=False)
    label = models.JSONField(null=True, blank=True, help_text="The right answer, where it became known later")
    correct = models.BooleanField(null=True, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    labelled_at = models.DateTimeField(null=True, blank=True)

    hash_fields: tuple[str, ...] = ()

    class Meta:
        indexes = [
            models.Index(fields=["model", "-at", "-id"], name="prediction_window"),
            models.Index(fields=["model", "key"], name="prediction_of_key"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.part} {self.input_sha256[:12]}"
