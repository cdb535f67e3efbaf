"""The examples of the schema: each operation has its own, and they are what the schema and the code of today say."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from portfolio.rest.examples import recorded
from portfolio.rest.reference import document

OPERATIONS = {
    operation["operationId"]: operation for methods in document()["paths"].values() for operation in methods.values()
}


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    _, _, kind, name = part["$ref"].split("/")
    found: dict[str, Any] = document()["components"][kind][name]
    return found


def strict(schema: Any) -> Any:
    """The schema without room for names that it does not know: an example must not show what is gone."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(each) for key, each in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed


def check(value: Any, schema: dict[str, Any]) -> None:
    whole = {**strict(schema), "components": strict(document()["components"])}
    jsonschema.validate(value, whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


def examples(part: dict[str, Any]) -> list[tuple[Any, dict[str, Any]]]:
    """(value, schema) of each example of a body or an answer."""
    return [
        (resolved(example)["value"], content["schema"])
        for content in part.get("content", {}).values()
        for example in content.get("examples", {}).values()
    ]


def test_only_operations_that_exist_have_examples() -> None:
    assert set(recorded()["operations"]) == set(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_and_every_body_has_an_example_that_its_schema_allows(name: str) -> None:
    operation = OPERATIONS[name]
    for status, answer in operation["responses"].items():
        shown = examples(answer)
        assert shown or status in ("204", "304"), status
        for value, schema in shown:
            check(value, schema)
            assert status[0] == "2" or value["status"] == int(status)
    body = operation.get("requestBody", {})
    if body:
        [(value, schema)] = examples(body)
        check(value, schema)
