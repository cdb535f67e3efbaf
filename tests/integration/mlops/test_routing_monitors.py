"""The platform's rules and alerts over routing: what the decisions say opens an alert, and what changes resolves it."""

import datetime as dt

import pytest
from django.utils import timezone

from mlops import services
from mlops.models import Alert, BreakerState, Decision, Measurement, Monitor
from mlops.monitoring import alerting
from tests.factories.routing import DecisionFactory, SpendFactory

pytestmark = pytest.mark.django_db


def attempt(target: str, outcome: str, seconds: float = 0.2, cost: int = 1000) -> dict[str, object]:
    return {"target": target, "outcome": outcome, "seconds": seconds, "tokens_in": 1, "tokens_out": 1, "cost": cost}


def decisions(count: int, *, degraded: int = 0, failed: int = 0) -> None:
    for number in range(count):
        bad = number < failed
        DecisionFactory(
            status="failed" if bad else "answered", error="no_answer" if bad else "",
            answered_by="" if bad else "cheap", degraded=not bad and number < failed + degraded, seconds=0.5, cost=2000,
            attempts=[attempt("cheap", "timeout" if bad else "ok"), attempt("dear", "breaker_open", 0.0, 0)],
        )  # fmt: skip


def value(statistic: str, model: str = "router") -> float | None:
    rule = Monitor.objects.create(
        name=f"{model} {statistic}?", model=model, statistic=statistic, comparison=">", threshold=1e9, minimum_rows=1
    )
    alerting.check(rule, now=timezone.now() + dt.timedelta(seconds=1))
    return Measurement.objects.get(monitor=rule).value


def test_decisions_and_targets_are_measured() -> None:
    decisions(20, degraded=5, failed=2)
    SpendFactory(name="day", day=timezone.now().date(), limit=1000, spent=600, reserved=300)
    BreakerState.objects.create(
        target="dear", state="open", until=timezone.now() + dt.timedelta(minutes=5), reason="timeout"
    )
    assert value("error_share") == pytest.approx(0.1)
    assert value("degraded_share") == pytest.approx(0.25)
    assert value("latency_ms") == pytest.approx(500)
    assert value("spent_usd") == pytest.approx(20 * 2000 / 1e9)
    assert value("budget_left") == pytest.approx(0.1)
    assert value("open_breakers") == 1
    assert value("volume") is not None
    assert value("error_share", "router:cheap") == pytest.approx(0.1)
    assert value("latency_ms", "router:cheap") == pytest.approx(200)
    assert value("error_share", "router:dear") is None, "a call that a breaker kept back says nothing of the target"
    assert value("open_breakers", "router:cheap") == 0


def test_the_default_rules_open_an_alert_and_resolve_it() -> None:
    services.start()
    services.start()
    assert Monitor.objects.filter(model="router").count() == 5, "made once"
    decisions(60, degraded=30)
    alerting.check_all(now=timezone.now() + dt.timedelta(seconds=1))
    alert = Alert.objects.get(monitor__name="router: degraded_share")
    assert "is 0.5; at most 0.2 is allowed" in alert.message and alert.monitor.runbook == "docs/runbooks/router.md"
    Decision.objects.update(degraded=False)
    alerting.check_all(now=timezone.now() + dt.timedelta(seconds=2))
    alert.refresh_from_db()
    assert alert.resolved_at is not None
