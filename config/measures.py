"""Gauges of collections, models, router and spend, read from the database at each scrape in eight queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import Count, Max, Model, QuerySet, Sum
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from analysis.models import Collection
from mlops.models import Alert, BreakerState, Decision, ModelVersion, Spend

_DAY = dt.timedelta(days=1)
_USD = 1e9  # money is kept in billionths of a dollar


def families() -> Iterator[GaugeMetricFamily]:
    """Every gauge. Raises DatabaseError; reads no names of people and no addresses."""
    yield from _collections()
    yield _by("attest_model_versions", "Versions of models by state.", ModelVersion.objects.all(), "state")
    open_alerts = Alert.objects.filter(resolved_at__isnull=True)
    yield _by("attest_alerts_open", "Alerts that are open, by severity.", open_alerts, "severity")
    last_day = Decision.objects.filter(created_at__gte=timezone.now() - _DAY)
    yield _by("attest_router_decisions", "Routing decisions of the last day by status.", last_day, "status")
    yield _by("attest_router_breakers", "Circuit breakers by state.", BreakerState.objects.all(), "state")
    yield from _spend()


def _by(name: str, words: str, rows: QuerySet[Model], field: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[field])
    for value, count in rows.values_list(field).annotate(count=Count("pk")).order_by(field):
        family.add_metric([str(value)], count)
    return family


def _collections() -> Iterator[GaugeMetricFamily]:
    yield _by("attest_collections", "Runs of sources by state.", Collection.objects.all(), "state")
    newest = Collection.objects.aggregate(at=Max("finished_at"))["at"]
    if newest is not None:
        age = (timezone.now() - newest).total_seconds()
        yield GaugeMetricFamily("attest_collection_age_seconds", "Seconds since a collection ended.", value=age)
    ledger = Collection.objects.filter(source="github", finished_at__isnull=False).order_by("-id").first()
    if ledger is not None and "points" in ledger.checkpoint:
        words = "Points of GitHub's hourly budget that the newest collection spent."
        yield GaugeMetricFamily("attest_github_points_spent", words, value=ledger.checkpoint["points"])
        if ledger.checkpoint.get("left") is not None:
            words = "Points of GitHub's hourly budget that were left when the newest collection ended."
            yield GaugeMetricFamily("attest_github_points_left", words, value=ledger.checkpoint["left"])


def _spend() -> Iterator[GaugeMetricFamily]:
    spent = GaugeMetricFamily("attest_spend_usd", "Spent on model services today, by budget.", labels=["budget"])
    left = GaugeMetricFamily("attest_budget_left_usd", "What today's budgets still allow.", labels=["budget"])
    today = Spend.objects.filter(day=timezone.now().date()).values_list("name").order_by("name")
    for name, paid, held, limit in today.annotate(paid=Sum("spent"), held=Sum("reserved"), most=Max("limit")):
        spent.add_metric([name], paid / _USD)
        if limit is not None:
            left.add_metric([name], (limit - paid - held) / _USD)
    yield spent
    yield left
