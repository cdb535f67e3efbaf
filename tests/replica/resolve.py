"""Executes GraphQL queries over the replica's data."""

import base64
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionContext,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLScalarType,
    OperationDefinitionNode,
    execute,
    get_named_type,
    is_enum_type,
    is_object_type,
    parse,
    validate,
)

from tests.replica.cost import Cost, query_cost
from tests.replica.schema import github_schema
from tests.replica.world import Node, Pulls, Repo, Token, World

MISSING = object()
CURSOR_ERROR = "INVALID_CURSOR_ARGUMENTS"


class Context:
    """What resolvers of one call may ask: the world, who is asking, and the rate limit that answers tell."""

    def __init__(self, world: World, token: Token, rate: dict[str, Any]) -> None:
        self.world, self.token, self.rate = world, token, rate
        self.work = 0


class _Sync(ExecutionContext):
    is_awaitable = staticmethod(lambda value: False)  # type: ignore[assignment]


@lru_cache(maxsize=256)
def checked(query: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """Parse and validate a query once per text."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, (error,)
    return document, tuple(validate(github_schema(), document))


def operation_of(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    """The operation to run: the named one, or the only one."""
    found = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    named = [d for d in found if name is None or (d.name and d.name.value == name)]
    return named[0] if len(named) == 1 else None


def price(document: DocumentNode, name: str | None, variables: dict[str, Any]) -> Cost:
    """Cost of the operation, with refusals of page bounds and node totals."""
    operation = operation_of(document, name)
    if operation is None:
        return Cost(0, 0, ({"message": "An operation name is required"},))
    return query_cost(github_schema(), document, operation, variables)


def run(
    document: DocumentNode,
    name: str | None,
    variables: dict[str, Any],
    context: Context,
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """Execute a priced query: its data and its errors, as GitHub words them."""
    result = execute(
        github_schema(),
        document,
        root_value=ROOT,
        context_value=context,
        variable_values=variables,
        operation_name=name,
        field_resolver=resolve,
        type_resolver=lambda value, info, kind: value["__typename"],
        execution_context_class=_Sync,
    )
    return result.data, [_error(e) for e in result.errors or []]


def _error(error: GraphQLError) -> dict[str, Any]:
    told: dict[str, Any] = {"message": error.message}
    if error.path:
        told["path"] = error.path
    if error.locations:
        told["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    extensions = dict(error.extensions or {})
    if kind := extensions.pop("type", None):
        told["type"] = kind
    if extensions:
        told["extensions"] = extensions
    return told


def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """Any field: the node's own value, a connection over a list, or an empty value of the field's type."""
    name = info.field_name
    value = source.get(name, MISSING)
    if callable(value):
        value = value(info, **arguments)
    kind = info.return_type
    if value is MISSING:
        return _empty(kind)
    if isinstance(value, list) and _is_connection(kind):
        info.context.work += len(value[: arguments.get("first") or 100])
        return connection(_filtered(value, arguments), arguments)
    return value


@lru_cache(maxsize=4096)
def _is_connection(kind: Any) -> bool:
    return get_named_type(kind).name.endswith("Connection")


def _filtered(nodes: list[Node], arguments: dict[str, Any]) -> list[Node]:
    wanted = arguments.get("itemTypes")
    if not wanted:
        return nodes
    names = {"".join(part.title() for part in w.split("_")) for w in wanted}
    return [n for n in nodes if n["__typename"] in names]


def _empty(kind: Any) -> Any:
    """An honest empty value: null where the schema allows it, else the emptiest value of the type."""
    if not isinstance(kind, GraphQLNonNull):
        return [] if _is_connection(kind) else None
    inner = kind.of_type
    if isinstance(inner, GraphQLList):
        return []
    if isinstance(inner, GraphQLScalarType):
        empty = {
            "Int": 0,
            "Float": 0.0,
            "Boolean": False,
            "DateTime": "1970-01-01T00:00:00Z",
        }
        return empty.get(inner.name, "")
    if is_enum_type(inner):
        return next(iter(inner.values))
    if inner.name.endswith("Connection"):
        return connection([], {})
    return {"__typename": inner.name} if is_object_type(inner) else {"__typename": "User", "login": "ghost"}


def encode_cursor(key: Any) -> str:
    """An opaque cursor."""
    return base64.b64encode(f"cursor:v2:{key}".encode()).decode()


def decode_cursor(text: str) -> str:
    """The key inside a cursor; raises GitHub's error for anything that is none."""
    try:
        plain = base64.b64decode(text, validate=True).decode()
    except ValueError:
        plain = ""
    if not re.match(r"cursor:v2:", plain):
        raise GraphQLError(
            f"`{text}` does not appear to be a valid cursor.",
            extensions={"type": CURSOR_ERROR},
        )
    return plain.removeprefix("cursor:v2:")


def connection(nodes: list[Node], arguments: dict[str, Any]) -> Node:
    """A page of a list whose cursors are positions."""
    total = len(nodes)
    start, stop = 0, total
    if after := arguments.get("after"):
        start = int(decode_cursor(after)) + 1
    if before := arguments.get("before"):
        stop = int(decode_cursor(before))
    if (first := arguments.get("first")) is not None:
        stop = min(stop, start + first)
    elif (last := arguments.get("last")) is not None:
        start = max(start, stop - last)
    page = nodes[start:stop]
    return _page(page, [str(i) for i in range(start, stop)], total, start > 0, stop < total)


def _page(page: list[Node], keys: list[str], total: int, before: bool, after: bool) -> Node:
    return {
        "totalCount": total,
        "nodes": page,
        "edges": lambda info, **_: [{"node": n, "cursor": encode_cursor(k)} for n, k in zip(page, keys, strict=True)],
        "pageInfo": {
            "hasNextPage": after,
            "hasPreviousPage": before,
            "startCursor": encode_cursor(keys[0]) if keys else None,
            "endCursor": encode_cursor(keys[-1]) if keys else None,
        },
    }


def pull_connection(pulls: Pulls, info: GraphQLResolveInfo, **arguments: Any) -> Node:
    """A page of pulls whose cursors are (update time, number), so that edits move pulls between pages as on GitHub."""
    order = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    by, descending = order["field"], order["direction"] == "DESC"
    numbers = pulls.numbers(by, descending)
    if states := arguments.get("states"):
        numbers = [n for n in numbers if (pulls.get(n) or {}).get("state") in states]

    def key(number: int) -> tuple[str, int]:
        return (pulls.updated(number), number) if by == "UPDATED_AT" else ("", number)

    start, stop = 0, len(numbers)
    if after := arguments.get("after"):
        start = _place(numbers, key, decode_cursor(after), descending)
    if (first := arguments.get("first")) is not None:
        stop = min(stop, start + first)
    else:
        start = max(start, stop - arguments["last"])
    wanted = numbers[start:stop]
    page = [node for n in wanted if (node := pulls.get(n)) is not None]
    info.context.work += len(page)
    keys = ["|".join(map(str, key(n))) for n in wanted]
    return _page(page, keys, len(numbers), start > 0, stop < len(numbers))


def _place(
    numbers: list[int],
    key: Callable[[int], tuple[str, int]],
    cursor: str,
    descending: bool,
) -> int:
    """How many numbers come before or at the cursor's key, by bisection."""
    text, number = cursor.rsplit("|", 1)
    wanted = (text, int(number))
    low, high = 0, len(numbers)
    while low < high:
        middle = (low + high) // 2
        at = key(numbers[middle])
        if (at >= wanted) if descending else (at <= wanted):
            low = middle + 1
        else:
            high = middle
    return low


def _missing(what: str) -> GraphQLError:
    return GraphQLError(f"Could not resolve to a {what}.", extensions={"type": "NOT_FOUND"})


def _repository(info: GraphQLResolveInfo, owner: str, name: str, **_: Any) -> Node:
    context: Context = info.context
    repo = context.world.find(owner, name, context.token)
    if repo is None:
        raise _missing(f"Repository with the name '{owner}/{name}'")
    if repo.sso and not context.token.sso_granted:
        raise GraphQLError(
            "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this "
            "organization.",
            extensions={"type": "FORBIDDEN", "saml_failure": True},
        )
    return repository_node(repo, context.token)


def repository_node(repo: Repo, token: Token) -> Node:
    """A repository's fields with its connections."""

    def pull_requests(info: GraphQLResolveInfo, **arguments: Any) -> Node:
        if not token.pull_rights:
            raise GraphQLError(
                "Resource not accessible by personal access token",
                extensions={"type": "FORBIDDEN"},
            )
        return pull_connection(repo.pulls, info, **arguments)

    def pull_request(info: GraphQLResolveInfo, number: int) -> Node:
        if not token.pull_rights:
            raise GraphQLError(
                "Resource not accessible by personal access token",
                extensions={"type": "FORBIDDEN"},
            )
        node = repo.pulls.get(number)
        if node is None:
            raise _missing(f"PullRequest with the number of {number}")
        info.context.work += 1
        return node

    return repo.fields | {
        "__typename": "Repository",
        "isPrivate": repo.private,
        "pullRequests": pull_requests,
        "pullRequest": pull_request,
        "issues": [repo.issues[n] for n in sorted(repo.issues)],
    }


def _nodes(info: GraphQLResolveInfo, ids: list[str]) -> list[Node | None]:
    found = info.context.world.pull_by_id(ids)
    info.context.work += len(found)
    return [found.get(i) for i in ids]


def _node(info: GraphQLResolveInfo, id: str) -> Node | None:
    return _nodes(info, [id])[0]


def _user(info: GraphQLResolveInfo, login: str) -> Node:
    found = info.context.world.users.get(login)
    if found is None:
        raise _missing(f"User with the login of '{login}'")
    return dict(found)


ROOT: Node = {
    "repository": _repository,
    "node": _node,
    "nodes": _nodes,
    "user": _user,
    "viewer": lambda info: info.context.world.user(info.context.token.login),
    "rateLimit": lambda info, **_: info.context.rate,
}
