"""Requests that meet: two with one idempotency key at once, two writers of one record, against a real server."""

import json
import threading
import urllib.error
import urllib.request
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.utils import timezone

from analysis import services as analysis
from evidence.models import AuditEntry
from jobs.models import Job
from portfolio.access import services
from portfolio.access.models import Scope
from portfolio.rest.evidence_resources import ChangeViewSet
from tests.factories.collection import ChangeFactory, RepositoryFactory


def send(method: str, url: str, key: str, body: dict[str, Any], **headers: str) -> tuple[int, dict[str, Any], Any]:
    """(status, answer, its headers) of one write."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(  # noqa: S310  the test's own server
        url, json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **named}, method=method,
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, json.load(answer), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), error.headers


def post(url: str, key: str, source: str) -> tuple[int, dict[str, Any], str]:
    status, answer, headers = send("POST", f"{url}/api/v1/collect/", key, {"source": source}, Idempotency_Key="one")
    return status, answer, headers.get("Idempotent-Replayed", "")


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
    if connection.vendor == "sqlite":  # one writer at a time: the second waits for the first and gets its answer
        go_on.set()
        assert post(live_server.url, key, repository.key)[::2] == (202, "true")
    else:
        status, problem, _ = post(live_server.url, key, repository.key)
        assert (status, problem["code"]) == (409, "idempotency_in_progress")
        go_on.set()
    first.join(30)
    again = post(live_server.url, key, repository.key)
    connections.close_all()
    assert [found[0][0], again[0]] == [202, 202]
    assert (again[1], again[2]) == (found[0][1], "true")
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.servers
def test_of_two_who_write_what_they_both_read_one_is_told(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes while the first holds the record: it waits for the lock, and then it is another record."""
    user = User.objects.create_user("owner", is_staff=True)
    _, key = services.create_key(actor=user, name="race", scopes=[Scope.CURATE, Scope.READ_PRIVATE], now=timezone.now())
    url = f"{live_server.url}/api/v1/changes/{ChangeFactory().pk}/"
    with urllib.request.urlopen(url, timeout=30) as read:  # noqa: S310  the test's own server
        tag = read.headers["ETag"]
    holds, came = threading.Event(), threading.Event()
    really, find = analysis.set_change_hidden, ChangeViewSet.get_object

    def slowly(**given: Any) -> None:
        holds.set()
        assert came.wait(30)
        really(**given)

    def found(view: ChangeViewSet) -> Any:
        if holds.is_set():
            came.set()
        return find(view)

    monkeypatch.setattr(analysis, "set_change_hidden", slowly)
    monkeypatch.setattr(ChangeViewSet, "get_object", found)
    answers: list[tuple[int, dict[str, Any], Any]] = []
    write = lambda: answers.append(send("PATCH", url, key, {"is_hidden": True}, If_Match=tag))  # noqa: E731  twice
    threads = [threading.Thread(target=write) for _ in range(2)]
    threads[0].start()
    assert holds.wait(30)
    threads[1].start()
    for thread in threads:
        thread.join(60)
    connections.close_all()
    assert sorted(status for status, _, _ in answers) == [200, 412]
    assert AuditEntry.objects.filter(action__contains="hid").count() == 1
