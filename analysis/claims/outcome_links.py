"""Say in the rows which claims of a repository are one outcome; what stands already is not written again."""

from __future__ import annotations

from typing import Any

from analysis.claims.meaning import Statement, names_in, one_outcome_of
from analysis.claims.methods import magnitude_of
from analysis.claims.models import Claim
from analysis.claims.outcome import sentence_around
from analysis.claims.records import Kind, Magnitude

_FIELDS = (
    "pk", "change_id", "change__sorted_at", "change__number", "metric", "direction", "fingerprint", "outcome_key",
    "start", "end", "kind", "value", "value_hi", "from_value", "to_value", "unit", "to_unit", "also", "text__text",
)  # fmt: skip


def link(repository_id: int) -> int:
    """Bring the outcome keys of all current claims in line; returns rows written. One query to read."""
    rows = Claim.objects.filter(change__repository_id=repository_id, is_current=True)
    rows = rows.order_by("change__sorted_at", "change__key", "text__kind", "text__ref", "start", "key")
    statements, before = [], {}
    for row in rows.values_list(*_FIELDS, named=True).iterator():
        statements.append(_statement(row))
        before[row.pk] = row.outcome_key
    now = one_outcome_of(statements)
    changed = [Claim(pk=pk, outcome_key=key) for pk, key in now.items() if before[pk] != key]
    Claim.objects.bulk_update(changed, ["outcome_key"], batch_size=200)
    return len(changed)


def _statement(row: Any) -> Statement:
    number, text = row.change__number, row.text__text
    names = names_in(text) | ({f"#{number}"} if number else set())
    return Statement(
        id=row.pk, change=row.change_id, at=row.change__sorted_at, metric=row.metric, direction=row.direction,
        amounts=_amounts(row), fingerprint=row.fingerprint, sentence=sentence_around(text, row.start, row.end),
        names=names,
    )  # fmt: skip


def _amounts(row: Any) -> tuple[Magnitude, ...]:
    """The magnitude, and the second one of the same statement where there is one."""
    size = Magnitude(
        Kind(row.kind), row.value, row.value_hi, row.from_value, row.to_value, unit=row.unit, to_unit=row.to_unit
    )
    return (size, magnitude_of(row.also)) if row.also else (size,)
