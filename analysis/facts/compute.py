"""Compute the facts of a repository's changes in bulk; writes only the rows that would differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import transaction

from analysis.collection.models import Change, Repository
from analysis.facts import definitions, later, methods
from analysis.facts.material import load
from analysis.facts.models import ChangeFacts
from evidence.canonical import sha256_of

PAGE = 500
_FIELDS = ["version", "inputs_sha256", "values", "unknown", "later"]
Progress = Callable[[int, int | None, str], None]


def compute(repository: Repository, progress: Progress | None = None, guard: Callable[[], None] | None = None) -> int:
    """Bring every fact of a repository up to date; returns how many rows were written. Resumes where it was killed."""
    told = progress or (lambda done, total, what: None)
    told(0, None, "looking for reverts and fixes")
    found = later.find(repository)
    total, done, written = Change.objects.filter(repository=repository).count(), 0, 0
    for page in _pages(repository):
        with transaction.atomic():
            if guard:
                guard()
            written += _page(repository, page, found)
        done += len(page)
        told(done, total, "computing facts")
    return written


def _pages(repository: Repository) -> Iterator[list[Change]]:
    last = 0
    rows = Change.objects.filter(repository=repository).select_related("repository").order_by("pk")
    while page := list(rows.filter(pk__gt=last)[:PAGE]):
        yield page
        last = page[-1].pk


def _page(repository: Repository, page: list[Change], found: later.Found) -> int:
    known = {row.pk: row for row in ChangeFacts.objects.filter(change__in=page)}
    material = load(page)
    fresh, stale = [], []
    for change in page:
        row = facts_row(change, material[change.pk], found.get(change.pk), repository.tip_sha)
        old = known.get(change.pk)
        if old is None:
            fresh.append(row)
        elif (old.version, old.inputs_sha256) != (row.version, row.inputs_sha256):
            stale.append(row)
    ChangeFacts.objects.bulk_create(fresh, batch_size=PAGE)
    if stale:
        ChangeFacts.objects.bulk_update(stale, _FIELDS, batch_size=100)
    return len(fresh) + len(stale)


def facts_row(
    change: Change, material: definitions.Material, found: dict[str, list[list[str]]] | None, tip: str
) -> ChangeFacts:
    """The row of one change, unsaved. The tip is kept as of the search that found what `later` holds."""
    searched = {"reverted": found["reverted"], "fixed": found["fixed"], "tip": tip} if found is not None else {}
    whole = definitions.with_later(material, searched)
    values, unknown = {}, {}
    for name, fact in definitions.FACTS.items():
        if fact.needs == "blame" or (fact.needs == "cycle" and whole.cycle is None):
            continue  # computed apart at a tip of its own; and what nothing was asked about is no fact of this change
        amount, reason = definitions.value(fact, whole)
        if reason:
            unknown[name] = reason
        else:
            values[name] = amount
    stated = {"values": values, "unknown": unknown, "later": {k: v for k, v in searched.items() if k != "tip"}}
    return ChangeFacts(
        change_id=change.pk,
        version=methods.VERSION,
        inputs_sha256=sha256_of(stated),
        values=values,
        unknown=unknown,
        later=searched,
    )
