"""The OpenAPI document and its page."""

import re
from typing import Any

import pytest
from django.test import Client

from portfolio.rest import reference
from portfolio.templatetags.pages import coded


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return reference.document()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, op) for path, methods in document["paths"].items() for method, op in methods.items()]


def test_every_operation_says_what_it_does_and_what_can_go_wrong(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        assert operation.get("summary"), f"{method} {path} has no summary"
        assert {"400", "401", "403", "404", "429"} <= set(operation["responses"]), f"{method} {path}"
        bodiless = {status for status, answer in operation["responses"].items() if "content" not in answer}
        assert bodiless <= {"204", "304"}, f"{method} {path}"


def test_an_operation_says_who_may_and_what_a_list_can_be_asked(document: dict[str, Any]) -> None:
    """A client programmer reads the scope, the fields and the searched names from the schema, not from a refusal."""
    for path, method, operation in operations(document):
        who = operation["description"].rsplit("\n", 1)[-1]
        assert who == "Public." or who.startswith("Needs a key with `"), f"{method} {path}"
        assert ({} in operation["security"]) == (who == "Public."), f"{method} {path}"
        assert "Retry-After" in operation["responses"]["429"]["headers"]
    changes = document["paths"]["/api/v1/changes/"]["get"]
    said = {each["name"]: each.get("description", "") for each in changes["parameters"]}
    assert "title" in said["search"] and "`landed`" in said["fields"] and "`reviews`" in said["include"]
    assert "ETag" in changes["responses"]["200"]["headers"]
    assert "search" not in {each["name"] for each in document["paths"]["/api/v1/jobs/"]["get"]["parameters"]}


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))


def test_version_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")


def test_no_id_could_be_an_address_beside_the_records(document: dict[str, Any]) -> None:
    """An id that "export" matched would be documented as a record and answered as the export."""
    for path, _, operation in operations(document):
        if not path.endswith("/{id}/"):
            continue
        [pattern] = [each["schema"]["pattern"] for each in operation["parameters"] if each["name"] == "id"]
        stem = path.removesuffix("{id}/")
        beside = {other.removeprefix(stem).split("/")[0] for other in document["paths"] if other.startswith(stem)}
        assert not [name for name in beside - {"", "{id}"} if re.search(pattern, name)], path


@pytest.mark.django_db
def test_reference_page_lists_every_operation_without_a_script(client: Client, document: dict[str, Any]) -> None:
    page = client.get("/api/").content.decode()
    for path, _, operation in operations(document):
        assert f'id="{operation["operationId"]}"' in page, path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a `b` c", "a <code>b</code> c"),
        ("``<b>`` and on", "<code>&lt;b&gt;</code> and on"),
        ("<i> & `x", "&lt;i&gt; &amp; <code>x</code>"),
    ],
)
def test_a_description_is_escaped_with_its_code_marked(text: str, shown: str) -> None:
    assert coded(text) == shown
