"""One hash over the domain tables: what "the same state" means.

A model says by its class attribute ``hash_fields`` which fields make up its content; surrogate keys and times of
storage stay out, and an empty tuple keeps a whole model out (Collections, Jobs). A foreign key counts by the natural
key of its target: ``hash_key``, else the fields of its first unconditional unique constraint or unique field, else its
``hash_fields``. Rows are combined without regard to their order, so that no sorting and no memory is needed.
"""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import uuid
from collections.abc import Iterator
from enum import Enum
from typing import Any

from django.apps import apps
from django.db import models

from evidence.canonical import canonical_bytes, sha256_bytes

_MODULUS = 2**256
_CHUNK = 2000


def domain_models() -> list[type[models.Model]]:
    """Return the models that declare content, in a fixed order."""
    found = [model for model in apps.get_models() if getattr(model, "hash_fields", ())]
    return sorted(found, key=lambda model: model._meta.label_lower)


def table_hashes() -> dict[str, tuple[int, str]]:
    """Return for each model its number of rows and the hash of its content."""
    targets: dict[type[models.Model], dict[Any, str]] = {}
    return {model._meta.label_lower: _hash_table(model, targets) for model in domain_models()}


def table_hash() -> str:
    """Return one hash over all of them."""
    return sha256_bytes(canonical_bytes({name: [count, hash_] for name, (count, hash_) in table_hashes().items()}))


def _hash_table(model: type[models.Model], targets: dict[type[models.Model], dict[Any, str]]) -> tuple[int, str]:
    total = count = 0
    for row in _rows(model, tuple(model.hash_fields), targets):  # type: ignore[attr-defined]
        total = (total + int.from_bytes(hashlib.sha256(row).digest())) % _MODULUS
        count += 1
    return count, f"{total:064x}"


def _rows(
    model: type[models.Model], names: tuple[str, ...], targets: dict[type[models.Model], dict[Any, str]]
) -> Iterator[bytes]:
    fields = [model._meta.get_field(name) for name in names]
    columns = [field.attname for field in fields if isinstance(field, models.Field)]
    keys = [_target_keys(field.related_model, targets) if field.is_relation else None for field in fields]
    # By primary key and in chunks: a server-side cursor needs a transaction, and SQLite would hold a read lock.
    last: Any = None
    while True:
        query = model._default_manager.order_by("pk")
        page = list((query if last is None else query.filter(pk__gt=last)).values_list("pk", *columns)[:_CHUNK])
        for _pk, *values in page:
            pairs = zip(values, keys, strict=True)
            yield canonical_bytes([_plain(value) if key is None else key.get(value) for value, key in pairs])
        if len(page) < _CHUNK:
            return
        last = page[-1][0]


def natural_key(model: Any) -> tuple[str, ...]:
    """Return the fields by which other rows know a row of ``model``; raises ValueError when it has none."""
    if hasattr(model, "hash_key"):
        return tuple(model.hash_key)
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields and constraint.condition is None:
            return tuple(constraint.fields)
    unique = tuple(field.name for field in model._meta.fields if field.unique and not field.primary_key)
    names = unique[:1] or tuple(getattr(model, "hash_fields", ()))
    if not names:
        raise ValueError(f"{model.__name__} is pointed at by hashed rows, so it needs a unique constraint or hash_key")
    return names


def _target_keys(model: Any, targets: dict[type[models.Model], dict[Any, str]]) -> dict[Any, str]:
    """Map primary keys of a target to the hash of its natural key; read once a run, 100 bytes a row."""
    if model not in targets:
        names = natural_key(model)
        targets[model] = {}
        primary_keys = model._default_manager.order_by("pk").values_list("pk", flat=True).iterator(_CHUNK)
        rows = _rows(model, names, targets)
        targets[model] = {pk: sha256_bytes(row) for pk, row in zip(primary_keys, rows, strict=True)}
    return targets[model]


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, (bytes, memoryview)):
        return sha256_bytes(bytes(value))
    return value
