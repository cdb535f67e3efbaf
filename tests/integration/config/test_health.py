"""/healthz, /readyz and /metrics, and the ids and redaction of logs."""

import datetime as dt
import json
import logging
import logging.config

import pytest
from django.db import DatabaseError
from django.utils import timezone

from config import health, logs, watch
from mlops.models import BreakerState, Spend
from tests.factories.collection import CollectionFactory
from tests.factories.evidence import ReceiptFactory
from tests.factories.jobs import JobFactory
from tests.factories.mlops import ModelVersionFactory


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    monkeypatch.setattr(health, "_last", (-100.0, []))


def test_live_needs_no_database(client):
    assert client.get("/healthz").content == b"ok\n"
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_ready_names_each_check_and_no_secret(client):
    response = client.get("/readyz")
    body = response.json()
    assert response.status_code == 200 and body["ready"]
    assert set(body["checks"]) == {"database", "migrations", "broker", "queue", "registry", "disk"}
    assert {check["state"] for check in body["checks"].values()} == {"ok"}
    assert response.headers["Cache-Control"].startswith("max-age=0")


@pytest.mark.django_db
def test_old_queue_full_disk_and_lost_broker_degrade_and_do_not_take_the_site_away(client, monkeypatch):
    from jobs import sending

    class Lost:
        def connection_for_write(self, **options):
            raise OSError("refused")

    monkeypatch.setattr(sending, "celery_app", Lost)
    monkeypatch.setattr(watch, "FREE_BYTES", 1 << 60)
    JobFactory(due_at=timezone.now() - dt.timedelta(hours=1))
    response = client.get("/readyz")
    states = {name: check["state"] for name, check in response.json()["checks"].items()}
    assert response.status_code == 200
    assert {name for name, state in states.items() if state == "degraded"} == {"broker", "queue", "disk"}


def test_without_database_or_migrations_it_is_not_ready(client, monkeypatch):
    def refuses(*arguments, **options):
        raise DatabaseError("gone")

    monkeypatch.setattr(health.connection, "cursor", refuses)
    monkeypatch.setattr(health, "MigrationExecutor", refuses)
    monkeypatch.setattr(watch.queries, "queue_state", refuses)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert [name for name, check in response.json()["checks"].items() if check["state"] == "failed"] == [
        "database", "migrations", "queue", "registry",
    ]  # fmt: skip


@pytest.mark.django_db
def test_metrics_are_for_the_holder_of_the_token(client, settings):
    assert client.get("/metrics").status_code == 404
    settings.ATTEST_METRICS_TOKEN = "made-up"
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    JobFactory()
    ReceiptFactory()
    client.get("/healthz")
    client.get("/nothing-here-at-all")
    text = client.get("/metrics", headers={"Authorization": "Bearer made-up"}).content.decode()
    for line in ('attest_jobs{state="queued"} 1.0', "attest_receipts 1.0", "attest_database_up 1.0"):
        assert line in text
    assert 'view="healthz"' in text and 'view="unmatched"' in text and "nothing-here" not in text


@pytest.mark.django_db
def test_metrics_tell_collections_models_router_and_spend(client, settings, django_assert_max_num_queries):
    settings.ATTEST_METRICS_TOKEN = "made-up"
    CollectionFactory(source="github", state="complete", finished_at=timezone.now(), checkpoint={"points": 23})
    ModelVersionFactory()
    Spend.objects.create(name="day", day=timezone.now().date(), limit=5_000_000_000, spent=1_500_000_000, reserved=0)
    BreakerState.objects.create(target="small")
    with django_assert_max_num_queries(14):
        text = client.get("/metrics", headers={"Authorization": "Bearer made-up"}).content.decode()
    for line in (
        'attest_collections{state="complete"} 1.0',
        "attest_github_points_spent 23.0",
        "attest_model_versions{",
        'attest_router_breakers{state="closed"} 1.0',
        'attest_spend_usd{budget="day"} 1.5',
        'attest_budget_left_usd{budget="day"} 3.5',
        "attest_collection_age_seconds ",
    ):
        assert line in text, line


def test_metrics_say_when_the_database_is_down(monkeypatch):
    from config import metrics

    def refuses():
        raise DatabaseError("gone")

    monkeypatch.setattr(metrics.queries, "queue_state", refuses)
    families = list(metrics.StateCollector().collect())
    assert [(family.name, family.samples[0].value) for family in families] == [("attest_database_up", 0)]


def test_request_id_is_kept_when_plain_and_replaced_when_not(client):
    assert client.get("/healthz", headers={"X-Request-ID": "abcdef-123456"}).headers["X-Request-ID"] == "abcdef-123456"
    replaced = client.get("/healthz", headers={"X-Request-ID": "x y\tz"}).headers["X-Request-ID"]
    assert len(replaced) == 32 and replaced != client.get("/healthz").headers["X-Request-ID"]


def test_log_lines_are_json_with_ids_and_without_secrets(capsys):
    import structlog

    secret = "ghp_" + "a1B2" * 9
    entry = logs.json_formatter()
    formatter = entry.pop("()")(**entry)
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logger = logging.Logger("made-up")
    logger.addHandler(handler)
    with structlog.contextvars.bound_contextvars(request_id="r1", job_id=7):
        try:
            raise ValueError(f"token {secret}")
        except ValueError:
            logger.exception("failed for %s with %s", "ann@example.org", secret)
    line = json.loads(capsys.readouterr().err.strip())
    assert (line["request_id"], line["job_id"], line["level"], line["logger"]) == ("r1", 7, "error", "made-up")
    assert secret not in json.dumps(line) and "ann@" not in line["event"] and "ValueError" in line["exception"]
