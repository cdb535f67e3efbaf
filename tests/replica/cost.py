"""What a query costs by GitHub's documented rules, computed from the query alone.

Source of the rules: GitHub's "Rate limits and query limits for the GraphQL API". Every connection needs `first` or
`last` within 1..100; a call may ask for at most 500,000 nodes; points are the number of requests that would fill
every connection, each assumed to reach its bound, divided by 100, rounded, and at least 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    get_named_type,
    value_from_ast_untyped,
)

MAX_PAGE = 100
MAX_NODES = 500_000


@dataclass(frozen=True)
class Cost:
    """`requests` and `nodes` are upper bounds, `points` is what the call is charged; `errors` refuse the call."""

    requests: int
    nodes: int
    errors: tuple[dict[str, Any], ...] = ()

    @property
    def points(self) -> int:
        """Points charged: a hundred requests are one point, never less than one."""
        return max(1, int(self.requests / 100 + 0.5))


def query_cost(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: dict[str, Any],
) -> Cost:
    """Cost of one validated operation with its variables (defaults of the operation included)."""
    defaults = {
        d.variable.name.value: value_from_ast_untyped(d.default_value)
        for d in operation.variable_definitions
        if d.default_value is not None
    }
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    walk = _Walk(schema, fragments, defaults | variables)
    root = schema.get_root_type(operation.operation)
    assert root is not None
    walk.selection(operation.selection_set, root, times=1, path=())
    return Cost(requests=walk.requests, nodes=walk.nodes, errors=tuple(walk.found_errors()))


class _Walk:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDefinitionNode],
        variables: dict[str, Any],
    ) -> None:
        self.schema, self.fragments, self.variables = schema, fragments, variables
        self.requests = 0
        self.nodes = 0
        self.errors: list[dict[str, Any]] = []
        self.seen: set[tuple[str, ...]] = set()

    def selection(
        self,
        selections: SelectionSetNode,
        parent: GraphQLNamedType,
        times: int,
        path: tuple[str, ...],
    ) -> None:
        for field, owner in self._fields(selections, parent):
            self._field(field, owner, times, path)

    def _fields(
        self, selections: SelectionSetNode, parent: GraphQLNamedType
    ) -> Iterator[tuple[FieldNode, GraphQLNamedType]]:
        for node in selections.selections:
            if self._switched_off(node):
                continue
            if isinstance(node, FieldNode):
                yield node, parent
            elif isinstance(node, InlineFragmentNode):
                on = self.schema.type_map[node.type_condition.name.value] if node.type_condition else parent
                yield from self._fields(node.selection_set, on)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                on = self.schema.type_map[fragment.type_condition.name.value]
                yield from self._fields(fragment.selection_set, on)

    def _switched_off(self, node: Any) -> bool:
        for directive in node.directives:
            if directive.name.value in ("include", "skip"):
                value = value_from_ast_untyped(directive.arguments[0].value, self.variables)
                if bool(value) != (directive.name.value == "include"):
                    return True
        return False

    def _field(
        self,
        field: FieldNode,
        owner: GraphQLNamedType,
        times: int,
        path: tuple[str, ...],
    ) -> None:
        name = field.name.value
        if field.selection_set is None or name.startswith("__"):
            return
        definition = owner.fields[name]  # type: ignore[attr-defined]
        returned = get_named_type(definition.type)
        here = (*path, field.alias.value if field.alias else name)
        inner = times
        if isinstance(returned, GraphQLObjectType) and returned.name.endswith("Connection"):
            inner = times * self._connection(field, name, times, here)
        elif name == "nodes" and owner is self.schema.query_type:
            ids = self._argument(field, "ids") or []
            if len(ids) > MAX_PAGE:
                self._refuse(
                    "ARGUMENT_LIMIT",
                    f"You may not provide more than {MAX_PAGE} node ids; you provided {len(ids)}.",
                )
            self.nodes += len(ids)
            inner = times * max(1, len(ids))
        self.selection(field.selection_set, returned, inner, here)

    def _connection(self, field: FieldNode, name: str, times: int, here: tuple[str, ...]) -> int:
        """Count one connection and return how many nodes it may give for each parent."""
        first, last = self._argument(field, "first"), self._argument(field, "last")
        if first is None and last is None:
            self._refuse(
                "MISSING_PAGINATION_BOUNDARIES",
                f"You must provide a `first` or `last` value to properly paginate the `{name}` connection.",
            )
            return 1
        which, size = ("first", first) if first is not None else ("last", last)
        if not 1 <= size <= MAX_PAGE:
            self._refuse(
                "EXCESSIVE_PAGINATION",
                f"Requesting {size} records on the `{name}` connection exceeds the `{which}` limit of "
                f"{MAX_PAGE} records.",
            )
            return 1
        if here not in self.seen:  # the same connection reached through two fragments is one connection
            self.seen.add(here)
            self.requests += times
            self.nodes += times * size
        return int(size)

    def _argument(self, field: FieldNode, name: str) -> Any:
        for argument in field.arguments:
            if argument.name.value == name:
                value = value_from_ast_untyped(argument.value, self.variables)
                return None if value is Undefined else value
        return None

    def _refuse(self, kind: str, message: str) -> None:
        self.errors.append({"type": kind, "message": message})

    def found_errors(self) -> list[dict[str, Any]]:
        if self.nodes > MAX_NODES:
            self._refuse(
                "MAX_NODE_LIMIT_EXCEEDED",
                f"This query requests up to {self.nodes:,} possible nodes which exceeds the maximum limit of "
                f"{MAX_NODES:,}.",
            )
        return self.errors
