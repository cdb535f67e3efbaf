"""Many rows into one table at the speed of the database: prepared rows, no model objects.

For the big tables of a collection, where making model objects costs several times what the insert costs. Constraints
are the database's; rows that exist already are left as they are, or take the new values where `replace` says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeAlias

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

_BATCH = 2000
Columns: TypeAlias = "Sequence[models.Field[Any, Any]]"


def insert(
    model: type[models.Model],
    fields: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    unique: Sequence[str] = (),
) -> int:
    """Insert rows given as values in the order of `fields`; returns how many were given.

    Values are plain: text, int, bool, None, bytes, aware datetime, list or dict (for a JSON column). With `unique`, a
    row of the same values in those fields takes the others.
    """
    columns = [field for name in fields if isinstance(field := model._meta.get_field(name), models.Field)]
    connection = connections[router.db_for_write(model)]
    prepared = _prepared(connection, columns, rows)
    count = 0
    with connection.cursor() as cursor:
        while batch := list(islice(prepared, _BATCH)):
            count += len(batch)
            if connection.vendor == "postgresql":
                cursor.execute(
                    _from_arrays(connection, model, columns, unique), [list(c) for c in zip(*batch, strict=True)]
                )
            else:
                cursor.executemany(_one_by_one(connection, model, columns, unique), batch)
    return count


def _prepared(connection: BaseDatabaseWrapper, columns: Columns, rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    """The rows as the driver takes them: JSON as text, and in SQLite times as Django writes them there."""
    changes: list[tuple[int, Callable[[Any], Any]]] = []
    for index, column in enumerate(columns):
        if isinstance(column, models.JSONField):
            changes.append((index, json.dumps))
        elif isinstance(column, models.DateTimeField) and connection.vendor == "sqlite":
            changes.append((index, sqlite_moment))
    for given in rows:
        row = list(given)
        for index, change in changes:
            row[index] = change(row[index])
        yield row


def sqlite_moment(value: datetime | None) -> str | None:
    """As Django's adapt_datetimefield_value for UTC, at a quarter of its cost."""
    return None if value is None else value.astimezone(UTC).isoformat(" ")[:-6]


# The names below come from the models, never from outside.
def _head(connection: BaseDatabaseWrapper, model: type[models.Model], columns: Columns) -> str:
    quote = connection.ops.quote_name
    return f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(quote(str(c.column)) for c in columns)})"


def _tail(connection: BaseDatabaseWrapper, columns: Columns, unique: Sequence[str]) -> str:
    quote = connection.ops.quote_name
    if not unique:
        return "ON CONFLICT DO NOTHING"
    keys = ", ".join(quote(str(c.column)) for c in columns if c.name in unique)
    new = [quote(str(c.column)) for c in columns if c.name not in unique]
    return f"ON CONFLICT ({keys}) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in new)


def _one_by_one(
    connection: BaseDatabaseWrapper,
    model: type[models.Model],
    columns: Columns,
    unique: Sequence[str],
) -> str:
    marks = ", ".join(["%s"] * len(columns))
    return f"{_head(connection, model, columns)} VALUES ({marks}) {_tail(connection, columns, unique)}"


def _from_arrays(
    connection: BaseDatabaseWrapper,
    model: type[models.Model],
    columns: Columns,
    unique: Sequence[str],
) -> str:
    """One statement for all rows, a column an array: a round trip for each row would cost more than the row."""
    arrays = ", ".join(f"%s::{_type(connection, column)}[]" for column in columns)
    values = ", ".join(f"v{n}::{_type(connection, column)}" for n, column in enumerate(columns))
    names = ", ".join(f"v{n}" for n in range(len(columns)))
    head, tail = _head(connection, model, columns), _tail(connection, columns, unique)
    return f"{head} SELECT {values} FROM unnest({arrays}) AS given({names}) {tail}"  # noqa: S608


def _type(connection: BaseDatabaseWrapper, column: models.Field[Any, Any]) -> str:
    """The column's type; a foreign key has that of the key that it points to."""
    while isinstance(column, models.ForeignKey):
        column = column.target_field
    return str(column.rel_db_type(connection) if column.primary_key else column.db_type(connection))
