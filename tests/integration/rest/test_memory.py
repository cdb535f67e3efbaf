"""The short memory of public answers: what is remembered, for whom, and that it is counted, compressed and dropped."""

from typing import Any
from unittest.mock import patch

import pytest
from rest_framework.test import APIClient

from analysis import services as analysis
from analysis.models import Change
from evidence import audit
from evidence.models import AuditEntry
from portfolio.rest import conditions
from tests.factories.collection import ChangeFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/changes/"


def test_the_same_public_request_costs_one_small_query(anyone: APIClient, django_assert_num_queries: Any) -> None:
    ChangeFactory.create_batch(3)
    first = anyone.get(URL)
    with django_assert_num_queries(1):
        again = anyone.get(URL)
    with django_assert_num_queries(1):
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
    with django_assert_num_queries(2):
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


def test_what_was_hidden_is_not_given_from_memory(anyone: APIClient) -> None:
    change = ChangeFactory()
    read = {address: anyone.get(address) for address in (URL, f"{URL}{change.pk}/", f"{URL}?fields=title")}
    analysis.set_change_hidden(change=change, hidden=True, actor=None)
    assert anyone.get(URL, headers={"if-none-match": read[URL]["ETag"]}).json()["results"] == []
    assert anyone.get(f"{URL}{change.pk}/").status_code == 404
    assert anyone.get(f"{URL}?fields=title").json()["results"] == []


def test_an_act_with_a_smaller_id_that_is_committed_last_ends_what_is_remembered(anyone: APIClient) -> None:
    """Two acts at once: the larger id is there already when the smaller one, which hides, is committed."""
    change = ChangeFactory()
    late = audit.record(actor=None, action="test.hide").pk
    AuditEntry.objects.bulk_create([AuditEntry(actor="test", action="test.other") for _ in range(3)])
    seen_before = [pk for pk in audit.latest(conditions.ENTRIES) if pk != late]
    with patch.object(audit, "latest", return_value=seen_before):
        assert anyone.get(URL).json()["results"]
    Change.objects.filter(pk=change.pk).update(is_hidden=True)
    assert anyone.get(URL).json()["results"] == []


def test_an_answer_that_is_read_while_an_act_is_committed_is_not_remembered_after_it(anyone: APIClient) -> None:
    change = ChangeFactory()
    really = conditions.remember

    def meanwhile(request: Any, response: Any) -> None:
        analysis.set_change_hidden(change=change, hidden=True, actor=None)
        really(request, response)

    with patch.object(conditions, "remember", meanwhile):
        assert anyone.get(URL).json()["results"]
    assert anyone.get(URL).json()["results"] == []


def test_others_may_keep_public_answers_and_have_to_ask(anyone: APIClient, reader: APIClient) -> None:
    assert anyone.get(URL)["Cache-Control"] == "public, no-cache"
    assert reader.get(URL)["Cache-Control"] == "private, no-cache"
