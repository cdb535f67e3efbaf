"""Parameters and headers that several operations document."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter

SEARCH_LENGTH = 200

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag that reading the record gave, or * to overwrite whatever stands",
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="Sent twice with one key, the request happens once"
)


def of_reading(view: Any) -> list[OpenApiParameter]:
    """``search``, ``fields`` and ``include`` of a resource, as far as it has them."""
    action, found = getattr(view, "action", None), []
    if action in ("list", "export") and view.search_fields:
        where = ", ".join(name.split("__")[-1] for name in view.search_fields)
        found.append(
            OpenApiParameter(
                "search", {"type": "string", "maxLength": SEARCH_LENGTH},
                description=f"Part of {where}, in whatever case; wildcards stand for themselves",
            )
        )  # fmt: skip
    columns = getattr(view.get_serializer_class(), "columns", None) if action in READING else None
    if columns is not None:
        names = ", ".join(f"`{name}`" for name in columns())
        found.append(OpenApiParameter("fields", str, description=f"Only these, separated by commas: {names}"))
        more = getattr(view.get_serializer_class().Meta, "includable", ())
        if more:
            listed = ", ".join(f"`{name}`" for name in more)
            found.append(OpenApiParameter("include", str, description=f"These as well, separated by commas: {listed}"))
    return found


READING = ("list", "retrieve", "export")


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


ETAG = {"ETag": _header("For If-None-Match, and for If-Match of a write")}
RATE_LIMIT = {"RateLimit": _header("What is left of the minute: r requests, t seconds")}
RETRY_AFTER = {"Retry-After": _header("Seconds to wait")}
LOCATION = {"Location": _header("Where to read what was made, or to poll what goes on")}
REPLAYED = {"Idempotent-Replayed": _header('"true" where this is the stored answer to the first request of this key')}
