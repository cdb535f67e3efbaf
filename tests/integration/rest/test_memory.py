"""The short memory of public answers: what is remembered, for whom, and that it is counted, compressed and dropped."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from portfolio.rest import conditions
from tests.factories.collection import ChangeFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/changes/"


def test_the_same_public_request_is_answered_without_a_query(anyone: APIClient, django_assert_num_queries: Any) -> None:
    ChangeFactory.create_batch(3)
    first = anyone.get(URL)
    with django_assert_num_queries(0):
        again = anyone.get(URL)
        unchanged = anyone.get(URL, headers={"if-none-match": first["ETag"]})
    assert (again.content, again["ETag"], again["Content-Type"]) == (first.content, first["ETag"], "application/json")
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_page_keeps_its_tag_while_nothing_changes(reader: APIClient) -> None:
    ChangeFactory.create_batch(3)
    tags = {reader.get(URL, {"limit": 1})["ETag"] for _ in range(2)}
    assert len(tags) == 1
    ChangeFactory()
    assert reader.get(URL, {"limit": 1})["ETag"] not in tags


def test_who_shows_a_key_is_answered_from_the_database(anyone: APIClient, reader: APIClient) -> None:
    anyone.get(URL)
    ChangeFactory(is_hidden=True)
    assert len(reader.get(URL).json()["results"]) == 1
    assert anyone.get(URL).json()["results"] == []


def test_another_representation_is_another_answer(anyone: APIClient) -> None:
    assert anyone.get(URL)["Content-Type"] == "application/json"
    assert anyone.get(URL, headers={"accept": "text/html"})["Content-Type"].startswith("text/html")


def test_remembered_answers_count_as_requests(anyone: APIClient, settings: Any) -> None:
    settings.ATTEST_API_RATE_ANONYMOUS = 2
    assert [anyone.get(URL).status_code for _ in range(4)] == [200, 200, 429, 429]


def test_what_is_large_is_computed_each_time(
    anyone: APIClient, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(conditions, "LARGEST", 10)
    anyone.get(URL)
    with django_assert_num_queries(1):
        anyone.get(URL)


def test_answers_are_compressed_for_who_asks(anyone: APIClient) -> None:
    ChangeFactory.create_batch(5)
    packed = anyone.get(URL, headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(anyone.get(URL).content) / 3
    again = anyone.get(URL, headers={"accept-encoding": "gzip", "if-none-match": packed["ETag"]})
    assert again.status_code == 304
    packed = anyone.get(f"{URL}export/", headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
