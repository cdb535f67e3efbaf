"""The schema as JSON and a reference page that the server renders from it, without any script."""

import json
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document; the code does not change while a process runs."""
    schema: dict[str, Any] = SchemaGenerator(api_version="v1").get_schema(request=None, public=True)
    return schema


@require_safe
def schema(request: HttpRequest) -> JsonResponse:
    return JsonResponse(document(), content_type="application/vnd.oai.openapi+json", json_dumps_params={"indent": 1})


def _title(operation: dict[str, Any]) -> str:
    """What an operation does, with the apostrophe that the other pages have."""
    return str(operation.get("summary") or operation["operationId"].replace("_", " ")).replace("'", "’")


def shape(schema: dict[str, Any]) -> str:
    """A type in a few words: "string (date-time)", "array of Change", "integer or null"."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[1])
    for joint in ("oneOf", "anyOf", "allOf"):
        if joint in schema:
            return " or ".join(dict.fromkeys(shape(part) for part in schema[joint]))
    if "enum" in schema:
        return "one of " + ", ".join("null" if value is None else str(value) or "empty" for value in schema["enum"])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"array of {shape(schema.get('items', {}))}"
    text = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{text} ({schema['format']})" if "format" in schema else text


def _object(schema: dict[str, Any]) -> str:
    """The named object that this is, or that it is an array of."""
    found = schema.get("$ref") or schema.get("items", {}).get("$ref") or ""
    return str(found).rsplit("/", 1)[-1]


def _content(part: dict[str, Any]) -> dict[str, Any]:
    """The schema of a body or an answer; of several forms the first."""
    contents = part.get("content", {})
    return dict(next(iter(contents.values())).get("schema", {})) if contents else {}


def _shown(schema: dict[str, Any]) -> dict[str, str]:
    return {"shape": shape(schema) if schema else "", "object": _object(schema)}


def _example(part: dict[str, Any]) -> str:
    """The recorded example of a body or an answer as text."""
    for content in part.get("content", {}).values():
        for example in content.get("examples", {}).values():
            value = example["value"]
            return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return ""


def operations() -> list[dict[str, Any]]:
    """Every operation grouped by tag, plain values for the template."""
    tags: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            tags.setdefault(operation.get("tags", ["other"])[0], []).append(
                {
                    "id": operation["operationId"],
                    "method": method.upper(),
                    "path": path,
                    "summary": _title(operation),
                    "description": operation.get("description", ""),
                    "parameters": [{**p, "shape": shape(p.get("schema", {}))} for p in operation.get("parameters", [])],
                    "body": _shown(_content(operation.get("requestBody", {}))),
                    "sent": _example(operation.get("requestBody", {})),
                    "told": next((_example(each) for at, each in operation["responses"].items() if at[0] == "2"), ""),
                    "responses": [
                        {"status": status, "description": answer.get("description", ""), **_shown(_content(answer))}
                        for status, answer in sorted(operation["responses"].items())
                    ],
                }
            )
    return [{"name": name, "operations": listed} for name, listed in sorted(tags.items())]


def components() -> list[dict[str, Any]]:
    """The named objects with their fields."""
    found = document().get("components", {}).get("schemas", {})
    return [
        {
            "name": name,
            "description": schema.get("description", ""),
            "enum": [] if "properties" in schema else schema.get("enum", []),
            "fields": [
                {
                    "name": field,
                    "description": part.get("description", ""),
                    **_shown(part),
                    "required": field in schema.get("required", ()),
                }
                for field, part in schema.get("properties", {}).items()
            ],
        }
        for name, schema in sorted(found.items())
    ]


@lru_cache(maxsize=1)
def listed() -> SafeString:
    """All operations and objects as the page lists them: as lasting as the document, and long to write anew."""
    context = {"tags": operations(), "components": components()}
    return render_to_string("_partials/api_operations.html", context)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "portfolio/api_reference.html", {"operations": listed()})
