"""Bulk export: every record once, flat memory, an end that says whether it is complete."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from portfolio.access import services
from portfolio.access.models import ApiKey, Scope
from portfolio.rest import export
from tests.factories.collection import ChangedFileFactory, ChangeFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/changes/export/"


def lines(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in b"".join(answer.streaming_content).decode().splitlines()]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH", 3)


@pytest.mark.parametrize("count", [0, 2, 3, 7])
def test_every_record_comes_once_and_the_end_says_so(anyone: APIClient, count: int) -> None:
    made = [change.pk for change in ChangeFactory.create_batch(count)]
    answer = anyone.get(URL, headers={"accept": "application/x-ndjson"})
    assert answer["Content-Type"] == "application/x-ndjson"
    *rows, end = lines(answer)
    assert [row["id"] for row in rows] == made
    assert end == {"export": {"complete": True, "rows": count}}


def test_a_record_is_what_reading_it_gives(anyone: APIClient) -> None:
    change = ChangeFactory()
    ChangedFileFactory(change=change)
    row = lines(anyone.get(URL, {"include": "files,reviews,facts"}))[0]
    assert row == anyone.get(f"/api/v1/changes/{change.pk}/", {"include": "files,reviews,facts"}).json()
    assert set(lines(anyone.get(URL, {"fields": "id,title"}))[0]) == {"id", "title"}


def test_filters_hold_and_what_is_hidden_is_not_exported(anyone: APIClient, reader: APIClient) -> None:
    shown, _hidden = ChangeFactory(language="Rust"), ChangeFactory(language="Rust", is_hidden=True)
    ChangeFactory(language="C")
    assert [row["id"] for row in lines(anyone.get(URL, {"language": "Rust"}))[:-1]] == [shown.pk]
    assert len(lines(reader.get(URL, {"language": "Rust"}))) == 3


def test_it_goes_on_behind_the_last_record_that_was_received(anyone: APIClient) -> None:
    made = [change.pk for change in ChangeFactory.create_batch(5)]
    assert [row["id"] for row in lines(anyone.get(URL, {"after": made[2]}))[:-1]] == made[3:]
    for wrong in ("x", "-1", "9" * 30, "\u0661"):
        assert anyone.get(URL, {"after": wrong}).status_code == 400


def test_parameters_of_pages_are_none_of_an_export(anyone: APIClient) -> None:
    for name in ("limit", "cursor", "order", "sort"):
        refused = anyone.get(URL, {name: "1"})
        assert (refused.status_code, refused.json()["code"]) == (400, "unknown_parameter")


def test_queries_grow_with_the_batches_only(anyone: APIClient, django_assert_max_num_queries: Any) -> None:
    for change in ChangeFactory.create_batch(9):
        ChangedFileFactory(change=change)
    with django_assert_max_num_queries(3 * 4):
        lines(anyone.get(URL, {"include": "files"}))


def test_a_key_that_is_revoked_in_mid_stream_gets_no_further_batch(staff: User) -> None:
    ChangeFactory.create_batch(7)
    key, text = services.create_key(actor=staff, name="export", scopes=[Scope.READ_PRIVATE], now=timezone.now())
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    stream = iter(client.get(URL).streaming_content)
    assert next(stream).count(b"\n") == 3
    services.revoke_key(actor=staff, key=ApiKey.objects.get(pk=key.pk), now=timezone.now())
    rest = b"".join(stream).decode().splitlines()
    assert len(rest) == 1
    problem = json.loads(rest[0])["problem"]
    assert (problem["status"], problem["code"]) == (401, "authentication_failed")


def test_an_export_is_as_private_as_its_list(anyone: APIClient, client_with: Callable[..., APIClient]) -> None:
    for name in ("receipts", "jobs", "assumptions", "decisions", "predictions"):
        assert anyone.get(f"/api/v1/{name}/export/").status_code == 401
        assert client_with(Scope.COLLECT).get(f"/api/v1/{name}/export/").status_code == 403
        assert client_with(Scope.READ_PRIVATE).get(f"/api/v1/{name}/export/").status_code == 200
