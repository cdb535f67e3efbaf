"""What routing keeps: targets, policies, decisions with their outcomes, breakers, budgets and holds.

Money is in nanodollars, prices in microdollars per million tokens: whole numbers, so that sums are exact.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

KINDS = (("openai", _("OpenAI-compatible endpoint")), ("loopback", _("loopback demonstration server")))
MODES = ("utility", "weighted", "fixed", "cascade", "shadow")


class Target(models.Model):
    """A remote endpoint that can answer. The local targets stand in code and are always there."""

    hash_fields = ("key", "kind", "model", "base_url", "price_in", "price_out", "enabled")

    key = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, choices=KINDS, default="openai")
    model = models.CharField(max_length=120)
    base_url = models.URLField(max_length=300, help_text=_("Up to and including /v1."))
    key_env = models.CharField(
        max_length=80, blank=True, help_text=_("Name of the environment variable that holds the key; never the key.")
    )
    price_in = models.PositiveBigIntegerField(default=0, help_text=_("Microdollars per million input tokens."))
    price_out = models.PositiveBigIntegerField(default=0, help_text=_("Microdollars per million output tokens."))
    priced_on = models.DateField(null=True, blank=True)
    price_source = models.URLField(max_length=300, blank=True)
    context_tokens = models.PositiveIntegerField(default=8000)
    max_output_tokens = models.PositiveIntegerField(default=4000)
    allows_private = models.BooleanField(default=False, help_text=_("May it see text that is not public?"))
    capabilities = models.JSONField(default=list, blank=True, help_text=_('For example ["json_schema", "streaming"].'))
    timeout = models.FloatField(default=20.0)
    max_concurrent = models.PositiveSmallIntegerField(default=8, help_text=_("Calls at once from one process."))
    prior_quality = models.FloatField(default=0.5, help_text=_("Expected quality, 0 to 1, before outcomes are known."))
    prior_latency = models.FloatField(default=1.0, help_text=_("Expected seconds before calls were measured."))
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="target_kind_known", condition=Q(kind__in=[kind for kind, _label in KINDS])),
            models.CheckConstraint(
                name="target_price_has_date_and_source",
                condition=Q(price_in=0, price_out=0) | Q(priced_on__isnull=False) & ~Q(price_source=""),
            ),
            models.CheckConstraint(
                name="target_figures_possible",
                condition=Q(prior_quality__gte=0, prior_quality__lte=1, prior_latency__gt=0, timeout__gt=0)
                & Q(max_concurrent__gt=0, context_tokens__gt=0, max_output_tokens__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Policy(models.Model):
    """How targets are chosen for a task. A version that decided something never changes; a change is a new version."""

    hash_fields = ("task", "version", "settings", "live")

    task = models.SlugField(max_length=60)
    version = models.PositiveIntegerField()
    settings = models.JSONField(default=dict, help_text=_("The fields of a policy; see docs/routing.md."))
    live = models.BooleanField(default=False)
    gate = models.JSONField(
        null=True, blank=True, help_text=_("What the off-policy evaluation found before it went live.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    live_at = models.DateTimeField(null=True, blank=True)
    live_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="policy_version_once", fields=["task", "version"]),
            models.UniqueConstraint(name="policy_one_live_per_task", fields=["task"], condition=Q(live=True)),
            models.CheckConstraint(
                name="policy_live_when_and_by",
                condition=Q(live_at__isnull=True, live_by="", live=False) | Q(live_at__isnull=False) & ~Q(live_by=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.version}"


class Decision(models.Model):
    """One routed call: written before anything is sent, completed when it ends."""

    hash_fields = ("id",)
    STATUSES = ("open", "answered", "failed")

    id = models.CharField(primary_key=True, max_length=40)
    origin = models.CharField(max_length=10, default="live", help_text=_("live, loopback (demonstration) or replay"))
    task = models.CharField(max_length=60)
    policy = models.CharField(max_length=60)
    policy_version = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    seed = models.BigIntegerField()
    mode = models.CharField(max_length=10)
    candidates = models.JSONField()
    state = models.JSONField(help_text=_("What the choice rests on; replaying it gives the same choice."))
    chosen = models.CharField(max_length=60, blank=True)
    propensity = models.FloatField()
    explored = models.BooleanField()
    reason = models.CharField(max_length=300)
    attempts = models.JSONField(default=list)
    answered_by = models.CharField(max_length=60, blank=True)
    degraded = models.BooleanField(default=False)
    cached = models.BooleanField(default=False)
    status = models.CharField(max_length=8, default="open")
    error = models.CharField(max_length=40, blank=True)
    seconds = models.FloatField(default=0.0)
    cost = models.BigIntegerField(default=0)
    answer = models.JSONField(null=True, blank=True, help_text=_("Kept only where the policy allows a cache."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="decision_status_known", condition=Q(status__in=["open", "answered", "failed"])
            ),
            models.CheckConstraint(
                name="decision_answered_or_error",
                condition=Q(status="open")
                | Q(status="answered", error="") & ~Q(answered_by="")
                | Q(status="failed", answered_by="") & ~Q(error=""),
            ),
            models.CheckConstraint(name="decision_costs_nothing_below_zero", condition=Q(cost__gte=0)),
            models.CheckConstraint(name="decision_odds", condition=Q(propensity__gte=0, propensity__lte=1)),
        ]
        indexes = [
            # The cache looks an answer up by its content.
            models.Index(
                name="decision_cache_idx", fields=["content_hash", "-created_at"], condition=Q(answer__isnull=False)
            ),
            # The list of decisions, the monitoring window.
            models.Index(name="decision_newest_idx", fields=["-created_at", "-id"]),
            # The sweep looks for calls that never ended.
            models.Index(name="decision_open_idx", fields=["created_at"], condition=Q(status="open")),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.id}"


class Outcome(models.Model):
    """How good an answer turned out to be, from 0 to 1, by what it was judged."""

    hash_fields = ("decision", "kind", "value")
    KINDS = ("check_passed", "edit_distance", "thumbs", "later_rejected")

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="outcomes")
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in KINDS])
    value = models.FloatField()
    target = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="outcome_once_per_kind", fields=["decision", "kind", "target"]),
            models.CheckConstraint(name="outcome_between_0_and_1", condition=Q(value__gte=0, value__lte=1)),
        ]
        # The predictor sums up the newest outcomes of a target.
        indexes = [models.Index(name="outcome_target_idx", fields=["target", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.value:g}"


class BreakerState(models.Model):
    """The circuit breaker of a target, shared by all processes; times are the database's own."""

    hash_fields = ("target", "state")

    target = models.CharField(max_length=60, unique=True)
    state = models.CharField(max_length=9, default="closed")
    score = models.FloatField(default=0.0)
    cool_down = models.FloatField(default=5.0)
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="breaker_waits_for_a_time",
                condition=Q(state="closed", until__isnull=True)
                | Q(state__in=["open", "half_open"], until__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.state}"


class Budget(models.Model):
    """A limit per day for everything (`day`), a task (`task:x`) or a target (`target:x`)."""

    hash_fields = ("name", "limit")

    name = models.CharField(max_length=80, unique=True)
    limit = models.PositiveBigIntegerField(help_text=_("Nanodollars a day (UTC)."))

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="budget_name_known",
                condition=Q(name="day") | Q(name__startswith="task:") | Q(name__startswith="target:"),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Spend(models.Model):
    """What one budget name has reserved and spent on one day. `overrun` is what a provider billed beyond its hold."""

    hash_fields = ("name", "day", "spent", "overrun")

    name = models.CharField(max_length=80)
    day = models.DateField()
    limit = models.BigIntegerField(null=True, blank=True)
    reserved = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    overrun = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="spend_once_a_day", fields=["name", "day"]),
            models.CheckConstraint(
                name="spend_within_limit", condition=Q(limit__isnull=True) | Q(limit__gte=F("reserved") + F("spent"))
            ),
            models.CheckConstraint(
                name="spend_not_below_zero", condition=Q(reserved__gte=0, spent__gte=0, overrun__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.day}"


class Hold(models.Model):
    """Money set aside for one attempt. Unsettled at `expires_at`, it is charged in full by the sweep."""

    hash_fields = ("decision", "target", "amount", "charged")

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="holds")
    target = models.CharField(max_length=60)
    amount = models.BigIntegerField()
    charged = models.BigIntegerField(null=True, blank=True)
    spends = models.JSONField(help_text=_("Keys of the Spend rows that carry it."))
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="hold_charged_when_settled",
                condition=Q(charged__isnull=True, settled_at__isnull=True)
                | Q(charged__gte=0, settled_at__isnull=False),
            ),
            models.CheckConstraint(name="hold_amount_positive", condition=Q(amount__gt=0)),
        ]
        # The sweep looks for holds whose lease has ended.
        indexes = [models.Index(name="hold_unsettled_idx", fields=["expires_at"], condition=Q(settled_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.target} {self.amount}"
