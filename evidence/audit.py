"""The append-only audit log: one entry beside every act, in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet
from django.utils import timezone

from evidence.models import AuditEntry
from evidence.redaction import redact

SYSTEM = "system"
_LONGEST_VALUE = 500


def record(
    *,
    actor: Any,
    action: str,
    target: Model | str = "",
    label: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Write one entry. Call it inside the transaction of the act itself.

    ``actor`` is a user, a text such as "system:collection", or None for "system". ``target`` is a saved object or a
    reference "kind:id". Only fields that differ between ``before`` and ``after`` are kept; secrets are redacted.
    """
    is_user = actor is not None and not isinstance(actor, str)
    return AuditEntry.objects.create(
        actor=name_of(actor),
        actor_id=str(actor.pk) if is_user else "",
        action=action,
        target=target if isinstance(target, str) else reference(target),
        label=redact(label or ("" if isinstance(target, str) else str(target))).text[:200],
        changes=difference(before or {}, after or {}),
        reason=redact(reason).text,
    )


def name_of(actor: Any) -> str:
    """Return how the log names an actor: a user's name, the text given, or "system"."""
    if actor is None or isinstance(actor, str):
        return actor or SYSTEM
    return str(actor.get_username())


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return field -> [before, after] for what changed, as JSON values with secrets redacted."""
    fields = sorted({*before, *after})
    return {
        field: [_plain(before.get(field)), _plain(after.get(field))]
        for field in fields
        if before.get(field) != after.get(field)
    }


def reference(target: Model) -> str:
    """Return the reference of a saved object: "app.model:pk"."""
    return f"{target._meta.label_lower}:{target.pk}"


def history(target: Model | str) -> QuerySet[AuditEntry]:
    """Return the entries about one object, newest first."""
    ref = target if isinstance(target, str) else reference(target)
    return AuditEntry.objects.filter(target=ref).order_by("-id")


def latest(many: int) -> list[int]:
    """Return the ids of the newest entries: another list says that something was done since.

    A list and not the largest id: of two acts at once the one with the smaller id may be committed last.
    """
    with connection.cursor() as cursor:  # asked by every public answer: building the query costs more than running it
        cursor.execute("SELECT id FROM evidence_auditentry ORDER BY id DESC LIMIT %s", [many])
        return [pk for (pk,) in cursor.fetchall()]


def erase_words(target: str) -> int:
    """Empty labels, values and reasons of the entries about ``target``; that something was done remains."""
    return AuditEntry.objects.filter(target=target, erased_at__isnull=True).update(
        label="", changes={}, reason="", erased_at=timezone.now()
    )


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return redact(str(value)).text[:_LONGEST_VALUE]
