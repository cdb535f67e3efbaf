"""POST /graphql: the checks, the charge, the execution and the scripted faults of one call."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.replica.faults import Call, Fault, null_at
from tests.replica.limits import Limits
from tests.replica.resolve import Context, checked, price, run
from tests.replica.world import Token, World

NODES_A_SECOND = 4000
"""Nodes that the replica pretends GitHub resolves in one second of CPU."""
TIMEOUT_SECONDS = 10


@dataclass
class Reply:
    """An HTTP answer before it is written; `body` is bytes, or an object that becomes JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    fault: Fault | None = None

    def raw(self) -> bytes:
        """The body's bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def errors_only(message: str, kind: str | None = None, **more: Any) -> dict[str, Any]:
    """A GraphQL answer that holds one error and no data."""
    return {"errors": [{"message": message} | ({"type": kind} if kind else {}) | more]}


def answer(
    world: World,
    limits: Limits,
    key: str,
    token: Token,
    call: Call,
    body: dict[str, Any],
    fault: Fault | None,
) -> Reply:
    """Answer one GraphQL call of a known token."""
    document, problems = checked(str(body.get("query") or ""))
    if document is None or problems:
        return Reply(200, {"errors": [{"message": p.message} for p in problems]})
    name, variables = body.get("operationName"), body.get("variables") or {}
    cost = price(document, name, variables)
    if cost.errors:
        return Reply(200, {"errors": list(cost.errors)})
    call.points = cost.points
    if fault and fault.kind == "primary":
        limits.spend(key, "graphql", token.limit)
    if limits.remaining(key, "graphql", token) < cost.points:
        told = errors_only(
            f"API rate limit already exceeded for user ID {token.login}.",
            "RATE_LIMITED",
        )
        return Reply(
            200,
            told,
            limits.headers(key, "graphql", token) | {"x-ratelimit-remaining": "0"},
        )
    if limits.too_fast(key, "graphql"):
        return secondary(limits, key, token, 403, None)
    return _execute(world, limits, key, token, cost, (document, name, variables), fault)


def _execute(
    world: World,
    limits: Limits,
    key: str,
    token: Token,
    cost: Any,
    query: Any,
    fault: Fault | None,
) -> Reply:
    document, name, variables = query
    if fault and fault.kind == "bad_cursor":
        limits.spend(key, "graphql", cost.points)
        message = f"`{variables.get('after')}` does not appear to be a valid cursor."
        return Reply(
            200,
            errors_only(message, "INVALID_CURSOR_ARGUMENTS"),
            limits.headers(key, "graphql", token),
        )
    used_after = limits.usage(key, "graphql").used + cost.points
    rate = limits.graphql_rate(key, token, cost.points, cost.nodes)
    rate |= {"remaining": max(0, token.limit - used_after), "used": used_after}
    context = Context(world, token, rate)
    data, errors = run(document, name, variables, context)
    cpu = context.work / NODES_A_SECOND
    if cpu > TIMEOUT_SECONDS:
        limits.spend(key, "graphql", cost.points * 2, TIMEOUT_SECONDS)
        return Reply(502, {"message": "Server Error"}, limits.headers(key, "graphql", token))
    limits.spend(key, "graphql", cost.points, cpu)
    if fault:
        _twist(fault, data, errors, variables)
    reply: dict[str, Any] = {"data": data}
    if errors:
        reply["errors"] = errors
    headers = limits.headers(key, "graphql", token)
    if any((e.get("extensions") or {}).get("saml_failure") for e in errors):
        headers["x-github-sso"] = "required; url=https://github.example/orgs/example/sso"
    return Reply(200, reply, headers, fault)


def _twist(fault: Fault, data: Any, errors: list[dict[str, Any]], variables: dict[str, Any]) -> None:
    if fault.kind == "partial":
        for path in fault.paths:
            null_at(data, path)
            message = "Resource limits for this query exceeded."
            errors.append(
                {
                    "type": "RESOURCE_LIMITS_EXCEEDED",
                    "path": list(path),
                    "message": message,
                }
            )
    if fault.kind == "same_cursor":
        info = data["repository"]["pullRequests"]["pageInfo"]
        info |= {
            "hasNextPage": True,
            "endCursor": variables.get("after") or info["endCursor"],
        }


def secondary(limits: Limits, key: str, token: Token, status: int, retry_after: float | None) -> Reply:
    """The secondary limit's answer, with or without Retry-After."""
    told: dict[str, Any] = {
        "documentation_url": "https://docs.github.com/graphql/overview/rate-limits#secondary-rate-limits",
        "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    }
    if status == 200:
        told = errors_only(told["message"])
    headers = limits.headers(key, "graphql", token)
    if retry_after is not None:
        headers["retry-after"] = str(int(retry_after))
    return Reply(status, told, headers)
