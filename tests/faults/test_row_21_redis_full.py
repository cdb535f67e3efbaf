"""Row 21: Redis is full. Asking for a job works, the row stays pending with a warning, an old queue raises the alarm,
and the worker sends it by itself once there is room."""

import datetime as dt
import logging

import pytest
import redis
from django.db.models import F

from config import health, watch
from jobs.models import Job, State
from jobs.services import enqueue
from tests.faults.workers import Installation, until
from tests.servers import Redis


def test_job_waits_in_the_database_while_redis_is_full(
    place: Installation, own_redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    with redis.Redis.from_url(own_redis.url) as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.set("ballast", "x" * 2_000_000)
        client.config_set("maxmemory", "1mb")
        with caplog.at_level(logging.WARNING, "jobs.sending"):
            job = enqueue(kind="steps", args={"name": "full", "count": 1})
        assert Job.objects.get(pk=job.pk).state == State.QUEUED
        assert "stays queued" in caplog.text
        place.worker("--concurrency", "1")
        until(lambda: "stays queued" in place.log.read_text(), 180)
        assert Job.objects.get(pk=job.pk).state == State.QUEUED, "the worker's own sending is refused as well"
        Job.objects.update(due_at=F("due_at") - dt.timedelta(seconds=watch.OLD_QUEUE_SECONDS + 60))
        assert {f.name: f.state for f in health.examine()}["queue"] == "degraded"
        [rule] = [rule for rule in watch.RULES if rule["model"] == "system:queue_seconds"]
        assert watch.queue_seconds() > rule["threshold"] and rule["severity"] == "critical"
        client.config_set("maxmemory", "0")
        until(lambda: Job.objects.get(pk=job.pk).state == State.DONE, 180)
