"""Many rows into one table at the speed of the database: prepared rows, no model objects.

For the big tables of a collection, where making model objects costs several times what the insert costs. Constraints
are the database's; rows that exist already are left as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connections, models, router

_BATCH = 2000


def insert(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows given as values in the order of `fields`; returns how many were given.

    Values are plain: text, int, bool, None, aware datetime, list or dict (for a JSON column).
    """
    columns = [model._meta.get_field(name) for name in fields]
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(column.column)) for column in columns if isinstance(column, models.Field))
    marks = ", ".join(["%s"] * len(columns))
    table = quote(model._meta.db_table)
    # The names come from the models, never from outside.
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
    times = [index for index, column in enumerate(columns) if isinstance(column, models.DateTimeField)]
    jsons = [index for index, column in enumerate(columns) if isinstance(column, models.JSONField)]
    adapt = connection.ops.adapt_datetimefield_value
    count = 0
    batch: list[list[Any]] = []
    with connection.cursor() as cursor:
        for given in rows:
            row = list(given)
            for index in times:
                if isinstance(row[index], datetime):
                    row[index] = adapt(row[index])
            for index in jsons:
                row[index] = json.dumps(row[index])
            batch.append(row)
            count += 1
            if len(batch) == _BATCH:
                cursor.executemany(statement, batch)
                batch = []
        if batch:
            cursor.executemany(statement, batch)
    return count
