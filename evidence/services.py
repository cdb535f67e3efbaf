"""Do: freeze receipts, verify them, erase their content.

Only here do receipts meet the database. Resolvers load inputs that a receipt does not embed; each app registers its
own for its kinds of reference, in the ``methods.py`` that also imports its recompute functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from evidence import audit, receipts, recompute
from evidence.models import Receipt, ReceiptInput
from evidence.receipts import Derived, Verification

_BATCH = 500
_resolvers: dict[str, receipts.Resolver] = {}


def resolver(kind: str) -> Callable[[receipts.Resolver], receipts.Resolver]:
    """Register a function that takes the id part of a reference ``kind:id`` and returns the value it stands for now.

    It raises LookupError when the thing is gone.
    """

    def register(function: receipts.Resolver) -> receipts.Resolver:
        _resolvers[kind] = function
        return function

    return register


def load_methods() -> None:
    """Import each app's ``methods`` module once, and with it every recompute function and resolver."""
    autodiscover_modules("methods")


def resolve(ref: str) -> Any:
    """Return the present value of a reference; raises LookupError when nothing can load it or it is gone."""
    kind, _, identifier = ref.partition(":")
    if kind not in _resolvers:
        raise LookupError(f"nothing here can load {ref}")
    return _resolvers[kind](identifier)


def freeze(receipt: Derived) -> Receipt:
    """Store a receipt whose figure is published, reported or referred to; storing it again changes nothing."""
    freeze_many([receipt])
    return Receipt.objects.get(pk=receipt.id)


@transaction.atomic
def freeze_many(items: Iterable[Derived]) -> int:
    """Store many receipts in few statements and return how many are new. Streams: memory is one batch."""
    stored = 0
    for batch in _batches(items):
        by_id = {item.id: item for item in batch}
        known = set(Receipt.objects.filter(pk__in=by_id).values_list("pk", flat=True))
        fresh = [item for key, item in by_id.items() if key not in known]
        Receipt.objects.bulk_create([_row(item) for item in fresh], ignore_conflicts=True)
        links = [link for item in fresh for link in _links(item)]
        ReceiptInput.objects.bulk_create(links, ignore_conflicts=True, batch_size=_BATCH)
        stored += len(fresh)
    return stored


def verify(receipt: Receipt | Derived) -> Verification:
    """Compute a receipt again and say whether the bytes agree, and if not, what differs."""
    text = receipt.text if isinstance(receipt, Derived) else receipt.document
    return verify_text(receipt.id, text)


def verify_text(receipt_id: str, text: str) -> Verification:
    """Like ``verify``, from id and canonical text (what worker processes are given)."""
    if not recompute.registered():
        load_methods()
    result = receipts.check(receipt_id, text, resolve)
    if result.verdict in (receipts.Verdict.UNKNOWN_METHOD, receipts.Verdict.INPUT_MISSING):
        load_methods()
        result = receipts.check(receipt_id, text, resolve)
    return result


@transaction.atomic
def erase_receipts(*, receipt_ids: Iterable[str], actor: Any, reason: str) -> int:
    """Empty the content of receipts and drop their links; ids stay, so that what was published stays accounted for.

    Returns how many were erased now; those erased before are left as they are.
    """
    name = audit.name_of(actor)
    ids = list(receipt_ids)
    erased = 0
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        erased += Receipt.objects.filter(pk__in=batch, erased_at__isnull=True).update(
            document="", subject="", erased_at=timezone.now(), erased_by=name
        )
        ReceiptInput.objects.filter(receipt__in=batch, receipt__erased_at__isnull=False).delete()
    if erased:
        audit.record(actor=actor, action="evidence.erase", label=f"{erased} receipts", reason=reason)
    return erased


def _row(item: Derived) -> Receipt:
    method = item.document["method"]
    return Receipt(
        id=item.id,
        kind=item.kind.value,
        subject=item.subject,
        method=method["name"],
        version=method["version"],
        document=item.text,
    )


def _links(item: Derived) -> Iterator[ReceiptInput]:
    for position, entry in enumerate(item.document["inputs"]):
        yield ReceiptInput(
            receipt_id=item.id, position=position, name=entry["name"], ref=entry["ref"], sha256=entry["sha256"]
        )


def _batches(items: Iterable[Derived]) -> Iterator[list[Derived]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _BATCH)):
        yield batch
