"""The rows of every table as JSON lines, and back."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Any

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

_BATCH = 500
# Sessions are no content: whoever restores logs in again.
_LEFT_OUT = frozenset(("sessions.session",))


class _Exact(DjangoJSONEncoder):
    """Django's encoder drops the microseconds; a backup may not."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, (dt.datetime, dt.time)) else super().default(o)


def kept_models() -> list[type[models.Model]]:
    """Return the models whose rows are in a backup, by label."""
    kept = [
        model
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy and model._meta.label_lower not in _LEFT_OUT
    ]
    return sorted(kept, key=lambda model: model._meta.label_lower)


def applied_migrations() -> list[str]:
    """Return the migrations of this database as "app.name", sorted."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


@contextlib.contextmanager
def snapshot() -> Iterator[None]:
    """One moment of the database for everything read inside; writers go on meanwhile."""
    wrapper: Any = connection
    if connection.vendor == "sqlite":
        connection.ensure_connection()  # the mode is there once the database was opened
        mode, wrapper.transaction_mode = wrapper.transaction_mode, "DEFERRED"
        try:
            with transaction.atomic():
                yield
        finally:
            wrapper.transaction_mode = mode
        return
    with transaction.atomic():
        if len(connection.savepoint_ids) == 0:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def dump(model: type[models.Model], target: IO[str]) -> int:
    """Write the rows of a model as JSON lines; returns how many. Streams."""
    rows = model._base_manager.order_by("pk")
    count = rows.count()
    serializers.serialize("jsonl", rows.iterator(2000), stream=target, cls=_Exact)
    return count


def load(source: Iterable[bytes]) -> int:
    """Insert rows from JSON lines (bytes) as they were, times of storage included; returns how many."""
    count = 0
    items = iter(serializers.deserialize("jsonl", source, ignorenonexistent=True))
    while batch := list(islice(items, _BATCH)):
        model = type(batch[0].object)
        with _keep_times(model):
            model._base_manager.bulk_create([item.object for item in batch])
        for item in batch:
            for accessor, values in (item.m2m_data or {}).items():
                getattr(item.object, accessor).set(values)
        count += len(batch)
    return count


def empty() -> None:
    """Delete every row of the kept tables (inside the caller's transaction; protections must be lifted)."""
    names = []
    for model in kept_models():
        names.append(model._meta.db_table)
        names += [field.m2m_db_table() for field in _own_links(model)]
    names.append("django_session")
    for statement in connection.ops.sql_flush(no_style(), names, reset_sequences=False, allow_cascade=False):
        with connection.cursor() as cursor:
            cursor.execute(statement)


def _own_links(model: type[models.Model]) -> list[Any]:
    """Many-to-many fields whose table Django made, so that no model of ours names it."""
    fields: list[Any] = list(model._meta.local_many_to_many)
    return [field for field in fields if field.remote_field.through._meta.auto_created]


def reset_sequences() -> None:
    """Let new rows get keys above the restored ones."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), kept_models()):
            cursor.execute(statement)


def has_content() -> bool:
    """True when some domain table holds rows already."""
    return any(model._base_manager.exists() for model in kept_models() if getattr(model, "hash_fields", ()))


@contextlib.contextmanager
def _keep_times(model: type[models.Model]) -> Iterator[None]:
    """Insert the times as they are in the backup instead of now."""
    changed = []
    for field in model._meta.local_fields:
        for name in ("auto_now", "auto_now_add"):
            if getattr(field, name, False):
                changed.append((field, name))
                setattr(field, name, False)
    try:
        yield
    finally:
        for field, name in changed:
            setattr(field, name, True)
