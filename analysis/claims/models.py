"""Claims, what was read of each text, and what the owner decided. Only this stage writes here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from analysis.claims.records import Direction as DirectionOf
from analysis.claims.records import Kind as KindOf
from analysis.claims.records import Metric as MetricOf
from analysis.collection.models import Change
from analysis.collection.part_models import ChangeText


def _choices(names: Any) -> list[tuple[str, str]]:
    return [(name.value, name.value.replace("_", " ")) for name in names]


class ClaimReading(models.Model):
    """That one version of a text was read by one method, and every quantity in it that is no claim, with its reason."""

    text = models.OneToOneField(ChangeText, models.CASCADE, related_name="claim_reading")
    method = models.CharField(max_length=40, help_text="Extractor and version, e.g. grammar 1.0")
    text_sha256 = models.CharField(max_length=64, help_text="Hash of the text as read; another hash is read again")
    refusals = models.JSONField(default=list, help_text="[[start, end, reason, detail]] in code points of the text")
    read_at = models.DateTimeField(auto_now=True)

    hash_fields = ("text", "method", "text_sha256", "refusals")

    def __str__(self) -> str:
        return f"{self.method} of text {self.text_id}: {len(self.refusals)} refusals"


class Claim(models.Model):
    """A quoted statement that a change produced a quantified outcome; ``text.text[start:end] == quote``."""

    class State(models.TextChoices):
        STATED = "stated"
        EXPECTED = "expected"
        CONTRADICTED = "contradicted"
        CORROBORATED = "corroborated"

    class Review(models.TextChoices):
        NONE = "none"
        CONFIRMED = "confirmed"
        CORRECTED = "corrected"
        REJECTED = "rejected"

    key = models.CharField(
        max_length=64, unique=True, help_text="Hash of the change, the text, the span and the magnitude"
    )
    change = models.ForeignKey(Change, models.CASCADE, related_name="claims")
    text = models.ForeignKey(ChangeText, models.CASCADE, related_name="claims")
    start = models.PositiveIntegerField(help_text="Code points from the beginning of the text")
    end = models.PositiveIntegerField()
    quote = models.TextField()
    metric = models.CharField(max_length=12, choices=_choices(MetricOf))
    direction = models.CharField(max_length=8, choices=_choices(DirectionOf))
    kind = models.CharField(max_length=16, choices=_choices(KindOf))
    value = models.FloatField(null=True, blank=True)
    value_hi = models.FloatField(null=True, blank=True)
    from_value = models.FloatField(null=True, blank=True)
    to_value = models.FloatField(null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    to_unit = models.CharField(max_length=40, blank=True)
    also = models.JSONField(default=dict, blank=True, help_text="The second magnitude of the same statement")
    context = models.JSONField(default=list, blank=True, help_text="Quoted words outside the quote that carry its unit")
    scope = models.CharField(max_length=120, blank=True, help_text="Quoted words")
    period = models.CharField(max_length=40, blank=True, help_text="Quoted words")
    state = models.CharField(max_length=16, choices=State)
    state_reason = models.TextField(blank=True, help_text="What contradicts or supports it")
    why = models.CharField(max_length=120, blank=True, help_text="The words by which it was recognised")
    method = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64, help_text="Hash of the statement, without its place")
    outcome_key = models.CharField(
        max_length=64, blank=True, help_text="Claims of one outcome share it; it counts once"
    )
    review = models.CharField(max_length=12, choices=Review, default=Review.NONE)
    correction = models.JSONField(default=dict, blank=True, help_text="What the owner corrected: {field: value}")
    is_current = models.BooleanField(default=True, help_text="Its text is the current version")

    hash_fields = (
        "key", "change", "start", "end", "quote", "metric", "direction", "kind", "value", "value_hi", "from_value",
        "to_value", "unit", "to_unit", "also", "context", "scope", "period", "state", "state_reason", "method",
        "fingerprint",
        "outcome_key", "review", "correction", "is_current",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")) & ~Q(quote=""), name="claim_quote_is_somewhere"),
            models.CheckConstraint(
                condition=Q(kind="from_to", value__isnull=True, value_hi__isnull=True)
                | (~Q(kind="from_to") & Q(value__isnull=False, from_value__isnull=True, to_value__isnull=True)),
                name="claim_magnitude_fits_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(value_hi__isnull=True) | Q(value_hi__gte=F("value")), name="claim_range_runs_upwards"
            ),
            models.CheckConstraint(
                condition=Q(review="corrected") & ~Q(correction={}) | ~Q(review="corrected") & Q(correction={}),
                name="claim_correction_iff_corrected",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["contradicted", "corroborated"]) | ~Q(state_reason=""),
                name="claim_state_has_its_reason",
            ),
        ]
        indexes = [
            # The public list and its facets: current claims, newest row last, keyset on the id.
            models.Index(fields=["metric", "-id"], name="claim_list_by_metric", condition=Q(is_current=True)),
            models.Index(fields=["change", "start"], name="claim_of_change", condition=Q(is_current=True)),
            # One outcome counts once: the members of an outcome.
            models.Index(fields=["outcome_key"], name="claim_by_outcome"),
            models.Index(fields=["fingerprint"], name="claim_by_fingerprint"),
            # The curation queue: what nobody has looked at yet.
            models.Index(fields=["-id"], name="claim_to_review", condition=Q(review="none", is_current=True)),
        ]

    def __str__(self) -> str:
        return self.quote[:80]


class ClaimSupport(models.Model):
    """A record of the same repository that supports a claim: a fact, a changed benchmark file, a CI record."""

    class Kind(models.TextChoices):
        FACT = "fact"
        BENCHMARK = "benchmark"
        CI = "ci", "CI record"

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="supports")
    kind = models.CharField(max_length=12, choices=Kind)
    ref = models.CharField(max_length=400, help_text="What it is: a fact's name, or a commit's SHA and path")
    says = models.TextField(help_text="What stands there")

    hash_fields = ("claim", "kind", "ref", "says")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["claim", "kind", "ref"], name="claim_support_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class ClaimReview(models.Model):
    """One decision of a person on a claim; the newest one holds."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="reviews")
    decision = models.CharField(max_length=12, choices=Claim.Review)
    correction = models.JSONField(default=dict, blank=True)
    note = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    hash_fields = ("claim", "decision", "correction", "note", "decided_at")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "decided_at"], name="claim_review_once_at_a_time"),
            models.CheckConstraint(
                condition=Q(decision="corrected") & ~Q(correction={}) | ~Q(decision="corrected") & Q(correction={}),
                name="claim_review_correction_iff_corrected",
            ),
        ]
        indexes = [models.Index(fields=["claim", "-decided_at"], name="claim_review_newest")]

    def __str__(self) -> str:
        return f"{self.decision} of claim {self.claim_id}"
