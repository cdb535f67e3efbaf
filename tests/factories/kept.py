"""Rows that many tests begin with: made once in a process, and written as they were for each later test.

What takes hundreds of queries to make takes one insertion a table to write. Keys and times stay as they were.
"""

from collections.abc import Callable, Iterator

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Model, QuerySet

from jobs.models import Schedule

FILLED_BY_MIGRATING = {ContentType, Permission, Group, Group.permissions.through, Schedule}


class Kept:
    """What `make` writes into an empty database.

    It is written again only inside a test's transaction, and only while the tables that it fills are empty. Any other
    test, such as one that has made rows of its own before, makes it anew.
    """

    def __init__(self, make: Callable[[], None]) -> None:
        self._make = make
        self._rows: dict[type[Model], list[Model]] | None = None

    def provide(self) -> None:
        if not connection.in_atomic_block:
            self._make()
        elif self._rows is None:
            empty = not _rows()
            self._make()
            self._rows = _rows() if empty else None
        elif any(QuerySet(model).exists() for model in self._rows):
            self._make()
        else:
            for model, rows in self._rows.items():
                _insert(model, rows)


def _rows() -> dict[type[Model], list[Model]]:
    """Every row, by model, of the tables that are not empty."""
    found = {model: list(QuerySet(model)) for model in _models()}
    return {model: rows for model, rows in found.items() if rows}


def _models() -> Iterator[type[Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy and model not in FILLED_BY_MIGRATING:
            yield model


def _insert(model: type[Model], rows: list[Model]) -> None:
    """As they are: no key, default or time of saving is set anew."""
    fields = [field for field in model._meta.local_concrete_fields if not field.generated]
    QuerySet(model)._insert(rows, fields, raw=True, using=connection.alias)
