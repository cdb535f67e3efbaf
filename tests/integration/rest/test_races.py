"""Requests that meet: two with one idempotency key at once, against a real server."""

import json
import threading
import urllib.error
import urllib.request
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.utils import timezone

from analysis import services as analysis
from jobs.models import Job
from portfolio.access import services
from portfolio.access.models import Scope
from tests.factories.collection import RepositoryFactory


def post(url: str, key: str, source: str) -> tuple[int, dict[str, Any], str]:
    request = urllib.request.Request(  # noqa: S310  the test's own server
        f"{url}/api/v1/collect/",
        json.dumps({"source": source}).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Idempotency-Key": "one"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, json.load(answer), answer.headers.get("Idempotent-Replayed", "")
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), ""


@pytest.mark.django_db(transaction=True)
def test_two_requests_with_one_key_at_once_happen_once(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    user = User.objects.create_user("owner", is_staff=True)
    _, key = services.create_key(actor=user, name="race", scopes=[Scope.COLLECT], now=timezone.now())
    repository = RepositoryFactory(url="https://example.org/made-up/repository")
    begun, go_on = threading.Event(), threading.Event()
    really = analysis.request_collection

    def slowly(**given: Any) -> Job:
        begun.set()
        assert go_on.wait(30)
        return really(**given)

    monkeypatch.setattr(analysis, "request_collection", slowly)
    found: list[tuple[int, dict[str, Any], str]] = []
    first = threading.Thread(target=lambda: found.append(post(live_server.url, key, repository.key)))
    first.start()
    assert begun.wait(30)
    status, problem, _ = post(live_server.url, key, repository.key)
    assert (status, problem["code"]) == (409, "idempotency_in_progress")
    go_on.set()
    first.join(30)
    again = post(live_server.url, key, repository.key)
    connections.close_all()
    assert [found[0][0], again[0]] == [202, 202]
    assert (again[1], again[2]) == (found[0][1], "true")
    assert Job.objects.count() == 1
