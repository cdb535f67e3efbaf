"""A person's part is removed everywhere: rows, quotations, receipts, reports."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from analysis.claims.models import Claim
from analysis.claims.services import forget_texts
from analysis.collection import erase as erasing
from analysis.collection.models import Change
from analysis.reports.models import Report
from analysis.reports.services import erase as erase_report
from analysis.stages import after_collection
from evidence import audit
from evidence import queries as evidence
from evidence.services import erase_receipts


@transaction.atomic
def erase_person(*, who: str, actor: Any, reason: str) -> dict[str, int]:
    """Remove the person of a login or e-mail address everywhere and block a re-import; returns counts by kind.

    Figures that quoted the person's words lose their receipts' content and keep their hashes.
    """
    who = who.strip()
    if not who:
        raise ValueError("a login or an e-mail address is needed")
    done = erasing.erase(who, by=audit.name_of(actor))
    receipts = _receipts_on(done.texts, who)
    reports = _erase_reports(receipts, who, actor, reason)
    emptied = erase_receipts(receipt_ids=receipts, actor=actor, reason=reason)
    forget_texts(done.texts)
    audit.record(actor=actor, action="collection.erase_person", target="person:erased", reason=reason)
    for repository_id in set(Change.objects.filter(pk__in=done.changes).values_list("repository_id", flat=True)):
        after_collection(repository_id)
    return {
        "contributors": done.contributors, "changes": len(done.changes), "texts": len(set(done.texts)),
        "payloads": done.payloads, "deliveries": done.deliveries, "receipts": emptied, "reports": reports,
        "mirrors": done.mirrors,
    }  # fmt: skip


def _receipts_on(texts: list[int], who: str) -> set[str]:
    """Frozen receipts that stand on claims quoted from these texts, or that name the person."""
    found = set(evidence.naming(who).values_list("pk", flat=True))
    for key in Claim.objects.filter(text__in=texts).values_list("key", flat=True):
        found |= set(evidence.standing_on(f"claim:{key}").values_list("pk", flat=True))
        found |= set(evidence.about(f"claim:{key}").values_list("pk", flat=True))
    return found


def _erase_reports(receipts: set[str], who: str, actor: Any, reason: str) -> int:
    """Empty the reports that hold one of these receipts or name the person; returns how many."""
    count = 0
    for report in Report.objects.filter(erased_at__isnull=True).iterator(chunk_size=20):
        if who.lower() in report.document.lower() or any(receipt in report.document for receipt in receipts):
            erase_report(report=report, actor=actor, now=timezone.now(), reason=reason)
            count += 1
    return count
