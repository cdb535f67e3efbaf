"""Keyset pagination: a page costs the same wherever it lies, and rows that arrive meanwhile shift nothing."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.rest.problems import Problem

DEFAULT_SIZE = 50
MAX_SIZE = 200
_SALT = "attest.api.cursor"


def _signer(path: str) -> signing.Signer:
    """Of one list: another's rows have other keys, and a cursor would lead to nowhere there."""
    return signing.Signer(salt=f"{_SALT}:{path}")


def cursor_of(path: str, order: str, value: Any, pk: Any, backwards: bool = False) -> str:
    """The cursor of the place behind (or before) a row. Without a time: the same page has the same bytes and ETag."""
    return _signer(path).sign_object({"o": order, "v": _encode(value), "k": pk, "b": backwards})


def _encode(value: Any) -> Any:
    return ["t", value.isoformat()] if isinstance(value, dt.datetime) else value


def _decode(value: Any) -> Any:
    return dt.datetime.fromisoformat(value[1]) if isinstance(value, list) else value


def _page_size(request: Request) -> int:
    text = request.query_params.get("limit", str(DEFAULT_SIZE))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MAX_SIZE):
        raise ValidationError({"limit": f"limit is a whole number from 1 to {MAX_SIZE}."})
    return int(text)


def after(queryset: QuerySet[Any], field: str, descending: bool, value: Any, pk: Any) -> QuerySet[Any]:
    """Rows behind (value, pk) in the order of (field, pk), both in one direction.

    The first condition repeats what the second implies; with it the index is entered at the right place.
    """
    side, edge = ("lt", "lte") if descending else ("gt", "gte")
    if field == "pk":
        return queryset.filter(**{f"pk__{side}": pk})
    beyond = Q(**{f"{field}__{side}": value}) | Q(**{field: value, f"pk__{side}": pk})
    return queryset.filter(beyond, **{f"{field}__{edge}": value})


class KeysetPagination(BasePagination):
    """``?limit=&cursor=&order=`` answers ``{"results", "next", "prev"}``. Cursors are signed and name their order."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        orders: dict[str, str] = getattr(view, "orders", {"id": "pk"})
        order = str(request.query_params.get("order") or getattr(view, "default_order", "id"))
        name = order.removeprefix("-")
        if name not in orders:
            raise ValidationError(
                {"order": f"Known orders, each also with a leading minus: {', '.join(sorted(orders))}."}
            )
        self.request, self.order, self.field = request, order, orders[name]
        self.descending = order.startswith("-")
        limit = _page_size(request)
        cursor = self._cursor(request.query_params.get("cursor"))
        backwards = bool(cursor and cursor["b"])
        direction = self.descending != backwards
        if cursor:
            queryset = after(queryset, self.field, direction, _decode(cursor["v"]), cursor["k"])
        sign = "-" if direction else ""
        fields = [f"{sign}pk"] if self.field == "pk" else [f"{sign}{self.field}", f"{sign}pk"]
        rows = list(queryset.order_by(*fields)[: limit + 1])
        more = len(rows) > limit
        rows = rows[:limit]
        if backwards:
            rows.reverse()
        self.has_next = more if not backwards else True
        self.has_prev = bool(cursor) and (more if backwards else True)
        self.rows = rows
        return rows

    def _cursor(self, text: str | None) -> dict[str, Any] | None:
        if not text:
            return None
        try:
            cursor: dict[str, Any] = _signer(self.request.path).unsign_object(text)
        except signing.BadSignature as error:
            raise Problem(400, "invalid_cursor", "The cursor was not made for this list, or was altered.",
                          "Follow the next and prev links as they are.") from error  # fmt: skip
        if cursor["o"] != self.order:
            raise Problem(400, "invalid_cursor", "The cursor belongs to another order.",
                          "Start again without a cursor when you change the order.")  # fmt: skip
        return cursor

    def _link(self, row: Any, backwards: bool) -> str:
        value = row.pk if self.field == "pk" else getattr(row, self.field)
        cursor = cursor_of(self.request.path, self.order, value, row.pk, backwards)
        query = {key: self.request.query_params[key] for key in self.request.query_params if key != "cursor"}
        return self.request.build_absolute_uri(f"{self.request.path}?{urlencode({**query, 'cursor': cursor})}")

    def get_paginated_response(self, data: Any) -> Response:
        links = {
            "next": self._link(self.rows[-1], False) if self.rows and self.has_next else None,
            "prev": self._link(self.rows[0], True) if self.rows and self.has_prev else None,
        }
        header = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items() if url)
        return Response({"results": data, **links}, headers={"Link": header} if header else None)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "prev"],
            "properties": {"results": schema, "next": link, "prev": link},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = sorted(getattr(view, "orders", {"id": "pk"}))
        orders = [sign + name for name in names for sign in ("", "-")]
        size = {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": DEFAULT_SIZE}
        return [
            {"name": "limit", "in": "query", "schema": size, "description": "Rows on a page"},
            {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "From next or prev"},
            {"name": "order", "in": "query", "schema": {"type": "string", "enum": orders}, "description": "Order"},
        ]
