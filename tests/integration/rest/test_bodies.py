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


def test_a_whole_number_may_have_a_point(client_with: Callable[..., APIClient]) -> None:
    """JSON knows one kind of number: 60.0 is 60."""
    assert client_with(*Scope.values).post("/api/v1/assumptions/", {**RATE, "low": 60.0}).status_code == 201
