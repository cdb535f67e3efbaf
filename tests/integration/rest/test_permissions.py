"""Every address of the API x every caller: writes are refused without a scope, and no answer is an error of ours."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from portfolio.access.models import Scope
from portfolio.rest.reference import document

pytestmark = pytest.mark.django_db
EXAMPLES = {"id": "1", "form": "md", "model": "change-type"}
IDS = {"/api/v1/receipts/{id}/": "0" * 64, "/api/v1/decisions/{id}/": "0" * 24}


def addresses() -> Iterator[tuple[str, str]]:
    for method, example, _ in operations():
        yield method, example


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, an address, what the schema says) of every operation."""
    for path, methods in document()["paths"].items():
        example = path
        for stem, value in IDS.items():
            example = example.replace(stem, stem.replace("{id}", value))
        for name, value in EXAMPLES.items():
            example = example.replace(f"{{{name}}}", value)
        for method, operation in methods.items():
            yield method, example, operation


WRITES = [(method, path) for method, path in addresses() if method != "get"]
PRIVATE = {
    *(
        f"/api/v1/{name}/{tail}"
        for name in (
            "jobs", "assumptions", "decisions", "predictions", "text-drafts", "report-schedules", "report-deliveries",
            "working-copies/case-studies", "working-copies/posts",
        )
        for tail in ("", f"{'0' * 24 if name == 'decisions' else 1}/", "export/")
    ),
    "/api/v1/receipts/", "/api/v1/receipts/export/",
}  # fmt: skip


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_writes_are_refused_without_a_scope(
    method: str, path: str, anyone: APIClient, client_with: Callable[..., APIClient], outsider: User
) -> None:
    assert getattr(anyone, method)(path, {}).status_code == 401
    assert getattr(client_with(), method)(path, {}).status_code == 403
    assert getattr(client_with(Scope.READ_PRIVATE), method)(path, {}).status_code == 403
    assert getattr(client_with(*Scope.values, owner=outsider), method)(path, {}).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [(method, path, op["security"][0]["key"][0]) for method, path, op in operations() if {} not in op["security"]],
)
def test_the_scope_that_the_schema_names_is_the_one_that_opens(
    method: str, path: str, scope: str, client_with: Callable[..., APIClient]
) -> None:
    others = set(Scope.values) - {scope}
    assert getattr(client_with(*others), method)(path, {}).status_code == 403
    assert getattr(client_with(scope), method)(path, {}).status_code not in (401, 403)


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_writes_with_every_scope_reach_the_work(method: str, path: str, client_with: Callable[..., APIClient]) -> None:
    assert getattr(client_with(*Scope.values), method)(path, {}).status_code in (200, 201, 202, 400, 404, 409, 428)


@pytest.mark.parametrize("path", [path for method, path in addresses() if method == "get"])
def test_reads_answer_everyone_without_an_error_of_ours(
    path: str, anyone: APIClient, client_with: Callable[..., APIClient], outsider: User
) -> None:
    expected = {401} if path in PRIVATE else {200, 404}
    assert anyone.get(path).status_code in expected
    assert client_with(owner=outsider).get(path).status_code in ({403} if path in PRIVATE else {200, 404})
    assert client_with(*Scope.values).get(path).status_code in {200, 404}
