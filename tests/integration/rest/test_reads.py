"""Lists and records: what is seen, in which order, at what cost, and what bad input gets."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from analysis.models import Change
from portfolio.rest.reference import document
from tests.factories.collection import (
    ChangedFileFactory,
    ChangeFactory,
    ChangeTextFactory,
    CollectionFactory,
    RepositoryFactory,
)
from tests.factories.evidence import ReceiptFactory

pytestmark = pytest.mark.django_db
CHANGES = "/api/v1/changes/"


def test_a_visitor_sees_what_is_published_and_a_reader_everything(anyone: APIClient, reader: APIClient) -> None:
    shown = ChangeFactory()
    hidden = ChangeFactory(is_hidden=True)
    private = ChangeFactory(repository__is_private=True)
    assert [row["id"] for row in anyone.get(CHANGES).json()["results"]] == [shown.pk]
    assert {row["id"] for row in reader.get(CHANGES).json()["results"]} == {shown.pk, hidden.pk, private.pk}
    assert anyone.get(f"{CHANGES}{hidden.pk}/").status_code == 404
    assert reader.get(f"{CHANGES}{hidden.pk}/").status_code == 200


def test_a_key_without_the_scope_reads_what_is_public(client_with: Callable[..., APIClient]) -> None:
    ChangeFactory(is_hidden=True)
    assert client_with().get(CHANGES).json()["results"] == []


def test_next_and_prev_walk_the_whole_list_once(anyone: APIClient) -> None:
    made = [ChangeFactory().pk for _ in range(7)]
    url, seen = f"{CHANGES}?limit=3", []
    while url:
        page = anyone.get(url).json()
        seen.append([row["id"] for row in page["results"]])
        last, url = page, page["next"]
    assert [pk for page in seen for pk in page] == made[::-1]
    back = anyone.get(last["prev"]).json()
    assert [row["id"] for row in back["results"]] == seen[1]


def test_rows_with_one_time_are_neither_lost_nor_doubled(anyone: APIClient) -> None:
    first = ChangeFactory()
    made = {first.pk, *(ChangeFactory(merged_at=first.merged_at).pk for _ in range(5))}
    page, seen = anyone.get(f"{CHANGES}?limit=2&order=time").json(), []
    while True:
        seen += [row["id"] for row in page["results"]]
        if not page["next"]:
            break
        page = anyone.get(page["next"]).json()
    assert len(seen) == 6
    assert set(seen) == made


def test_a_list_takes_few_queries_whatever_it_includes(
    anyone: APIClient, django_assert_max_num_queries: Callable[[int], CaptureQueriesContext]
) -> None:
    for _ in range(12):
        change = ChangeFactory()
        ChangedFileFactory.create_batch(3, change=change)
        ChangeTextFactory(change=change)
    with django_assert_max_num_queries(6):
        rows = anyone.get(f"{CHANGES}?include=files,texts").json()["results"]
    assert all(len(row["files"]) == 3 and len(row["texts"]) == 1 for row in rows)


def test_sparse_fields_and_includes(anyone: APIClient) -> None:
    change = ChangeFactory()
    assert anyone.get(f"{CHANGES}{change.pk}/?fields=id,title").json() == {"id": change.pk, "title": change.title}
    assert "files" not in anyone.get(f"{CHANGES}{change.pk}/").json()


@pytest.mark.parametrize(
    ("query", "code", "named"),
    [
        ("limit=0", "invalid", "200"),
        ("limit=-1", "invalid", "200"),
        ("limit=99999999999999999999", "invalid", "200"),
        ("order=colour", "invalid", "time"),
        ("colour=red", "unknown_parameter", "repository"),
        ("fields=colour", "invalid", "title"),
        ("include=colour", "invalid", "files"),
        ("cursor=forged", "invalid_cursor", "next"),
        ("kind=colour", "invalid", ""),
        ("since=yesterday", "invalid", ""),
        ("number=1e999", "invalid", ""),
        ("number=-1", "invalid", ""),
        ("repository=-7.3%2B200", "invalid", ""),
        ("repository=9223372036854775808", "invalid", ""),
        ("search=" + "x" * 10_000, "invalid", "200"),
        ("language=%00", "invalid", "NUL"),
    ],
)
def test_bad_parameters_get_a_problem_that_helps(anyone: APIClient, query: str, code: str, named: str) -> None:
    answer = anyone.get(f"{CHANGES}?{query}")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert named in str(problem)
    assert problem["hint"]


@pytest.mark.parametrize("name", ["repository", "number"])
def test_the_largest_number_that_is_taken_finds_nothing(anyone: APIClient, name: str) -> None:
    ChangeFactory()
    found = anyone.get(CHANGES, {name: str(2**63 - 1)})
    assert (found.status_code, found.json()["results"]) == (200, [])


def test_a_cursor_of_another_order_is_refused(anyone: APIClient) -> None:
    ChangeFactory.create_batch(3)
    cursor = anyone.get(f"{CHANGES}?limit=1").json()["next"].split("cursor=")[1].split("&")[0]
    assert anyone.get(f"{CHANGES}?limit=1&order=time&cursor={cursor}").json()["code"] == "invalid_cursor"


def test_a_cursor_of_another_list_is_refused(reader: APIClient) -> None:
    """The keys of one list are text and those of another numbers: the cursor must not reach the database."""
    ReceiptFactory.create_batch(2)
    cursor = reader.get("/api/v1/receipts/?limit=1&order=id").json()["next"].split("cursor=")[1].split("&")[0]
    assert reader.get(f"/api/v1/receipts/?limit=1&order=id&cursor={cursor}").status_code == 200
    refused = reader.get(f"/api/v1/repositories/?limit=1&order=id&cursor={cursor}")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize("order", ["id", "-id", "time", "-time"])
def test_a_cursor_whose_row_is_gone_leads_on_behind_it(anyone: APIClient, order: str) -> None:
    for _ in range(5):
        ChangeFactory()
    whole = [row["id"] for row in anyone.get(f"{CHANGES}?order={order}").json()["results"]]
    first = anyone.get(f"{CHANGES}?limit=2&order={order}").json()
    Change.objects.filter(pk=whole[1]).delete()
    second = anyone.get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == whole[2:4]
    Change.objects.filter(pk=whole[2]).delete()
    back = anyone.get(second["prev"]).json()
    assert [row["id"] for row in back["results"]] == whole[:1]


def test_search_takes_wildcards_literally(anyone: APIClient) -> None:
    ChangeFactory(title="Halve 100% of it")
    ChangeFactory(title="Halve it")
    found = anyone.get(CHANGES, {"search": "100%"}).json()["results"]
    assert [row["title"] for row in found] == ["Halve 100% of it"]
    assert anyone.get(CHANGES, {"search": "_"}).json()["results"] == []


def test_an_unchanged_answer_is_304_and_a_changed_one_is_not(anyone: APIClient) -> None:
    change = ChangeFactory()
    url = f"{CHANGES}{change.pk}/"
    tag = anyone.get(url)["ETag"]
    again = anyone.get(url, HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert anyone.get(url, HTTP_IF_NONE_MATCH='"other"').status_code == 200


def test_a_readers_answer_is_private_and_tagged(reader: APIClient) -> None:
    change = ChangeFactory(is_hidden=True)
    answer = reader.get(f"{CHANGES}{change.pk}/")
    assert answer["Cache-Control"] == "private, no-cache"
    assert reader.get(f"{CHANGES}{change.pk}/", HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304


def test_ledger_of_a_collection_is_shown(anyone: APIClient) -> None:
    run = CollectionFactory(state="partial", reason="The source holds 3 changes, 2 are stored.", held={"changes": 3})
    row = anyone.get(f"/api/v1/collections/{run.pk}/").json()
    assert (row["state"], row["held"], row["stored"]) == ("partial", {"changes": 3}, {"changes": 1})


def test_hidden_repositories_are_not_listed(anyone: APIClient) -> None:
    RepositoryFactory(is_hidden=True)
    shown = RepositoryFactory()
    assert [row["key"] for row in anyone.get("/api/v1/repositories/").json()["results"]] == [shown.key]


def test_missing_record_and_wrong_method(anyone: APIClient, reader: APIClient) -> None:
    assert anyone.get(f"{CHANGES}999999/").json()["code"] == "not_found"
    refused = reader.delete(f"{CHANGES}1/")
    assert (refused.status_code, refused.json()["code"]) in ((405, "method_not_allowed"), (403, "permission_denied"))


def test_limit_tells_how_long_to_wait(anyone: APIClient, settings: object) -> None:
    settings.ATTEST_API_RATE_ANONYMOUS = 2  # type: ignore[attr-defined]
    first = anyone.get(CHANGES)
    assert first["RateLimit"].startswith('"minute";r=1;t=')
    anyone.get(CHANGES)
    refused = anyone.get(CHANGES)
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert 1 <= int(refused["Retry-After"]) <= 61


def test_an_address_that_is_not_there_is_a_problem_too(anyone: APIClient) -> None:
    answer = anyone.get("/api/v1/changes/0.5/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("value", ["1e266", "-1", "9223372036854775808", "1.5", "²"])
def test_a_number_that_no_column_holds_is_refused_by_every_filter(reader: APIClient, value: str) -> None:
    operations = {path: item["get"] for path, item in document()["paths"].items() if "get" in item and "{" not in path}
    asked = [
        (path, parameter["name"])
        for path, operation in operations.items()
        for parameter in operation.get("parameters", [])
        if parameter["schema"].get("type") in ("integer", "number") and parameter["name"] != "limit"
    ]
    assert len(asked) >= 6
    for path, name in asked:
        assert reader.get(path, {name: value}).status_code == 400, f"{path}?{name}"


@pytest.mark.parametrize("path", ["decisions/%0A/", "no/such%0Athing", "models/%01%0A/"])
def test_an_address_with_a_line_break_gets_a_problem_and_no_page(path: str, client: Client) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 404 and answer["Content-Type"] == "application/problem+json"
