"""Verify many receipts: streamed from the database, computed again in several processes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field

import django
from django.db import connections

from evidence import services
from evidence.models import Receipt
from evidence.receipts import Verdict, Verification

_CHUNK = 1000


@dataclass
class Summary:
    """How many receipts got which verdict, and those that did not verify (the first hundred)."""

    counts: dict[str, int] = field(default_factory=dict)
    troubled: list[Verification] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Number of receipts looked at."""
        return sum(self.counts.values())

    @property
    def ok(self) -> bool:
        """True when every receipt verified or was erased on purpose."""
        return set(self.counts) <= {Verdict.SAME.value, Verdict.ERASED.value}

    def add(self, counts: dict[str, int], troubled: list[Verification]) -> None:
        """Count in the findings of one chunk."""
        for verdict, count in counts.items():
            self.counts[verdict] = self.counts.get(verdict, 0) + count
        self.troubled = (self.troubled + troubled)[:100]


def verify_all(processes: int = 0, progress: Callable[[int, int], None] = lambda done, total: None) -> Summary:
    """Verify every frozen receipt with ``processes`` workers (0: one a core); ``progress`` gets done and total."""
    summary = Summary()
    total = Receipt.objects.count()
    workers = processes or os.cpu_count() or 1
    if workers == 1 or total <= _CHUNK:
        for chunk in _chunks():
            summary.add(*verify_chunk(chunk))
            progress(summary.total, total)
        return summary
    services.load_methods()
    chunks = list(_bounds())
    connections.close_all()
    fork = "fork" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if fork else "spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=None if fork else django.setup) as pool:
        for future in as_completed([pool.submit(_verify_between, *bounds) for bounds in chunks]):
            summary.add(*future.result())
            progress(summary.total, total)
    return summary


def verify_chunk(rows: list[tuple[str, str]]) -> tuple[dict[str, int], list[Verification]]:
    """Verify (id, document) pairs; returns the counts by verdict and what did not verify."""
    counts: dict[str, int] = {}
    troubled = []
    for receipt_id, text in rows:
        found = services.verify_text(receipt_id, text)
        counts[found.verdict.value] = counts.get(found.verdict.value, 0) + 1
        if found.verdict not in (Verdict.SAME, Verdict.ERASED):
            troubled.append(found)
    return counts, troubled


def _verify_between(first: str, last: str) -> tuple[dict[str, int], list[Verification]]:
    rows = Receipt.objects.filter(pk__gte=first, pk__lte=last).order_by("pk").values_list("pk", "document")
    return verify_chunk(list(rows))


def _chunks() -> Iterator[list[tuple[str, str]]]:
    last = ""
    while rows := list(Receipt.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "document")[:_CHUNK]):
        yield rows
        last = rows[-1][0]


def _bounds() -> Iterator[tuple[str, str]]:
    last = ""
    while keys := list(Receipt.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_CHUNK]):
        yield keys[0], keys[-1]
        last = keys[-1]
