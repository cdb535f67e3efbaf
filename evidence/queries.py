"""Ask: frozen receipts, what is about a thing and what stands on it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, QuerySet

from evidence.models import Receipt, ReceiptInput
from evidence.receipts import Derived

MAX_DEPTH = 12


def receipt(receipt_id: str) -> Receipt | None:
    """Return the frozen receipt of this id, or None."""
    return Receipt.objects.filter(pk=receipt_id).first()


def receipt_beginning(prefix: str) -> Receipt | None:
    """Return the one frozen receipt whose id begins with ``prefix``, or None when there is none or more than one."""
    found = list(Receipt.objects.filter(pk__gte=prefix, pk__lt=prefix + "g").order_by("pk")[:2]) if prefix else []
    return found[0] if len(found) == 1 else None


def receipts(receipt_ids: Iterable[str]) -> dict[str, Receipt]:
    """Return the frozen receipts of these ids that exist, by id, in one query."""
    return Receipt.objects.in_bulk(list(receipt_ids))


def content(row: Receipt) -> Derived | None:
    """Return what a frozen receipt says, or None once it is erased."""
    return Derived.from_text(row.document) if row.document else None


def about(subject: str) -> QuerySet[Receipt]:
    """Return the frozen receipts whose figure is about ``subject``, by id."""
    return Receipt.objects.filter(subject=subject).order_by("id")


def naming(words: str) -> QuerySet[Receipt]:
    """Return the frozen receipts whose content holds these words, whatever their case: what an erasure looks for."""
    return Receipt.objects.filter(document__icontains=words).order_by("id")


def latest(limit: int) -> list[Receipt]:
    """Return the newest frozen receipts."""
    return list(Receipt.objects.order_by("-frozen_at", "-id")[:limit])


def count_receipts() -> int:
    """Return the number of frozen receipts."""
    return Receipt.objects.count()


def standing_on(ref: str) -> QuerySet[Receipt]:
    """Return every frozen receipt that would change if ``ref`` were wrong, directly or through other receipts."""
    found: set[str] = set()
    refs: list[str] = [ref]
    for _depth in range(MAX_DEPTH):
        links = ReceiptInput.objects.filter(ref__in=refs).values_list("receipt_id", flat=True)
        fresh = set(links) - found
        if not fresh:
            break
        found |= fresh
        refs = [f"receipt:{receipt_id}" for receipt_id in fresh]
    return Receipt.objects.filter(pk__in=found).order_by("id")


def count_standing_on(refs: Iterable[str]) -> dict[str, int]:
    """Return how many frozen receipts stand directly on each of ``refs`` (for lists of assumptions)."""
    rows = ReceiptInput.objects.filter(ref__in=list(refs)).values("ref").annotate(count=Count("receipt", distinct=True))
    return {row["ref"]: row["count"] for row in rows.order_by("ref")}


def refs_of(receipt_ids: Iterable[str]) -> dict[str, set[str]]:
    """Return the references of the inputs of each receipt that has some, in one query."""
    found: dict[str, set[str]] = {}
    wanted = list(receipt_ids)
    links = ReceiptInput.objects.filter(receipt__in=wanted).values_list("receipt_id", "ref").distinct()
    for receipt_id, ref in links if wanted else ():
        found.setdefault(receipt_id, set()).add(ref)
    return found
