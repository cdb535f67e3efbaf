"""OpenAPI: every operation also documents the problems that it can answer."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from portfolio.rest import parameters
from portfolio.rest.auth import PUBLIC, needed_scope
from portfolio.rest.bodies import Exact
from portfolio.rest.examples import illustrate
from portfolio.rest.problems import MEDIA_TYPE

PROBLEM = {
    "type": "object",
    "description": "An RFC 9457 problem.",
    "required": ["type", "title", "status", "code", "detail", "hint", "instance"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:attest:problem:not_found"]},
        "title": {"type": "string"},
        "status": {"type": "integer", "examples": [404]},
        "code": {"type": "string", "description": "Stable; test for this", "examples": ["not_found"]},
        "detail": {"type": "string"},
        "hint": {"type": "string", "description": "What to do about it"},
        "instance": {"type": "string"},
        "parameter": {"type": "string", "description": "The unknown parameter"},
        "known": {"type": "array", "items": {"type": "string"}, "description": "The parameters that are known here"},
        "reasons": {"type": "array", "items": {"type": "string"}, "description": "Each thing that stands in the way"},
        "decision": {"type": "string", "description": "The router's decision that failed"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
    },
}
TITLES = {
    "400": "A parameter or the body is not valid", "401": "The key is missing, unknown, revoked or expired",
    "403": "The caller may not do this", "404": "Not there, or not published", "405": "Not with this method",
    "406": "No such representation", "409": "In conflict with what stands", "410": "Erased; its hash is kept",
    "412": "If-Match lost the race", "413": "The body is too large", "415": "Not JSON",
    "422": "The Idempotency-Key was used otherwise", "428": "If-Match is missing", "429": "Too many requests",
    "503": "No answer now; the problem says why",
}  # fmt: skip
READS = ("400", "401", "403", "404", "406", "429")
ACCEPTED = {"collect": "jobs_retrieve", "reports_send_create": "report_deliveries_retrieve"}
WRITES = (*READS, "409", "412", "413", "415", "422", "428", "503")


def _link_to(operation: str, pointer: str) -> dict[str, Any]:
    return {"operationId": operation, "parameters": {"id": f"$response.body{pointer}"}}


class ProblemSchema(AutoSchema):
    """drf-spectacular's AutoSchema plus our problems, 304 and conditional headers."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        self._register_problem()
        reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
        reads = self.method in ("GET", "HEAD")
        more = getattr(self.view, "action_problems", {}).get(getattr(self.view, "action", ""), ())
        for status in (*(READS if reads else WRITES), *more):
            operation["responses"].setdefault(
                status, {"description": TITLES[status], "content": {MEDIA_TYPE: {**reference}}}
            )
        self._link(operation)
        self._say_who(operation)
        self._name_headers(operation, reads)
        if reads:
            operation["responses"].setdefault("304", {"description": "Unchanged: the caller's ETag is current"})
        illustrate(operation, self.registry)
        return operation

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """A body takes no field that it does not name."""
        mapped = super()._map_basic_serializer(serializer, direction)
        if direction == "request" and isinstance(serializer, Exact):
            mapped["additionalProperties"] = False
        return mapped

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """As drf-spectacular has it, but for a field of any JSON: null is one of them and must not match twice."""
        mapped = super()._map_serializer_field(field, direction, bypass_extensions)
        if mapped and mapped.get("oneOf") == [{}, {"type": "null"}]:
            del mapped["oneOf"]
        return mapped

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular's takes none, DRF's takes two
        """Of an act its own words: what the resource is says nothing of what it does."""
        action = getattr(self.view, "action", None)
        if action in (None, *parameters.READING):
            return str(super().get_description() or "")
        return (getattr(self.view, action).__doc__ or "").strip()

    def _say_who(self, operation: dict[str, Any]) -> None:
        """The scope, in words and in ``security``, which OpenAPI 3.1 lets name roles of any scheme."""
        scope = needed_scope(self.view, self.method)
        public = scope in (PUBLIC, None)
        words = "Public." if public else f"Needs a key with `{scope}`."
        operation["description"] = "\n\n".join(part for part in (operation.get("description"), words) if part)
        operation["security"] = [*([{}] if public else []), {"key": [] if public else [str(scope)]}, {"cookieAuth": []}]

    def _name_headers(self, operation: dict[str, Any], reads: bool) -> None:
        streams = getattr(self.view, "action", None) == "export"
        for status, answer in operation["responses"].items():
            named = dict(parameters.RATE_LIMIT) if status[0] == "2" else {}
            if reads and status == "200" and not streams:
                named |= parameters.ETAG
            if self.method == "POST" and status[0] == "2":
                named |= parameters.REPLAYED
            if status == "201" or (status == "202" and operation["operationId"] in ACCEPTED):
                named |= parameters.LOCATION
            if status == "429":
                named |= parameters.RETRY_AFTER
            if named:
                answer["headers"] = {**named, **answer.get("headers", {})}

    def _link(self, operation: dict[str, Any]) -> None:
        """Say where an answer leads: from a list or a made record to reading it, from accepted work to its job."""
        name, _, act = operation["operationId"].rpartition("_")
        responses = operation["responses"]
        if act == "list" and self.path.count("{") == 0:
            responses["200"]["links"] = {"first": _link_to(f"{name}_retrieve", "#/results/0/id")}
        if act == "create" and "201" in responses:
            responses["201"]["links"] = {"made": _link_to(f"{name}_retrieve", "#/id")}
        if leads_to := ACCEPTED.get(operation["operationId"]):
            responses["202"]["links"] = {"follow": _link_to(leads_to, "#/id")}

    def _register_problem(self) -> None:
        component = ResolvedComponent(name="Problem", type=ResolvedComponent.SCHEMA, object="problem", schema=PROBLEM)
        self.registry.register_on_missing(component)

    def get_override_parameters(self) -> list[Any]:
        found = [*super().get_override_parameters(), *parameters.of_reading(self.view)]
        if self.method == "POST":
            found.append(parameters.IDEMPOTENCY_KEY)
        return found


class KeyScheme(OpenApiAuthenticationExtension):
    """How the schema names our bearer keys."""

    target_class = "portfolio.rest.auth.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "att_<prefix>_<secret>"}
