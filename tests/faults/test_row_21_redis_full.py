"""Row 21: Redis is full. Asking for a job works, the row stays pending with a warning, and is sent later."""

import logging

import pytest
import redis
from django.utils import timezone

from jobs import sending
from jobs.models import Job, State
from jobs.services import enqueue
from tests.faults.workers import Installation, until
from tests.servers import Redis


def test_job_waits_in_the_database_while_redis_is_full(
    place: Installation, own_redis: Redis, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis.Redis.from_url(own_redis.url) as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.set("ballast", "x" * 2_000_000)
        client.config_set("maxmemory", "1mb")
        with caplog.at_level(logging.WARNING, "jobs.sending"):
            job = enqueue(kind="steps", args={"name": "full", "count": 1})
        assert Job.objects.get(pk=job.pk).state == State.QUEUED
        assert "stays queued" in caplog.text
        client.config_set("maxmemory", "0")
    monkeypatch.setattr(sending, "_paused_until", 0.0)
    assert sending.send_pending(timezone.now()) == 1
    place.worker("--concurrency", "1")
    until(lambda: Job.objects.get(pk=job.pk).state == State.DONE)
