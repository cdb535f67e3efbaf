"""Versions of models, which of them are live, and how they came to be. MLflow holds a copy; these rows decide."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from mlops.datasets.models import Dataset


class ModelVersion(models.Model):
    """One version of one model: its artefact by hash, its lineage, its card and what the gates said."""

    class State(models.TextChoices):
        CANDIDATE = "candidate"
        REFUSED = "refused"
        APPROVED = "approved"
        WITHDRAWN = "withdrawn"

    class Origin(models.TextChoices):
        RULES = "rules"
        SHIPPED = "shipped"
        TRAINED = "trained"

    model = models.CharField(max_length=80)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=80, help_text="Speaking name, such as network-2")
    origin = models.CharField(max_length=8, choices=Origin)
    state = models.CharField(max_length=9, choices=State, default=State.CANDIDATE)
    artefact_format = models.CharField(max_length=8, blank=True, help_text="json or skops; empty for rules")
    artefact_sha256 = models.CharField(max_length=64, blank=True)
    artefact_bytes = models.PositiveBigIntegerField(default=0)
    trusted_types = models.JSONField(default=list, help_text="The only types that a skops artefact may hold")
    dataset = models.ForeignKey(Dataset, models.PROTECT, null=True, blank=True, related_name="versions")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    schema = models.JSONField(default=dict, help_text="Names of the inputs and the spec's version")
    lineage = models.JSONField(default=dict, help_text="Split, seed, code revision, lock hash, libraries")
    metrics = models.JSONField(default=dict, help_text="Figures with intervals, by set and by baseline")
    card = models.JSONField(default=dict, help_text="Purpose, data, limits, calibration, groups")
    is_simulated = models.BooleanField(default=False, help_text="Its rows were made up: it can never be promoted")
    mlflow_version = models.CharField(max_length=40, blank=True, help_text="Version in MLflow; empty until it is there")
    mlflow_run = models.CharField(max_length=64, blank=True)
    asked_for = models.CharField(max_length=150, blank=True, help_text="Who asked for the training")
    created_at = models.DateTimeField(auto_now_add=True)

    hash_fields = ("model", "number", "name", "origin", "state", "artefact_sha256", "schema", "metrics", "card")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="model_version_number_once"),
            models.CheckConstraint(
                condition=Q(origin="rules", artefact_sha256="", artefact_format="")
                | ~Q(origin="rules")
                & Q(artefact_sha256__regex=r"^[0-9a-f]{64}$")
                & Q(artefact_format__in=["json", "skops"]),
                name="model_version_artefact_unless_rules",
            ),
            models.CheckConstraint(
                condition=~Q(origin="trained") | Q(dataset__isnull=False), name="model_version_trained_has_dataset"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.number} ({self.name})"


class GateResult(models.Model):
    """What one gate said of one version: kept, refused or not."""

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="gates")
    gate = models.CharField(max_length=80)
    figure = models.CharField(max_length=80)
    value = models.FloatField(null=True, blank=True, help_text="Empty: the figure could not be had")
    comparison = models.CharField(max_length=2)
    bound = models.FloatField()
    passed = models.BooleanField()
    detail = models.TextField(blank=True)
    checked_at = models.DateTimeField(auto_now_add=True)

    hash_fields = ("version", "gate", "figure", "value", "comparison", "bound", "passed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "gate"], name="gate_once_per_version"),
            models.CheckConstraint(
                condition=Q(value__isnull=False) | Q(passed=False), name="gate_unknown_never_passes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gate}: {'passed' if self.passed else 'refused'}"


class Alias(models.Model):
    """Which version plays which part now; `serial` grows with every switch, so that two people cannot both win."""

    class Role(models.TextChoices):
        CHAMPION = "champion"
        CHALLENGER = "challenger"
        SHADOW = "shadow"

    model = models.CharField(max_length=80)
    role = models.CharField(max_length=10, choices=Role)
    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="aliases")
    share = models.FloatField(default=0, help_text="Share of requests that the challenger answers, 0 to 1")
    serial = models.PositiveIntegerField(default=1)
    since = models.DateTimeField()

    hash_fields = ("model", "role", "version", "share")

    class Meta:
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(fields=["model", "role"], name="alias_role_once"),
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=1), name="alias_share_is_share"),
            models.CheckConstraint(condition=Q(role="challenger") | Q(share=0), name="alias_share_only_of_challenger"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.role}"


class Deployment(models.Model):
    """One switch in the timeline: who put which version where, when and why. Rows are only ever added."""

    class Action(models.TextChoices):
        PROMOTE = "promote"
        ROLL_BACK = "roll_back", "roll back"
        SHADOW = "shadow"
        CANARY = "canary"
        STOP = "stop"

    model = models.CharField(max_length=80)
    action = models.CharField(max_length=9, choices=Action)
    role = models.CharField(max_length=10, choices=Alias.Role)
    before = models.ForeignKey(ModelVersion, models.PROTECT, null=True, blank=True, related_name="+")
    after = models.ForeignKey(ModelVersion, models.PROTECT, null=True, blank=True, related_name="deployments")
    share = models.FloatField(default=0)
    reason = models.TextField()
    automatic = models.BooleanField(default=False, help_text="A monitor's rule did it")
    actor = models.CharField(max_length=150, help_text="A user's name, or system:…")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    hash_fields = ("model", "action", "role", "before", "after", "share", "reason", "automatic", "actor")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="deployment_has_reason"),
            models.CheckConstraint(condition=Q(before__isnull=False) | Q(after__isnull=False), name="deployment_moves"),
        ]
        indexes = [models.Index(fields=["model", "-at", "-id"], name="deployment_timeline")]

    def __str__(self) -> str:
        part = f" {self.role}" if self.action == self.Action.STOP else ""
        return f"{self.model}, {self.get_action_display().lower()}{part}"


class RegistryHealth(models.Model):
    """Whether MLflow's store answered when it was last asked: one row, read for the banner."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    is_up = models.BooleanField(default=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    last_up_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)

    hash_fields: tuple[str, ...] = ()

    class Meta:
        verbose_name_plural = "registry health"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="registry_health_one_row")]

    def __str__(self) -> str:
        return "up" if self.is_up else f"down: {self.problem}"
