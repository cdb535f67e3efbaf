"""What estimates keep: the owner's assumptions, the computed ranges, and what was really spent and gained later."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analysis.collection.models import Change, Repository
from analysis.estimates.quantities import InputKind


class Assumption(models.Model):
    """One version of an input that the owner entered: a point or a range, with unit, kind, source and date.

    ``name`` is its identity; a change makes a new version, and old receipts keep naming the version they stood on.
    It applies to what it is scoped to: a change, a metric, a repository, or everything.
    """

    class Role(models.TextChoices):
        VOLUME = "volume", _("volume: how often in a time (build/day)")
        BEFORE = "before", _("before: the amount before, for a relative claim")
        ATTRIBUTION = "attribution", _("attribution: the owner's share (0 to 1)")
        PERSISTENCE = "persistence", _("persistence: months in effect")
        REALISED = "realised", _("realised: the share that someone stopped paying for (0 to 1)")
        RATE = "rate", _("rate: price of the effect (USD/hour)")
        EXCHANGE = "exchange", _("exchange rate (EUR/USD)")
        COST = "cost", _("cost: what the change costs in a year (USD)")
        HUMAN_ESTIMATE = "human_estimate", _("human estimate: hours, as estimated before the work")

    class Kind(models.TextChoices):
        MEASURED = InputKind.MEASURED.value
        QUOTED = InputKind.QUOTED.value
        DECLARED = InputKind.DECLARED.value
        ASSUMED = InputKind.ASSUMED.value

    name = models.SlugField(max_length=80, help_text=_("Its identity, such as hourly-rate; versions share it"))
    version = models.PositiveIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    role = models.CharField(max_length=16, choices=Role)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DECLARED)
    unit = models.CharField(max_length=80, default="1")
    point = models.FloatField(null=True, blank=True)
    low = models.FloatField(null=True, blank=True, help_text=_("5% point of a 90% range; the least value with a mode"))
    mode = models.FloatField(null=True, blank=True, help_text=_("Likeliest value: makes low and high the bounds"))
    high = models.FloatField(null=True, blank=True, help_text=_("95% point of a 90% range; the largest with a mode"))
    source = models.CharField(max_length=500, blank=True, help_text=_("URL, document or quoted span it stands in"))
    dated = models.DateField(null=True, blank=True, help_text=_("The day as of which it holds"))
    author = models.CharField(max_length=150, help_text=_("Who stands for it"))
    expires_on = models.DateField(null=True, blank=True, help_text=_("From this day on it is not used"))
    repository = models.ForeignKey(Repository, models.CASCADE, null=True, blank=True, related_name="assumptions")
    change = models.ForeignKey(Change, models.CASCADE, null=True, blank=True, related_name="assumptions")
    metric = models.CharField(max_length=40, blank=True, help_text=_("Only for claims of this metric, such as time"))
    created_at = models.DateTimeField(auto_now_add=True)

    hash_fields = (
        "name", "version", "is_current", "role", "kind", "unit", "point", "low", "mode", "high", "source", "dated",
        "author", "expires_on", "repository", "change", "metric",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="assumption_version_once"),
            models.UniqueConstraint(fields=["name"], condition=Q(is_current=True), name="assumption_one_current"),
            models.CheckConstraint(
                condition=Q(point__isnull=False, low__isnull=True, high__isnull=True, mode__isnull=True)
                | Q(point__isnull=True, low__isnull=False, high__isnull=False),
                name="assumption_point_or_range",
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(low__lt=F("high")), name="assumption_range_in_order"
            ),
            models.CheckConstraint(
                condition=Q(mode__isnull=True) | Q(mode__gte=F("low"), mode__lte=F("high")),
                name="assumption_mode_in_range",
            ),
            models.CheckConstraint(
                condition=(Q(point__isnull=True) | Q(point__gte=0)) & (Q(low__isnull=True) | Q(low__gte=0)),
                name="assumption_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=["attribution", "realised"])
                | (Q(point__lte=1) | Q(point__isnull=True)) & (Q(high__lte=1) | Q(high__isnull=True)),
                name="assumption_share_at_most_one",
            ),
            models.CheckConstraint(condition=~Q(author=""), name="assumption_has_author"),
            models.CheckConstraint(
                condition=~Q(role__in=["human_estimate", "cost"]) | Q(change__isnull=False),
                name="assumption_of_one_change",
            ),
            # A volume for everything would multiply what it has nothing to do with.
            models.CheckConstraint(
                condition=~Q(role__in=["volume", "before", "realised", "attribution", "persistence"])
                | Q(change__isnull=False)
                | ~Q(metric=""),
                name="assumption_of_a_change_or_metric",
            ),
        ]
        indexes = [
            # What applies to the changes of a repository: services.given_for().
            models.Index(fields=["role", "name"], name="assumption_current", condition=Q(is_current=True)),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    @property
    def ref(self) -> str:
        """How receipts name this version."""
        return f"assumption:{self.name}@{self.version}"


class Estimate(models.Model):
    """One level of one outcome's ladder (or a change's effort): a range with what it stands on, or why there is none.

    ``inputs`` and ``parameters`` are what its receipt is derived from; ``basis`` is their hash together with the
    method, by which an unchanged estimate is left alone.
    """

    class Level(models.TextChoices):
        L2 = "L2", _("L2: quoted outcome")
        L3 = "L3", _("L3: yearly effect")
        L4 = "L4", _("L4: money")
        EFFORT = "effort", _("effort: hours (a cost)")

    class Status(models.TextChoices):
        OK = "ok"
        REFUSED = "refused"

    change = models.ForeignKey(Change, models.CASCADE, related_name="estimates")
    level = models.CharField(max_length=8, choices=Level)
    outcome = models.CharField(max_length=100, blank=True, help_text=_("Reference of the claim; empty for effort"))
    outcome_key = models.CharField(
        max_length=100, blank=True, help_text=_("Estimates of one key count once in a total")
    )
    status = models.CharField(max_length=8, choices=Status)
    reason = models.CharField(max_length=40, blank=True, help_text=_("Code of the first reason of a refusal"))
    reasons = models.JSONField(default=list, blank=True)
    statement = models.TextField()
    p10 = models.FloatField(null=True, blank=True)
    p50 = models.FloatField(null=True, blank=True)
    p90 = models.FloatField(null=True, blank=True)
    unit = models.CharField(max_length=80, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    whose = models.CharField(max_length=4, blank=True, help_text=_("own or team"))
    method = models.CharField(max_length=40, blank=True)
    method_version = models.CharField(max_length=20, blank=True)
    inputs = models.JSONField(default=list, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    basis = models.CharField(max_length=64)
    receipt = models.CharField(max_length=64, blank=True, help_text=_("Id of the receipt, derived on demand"))
    computed_at = models.DateTimeField(auto_now=True)

    hash_fields = (
        "change", "level", "outcome", "outcome_key", "status", "reason", "reasons", "statement", "p10", "p50", "p90",
        "unit", "currency", "whose", "method", "method_version", "inputs", "parameters", "basis", "receipt",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "level", "outcome"], name="estimate_once_per_outcome"),
            models.CheckConstraint(
                condition=Q(
                    status="ok", reason="", p10__isnull=False, p50__isnull=False, p90__isnull=False, receipt__gt=""
                )
                | Q(status="refused", reason__gt="", p10__isnull=True, p50__isnull=True, p90__isnull=True, receipt=""),
                name="estimate_range_with_receipt_or_reason",
            ),
            models.CheckConstraint(
                condition=Q(p10__isnull=True) | Q(p10__lte=F("p50"), p50__lte=F("p90")), name="estimate_in_order"
            ),
            models.CheckConstraint(
                condition=Q(currency="") | Q(level="L4", status="ok"), name="estimate_money_only_at_l4"
            ),
        ]
        indexes = [
            # Totals and the list of priced outcomes: queries.total_inputs().
            models.Index(fields=["level", "outcome_key", "id"], name="estimate_for_totals", condition=Q(status="ok")),
        ]

    def __str__(self) -> str:
        return f"{self.level} of {self.change_id}: {self.status}"


class EstimateInput(models.Model):
    """A link from an estimate to an assumption that it stands on: what would change if this were wrong."""

    estimate = models.ForeignKey(Estimate, models.CASCADE, related_name="links")
    assumption = models.ForeignKey(Assumption, models.CASCADE, related_name="uses")
    role = models.CharField(max_length=16)

    hash_fields = ("estimate", "assumption", "role")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["estimate", "assumption"], name="estimate_input_once")]

    def __str__(self) -> str:
        return f"{self.role} of {self.estimate_id}"


class EstimateTotal(models.Model):
    """What the public estimates of one level, unit and share come to: of one repository, or of all.

    ``parts`` and ``mark`` (the sum of the parts' ids) say which estimates went in: a total whose parts have changed
    since is not shown. ``receipt`` names the frozen receipt, which names every part.
    """

    repository = models.ForeignKey(Repository, models.CASCADE, null=True, blank=True, related_name="estimate_totals")
    level = models.CharField(max_length=8, choices=Estimate.Level)
    unit = models.CharField(max_length=80)
    whose = models.CharField(max_length=4)
    p10 = models.FloatField()
    p50 = models.FloatField()
    p90 = models.FloatField()
    outcomes = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField(help_text=_("Parts that are an outcome counted already"))
    parts = models.PositiveIntegerField()
    mark = models.BigIntegerField()
    receipt = models.CharField(max_length=64)
    computed_at = models.DateTimeField(auto_now=True)

    hash_fields = ("repository", "level", "unit", "whose", "p10", "p50", "p90", "outcomes", "left_out", "receipt")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["repository", "level", "unit", "whose"], name="estimate_total_once_a_repository"
            ),
            models.UniqueConstraint(
                fields=["level", "unit", "whose"], condition=Q(repository=None), name="estimate_total_once_of_all"
            ),
            models.CheckConstraint(condition=Q(p10__lte=F("p50"), p50__lte=F("p90")), name="estimate_total_in_order"),
            models.CheckConstraint(condition=Q(outcomes__gt=0) & ~Q(receipt=""), name="estimate_total_with_receipt"),
            models.CheckConstraint(condition=Q(parts=F("outcomes") + F("left_out")), name="estimate_total_adds_up"),
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.whose} in {self.unit}"


class LoggedHours(models.Model):
    """Hours that were really spent on a change: entered by the owner, or imported from a time tracker."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="logged_hours")
    entry = models.CharField(
        max_length=100, help_text=_("The tracker's id of the entry, or the day; imports repeat by it")
    )
    hours = models.FloatField()
    spent_on = models.DateField()
    source = models.CharField(max_length=200, help_text=_("Where the hours were logged"))
    entered_by = models.CharField(max_length=150)
    entered_at = models.DateTimeField()

    hash_fields = ("change", "entry", "hours", "spent_on", "source")

    class Meta:
        verbose_name_plural = "logged hours"
        constraints = [
            models.UniqueConstraint(fields=["change", "entry"], name="logged_hours_entry_once"),
            models.CheckConstraint(condition=Q(hours__gt=0, hours__lte=10000), name="logged_hours_possible"),
            models.CheckConstraint(condition=~Q(entered_by="") & ~Q(source=""), name="logged_hours_entered_by_and_at"),
        ]

    def __str__(self) -> str:
        return f"{self.hours:g} h on {self.change_id}"


class MeasuredEffect(models.Model):
    """What an outcome really came to, measured later: the yearly effect in the estimate's unit."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="measured_effects")
    outcome = models.CharField(max_length=100, help_text=_("Reference of the claim, as in the estimate"))
    value = models.FloatField()
    unit = models.CharField(max_length=80)
    source = models.CharField(max_length=500)
    measured_on = models.DateField()
    entered_by = models.CharField(max_length=150)
    entered_at = models.DateTimeField()

    hash_fields = ("change", "outcome", "value", "unit", "source", "measured_on")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "outcome", "measured_on"], name="measured_effect_once_a_day"),
            models.CheckConstraint(
                condition=~Q(entered_by="") & ~Q(source=""), name="measured_effect_entered_by_and_at"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit} of {self.outcome}"


class OwnEffortModel(models.Model):
    """Parameters of an effort model fitted on the owner's own logged hours; the newest is used."""

    name = models.CharField(max_length=40, unique=True)
    parameters = models.JSONField()
    rows = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    fitted_at = models.DateTimeField(auto_now_add=True)

    hash_fields = ("name", "parameters", "rows", "sha256")

    def __str__(self) -> str:
        return self.name
