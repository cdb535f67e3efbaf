"""What is watched, what was measured, and the alerts that came of it."""

from textwrap import shorten

from django.db import models
from django.db.models import F, Q

from mlops.registry.models import ModelVersion

COMPARISONS = [(">", "greater than"), ("<", "less than")]


class Monitor(models.Model):
    """A rule: this statistic of that model over a window must not pass a threshold for longer than so long."""

    class Severity(models.TextChoices):
        INFO = "info"
        WARNING = "warning"
        CRITICAL = "critical"

    class Response(models.TextChoices):
        NOTIFY = "notify"
        ROLL_BACK = "roll_back", "roll back"

    name = models.CharField(max_length=80, unique=True)
    model = models.CharField(max_length=80)
    statistic = models.CharField(max_length=40, help_text="A statistic of mlops/monitoring/statistics, by name")
    feature = models.CharField(max_length=80, blank=True, help_text="Which watched value; empty where none is needed")
    comparison = models.CharField(max_length=1, choices=COMPARISONS)
    threshold = models.FloatField()
    window_seconds = models.PositiveIntegerField(default=3600)
    for_seconds = models.PositiveIntegerField(default=0, help_text="How long it has to hold before an alert opens")
    minimum_rows = models.PositiveIntegerField(default=50, help_text="Below this nothing is said, but see dead_man")
    severity = models.CharField(max_length=8, choices=Severity, default=Severity.WARNING)
    response = models.CharField(max_length=9, choices=Response, default=Response.NOTIFY)
    dead_man = models.BooleanField(default=False, help_text="No data in the window is itself an alert")
    runbook = models.CharField(max_length=300, blank=True, help_text="Where it says what to do")
    renotify_seconds = models.PositiveIntegerField(default=86400)
    is_active = models.BooleanField(default=True)

    hash_fields = ("name", "model", "statistic", "feature", "comparison", "threshold", "response")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(window_seconds__gt=0), name="monitor_has_a_window"),
            models.CheckConstraint(condition=Q(comparison__in=[">", "<"]), name="monitor_comparison_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def window(self) -> str:
        """The window as a person says it: 90 s, 15 min, 6 h, 7 days."""
        seconds = self.window_seconds
        for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
            if seconds >= 2 * size or (seconds == size and unit != "days"):
                return f"{seconds / size:.3g} {unit}"
        return f"{seconds} s"


class Measurement(models.Model):
    """One value of a monitor over one window; empty when there was too little to measure, with the reason."""

    monitor = models.ForeignKey(Monitor, models.CASCADE, related_name="measurements")
    version = models.ForeignKey(ModelVersion, models.CASCADE, null=True, blank=True, related_name="+")
    value = models.FloatField(null=True, blank=True)
    rows = models.PositiveIntegerField(help_text="Rows in the window")
    baseline_rows = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True, help_text="Why there is no value")
    detail = models.JSONField(default=dict, help_text="What a plot needs: bins and shares of both sides")
    window_start = models.DateTimeField()
    window_end = models.DateTimeField()

    hash_fields: tuple[str, ...] = ()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(value__isnull=False) | ~Q(reason=""), name="measurement_or_reason"),
            models.CheckConstraint(
                condition=Q(window_start__lt=F("window_end")), name="measurement_window_runs_forward"
            ),
        ]
        indexes = [models.Index(fields=["monitor", "-window_end", "-id"], name="measurement_series")]

    def __str__(self) -> str:
        return f"{self.monitor_id}: {self.value}"


class Alert(models.Model):
    """A rule that fired: opened, notified, notified again, resolved; its story is kept."""

    monitor = models.ForeignKey(Monitor, models.CASCADE, related_name="alerts")
    severity = models.CharField(max_length=8, choices=Monitor.Severity)
    value = models.FloatField(null=True, blank=True)
    message = models.TextField()
    opened_at = models.DateTimeField()
    notified_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    story = models.JSONField(default=list, help_text="[{at, what}] in order")

    hash_fields: tuple[str, ...] = ()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["monitor"], condition=Q(resolved_at__isnull=True), name="alert_one_open_per_monitor"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True) | Q(resolved_at__gte=F("opened_at")),
                name="alert_resolved_after_opened",
            ),
        ]
        indexes = [models.Index(fields=["-opened_at", "-id"], name="alert_newest")]

    def __str__(self) -> str:
        return shorten(self.message, 80, placeholder=" …")


class Silence(models.Model):
    """No notifications of a monitor (or of all) for a while; alerts still open and resolve."""

    monitor = models.ForeignKey(Monitor, models.CASCADE, null=True, blank=True, help_text="Empty: all of them")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    made_by = models.CharField(max_length=150, editable=False)

    hash_fields = ("monitor", "starts_at", "ends_at", "reason", "made_by")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="silence_ends_after_start"),
            models.CheckConstraint(condition=~Q(reason=""), name="silence_has_reason"),
        ]

    def __str__(self) -> str:
        return self.reason


class Channel(models.Model):
    """Where notifications go."""

    class Kind(models.TextChoices):
        LOG = "log"
        EMAIL = "email"
        WEBHOOK = "webhook"

    kind = models.CharField(max_length=8, choices=Kind)
    target = models.CharField(max_length=500, blank=True, help_text="Address or https URL; empty for the log")
    is_active = models.BooleanField(default=True)

    hash_fields = ("kind", "target", "is_active")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "target"], name="channel_once"),
            models.CheckConstraint(condition=Q(kind="log") | ~Q(target=""), name="channel_has_target_unless_log"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target}".strip()


class Delivery(models.Model):
    """One notification to one channel, retried until it arrived or was given up."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="deliveries")
    text = models.TextField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    hash_fields: tuple[str, ...] = ()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False)
                | ~Q(state="delivered") & Q(delivered_at__isnull=True),
                name="delivery_delivered_at_iff_delivered",
            )
        ]
        indexes = [models.Index(fields=["id"], name="delivery_waiting", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.state}"
