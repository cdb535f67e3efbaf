"""Bodies of the wrong types: told by their field, never read as something else."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from portfolio.access.models import Scope
from tests.factories.collection import ChangeFactory

pytestmark = pytest.mark.django_db
ANY = {"if-match": "*"}
RATE = {
    "name": "rate",
    "role": "rate",
    "unit": "USD/hour",
    "low": 60,
    "high": 120,
    "source": "x",
    "dated": "2026-05-01",
}
TASK = {"task": "summarise", "documents": [{"name": "a", "text": "The index is read once."}]}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("assumptions/", {**RATE, "name": 5}, "/name"),
        ("assumptions/", {**RATE, "low": "60"}, "/low"),
        ("assumptions/", {**RATE, "low": True}, "/low"),
        ("assumptions/", {**RATE, "role": 1}, "/role"),
        ("assumptions/", {**RATE, "dated": 20260501}, "/dated"),
        ("route/", {**TASK, "private": 0}, "/private"),
        ("route/", {**TASK, "private": "no"}, "/private"),
        ("route/", {**TASK, "documents": [{"name": 1, "text": "b"}]}, "/documents/0/name"),
        ("reports/", {"reader": "peer", "period": "year", "day": "2026-01-01", "repository": "1"}, "/repository"),
        ("working-copies/posts/", {"slug": "why", "title": "Why", "tags": ["a", 2]}, "/tags/1"),
        ("working-copies/posts/", {"slug": 0, "title": "Why"}, "/slug"),
    ],
)
def test_another_type_is_told_by_its_field(
    client_with: Callable[..., APIClient], path: str, body: dict[str, Any], field: str
) -> None:
    refused = client_with(*Scope.values).post(f"/api/v1/{path}", body)
    assert refused.status_code == 400, refused.json()
    [error] = refused.json()["errors"]
    assert (error["field"], error["code"]) == (field, "invalid_type")


@pytest.mark.parametrize("hidden", [0, 1, "true", "false", "yes", []])
def test_only_true_and_false_hide(client_with: Callable[..., APIClient], hidden: Any) -> None:
    change = ChangeFactory.create()
    url = f"/api/v1/changes/{change.pk}/"
    assert client_with(*Scope.values).patch(url, {"is_hidden": hidden}, headers=ANY).status_code == 400
    change.refresh_from_db()
    assert change.is_hidden is False


@pytest.mark.parametrize("name", ["nmae", "version", "a/b~c", "__class__"])
def test_an_unknown_field_is_told_with_the_known_ones(client_with: Callable[..., APIClient], name: str) -> None:
    refused = client_with(*Scope.values).post("/api/v1/assumptions/", {**RATE, name: "rate"})
    assert refused.status_code == 400
    [error] = refused.json()["errors"]
    assert error["field"] == "/" + name.replace("~", "~0").replace("/", "~1")
    assert error["code"] == "unknown_field" and "name, role" in error["message"]


@pytest.mark.parametrize(
    ("times", "field"),
    [
        ({"period": "range", "day": "2026-01-01", "until": "0001-01-01"}, "/until"),
        ({"period": "range", "day": "9999-12-31", "until": "9999-12-31"}, "/until"),
        ({"period": "range", "day": "0001-01-01"}, "/day"),
        ({"period": "week", "day": "9999-12-31"}, "/day"),
    ],
)
def test_a_day_at_the_end_of_time_is_told(
    client_with: Callable[..., APIClient], times: dict[str, str], field: str
) -> None:
    refused = client_with(*Scope.values).post("/api/v1/reports/", {"reader": "peer", **times})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize("body", ["null", "[]", '"a"', "1"])
def test_a_body_that_is_no_object_is_told_of_the_whole(client_with: Callable[..., APIClient], body: str) -> None:
    client = client_with(*Scope.values)
    refused = client.post("/api/v1/assumptions/", body, content_type="application/json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "/")


def test_a_whole_number_may_have_a_point(client_with: Callable[..., APIClient]) -> None:
    """JSON knows one kind of number: 60.0 is 60."""
    assert client_with(*Scope.values).post("/api/v1/assumptions/", {**RATE, "low": 60.0}).status_code == 201
