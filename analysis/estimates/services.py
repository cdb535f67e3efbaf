"""What estimates do when asked: enter an assumption, recompute, log hours. Thin; atomic; audited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from analysis.collection.models import Change, Repository
from analysis.collection.requests import request_work
from analysis.estimates import assumptions, hours, recompute, totals
from analysis.estimates.errors import AssumptionRefused
from analysis.estimates.models import Assumption, Estimate, LoggedHours, MeasuredEffect
from evidence import audit
from jobs import handlers

Progress = Callable[[int, int, str], None]
Guard = Callable[[], None]
JOB = "estimates"


def estimate_repository(
    *, repository_id: int | None = None, progress: Progress | None = None, guard: Guard | None = None
) -> dict[str, int]:
    """Compute the estimates of a repository's changes (or of all) anew and store what differs; return counts.

    Each change is one transaction: an edit of an assumption in the middle leaves whole rows, and its own job, which
    follows, computes what it touches again.
    """
    hours.fit_own_models()
    book = assumptions.Book.current(timezone.now().date())
    changes = recompute.changes_to_estimate(repository_id)
    total, seen, stored = changes.count(), 0, 0
    for batch in recompute.batches(changes):
        for change in batch:
            computed = recompute.compute(change, book)
            with transaction.atomic():
                if guard is not None:
                    guard()
                stored += recompute.store(change, computed)
            seen += 1
        if progress is not None:
            progress(seen, total, "estimates")
    with transaction.atomic():
        if guard is not None:
            guard()
        stored += totals.refresh()
    return {"changes": seen, "rows_written": stored}


def estimate_change(*, change: Change) -> int:
    """Compute the estimates of one change anew; return how many rows changed."""
    book = assumptions.Book.current(timezone.now().date())
    stored = 0
    for batch in recompute.batches(Change.objects.filter(pk=change.pk)):
        stored += sum(recompute.store(one, recompute.compute(one, book)) for one in batch)
    return stored


@transaction.atomic
def enter_assumption(*, actor: Any, name: str, **content: Any) -> Assumption:
    """Enter an assumption or its next version, and ask for what it touches to be computed again.

    Raises AssumptionRefused.
    """
    row = assumptions.save_assumption(actor=actor, name=name, **content)
    request_estimates(repository=row.repository or (row.change.repository if row.change else None), actor=actor)
    return row


@transaction.atomic
def withdraw_assumption(*, actor: Any, assumption: Assumption, reason: str) -> None:
    """Stop using an assumption, and compute what stood on it again."""
    assumptions.withdraw_assumption(actor=actor, assumption=assumption, reason=reason)
    request_estimates(repository=assumption.repository, actor=actor)


def request_estimates(*, repository: Repository | None, actor: Any = None) -> int:
    """Ask for the estimates of a repository, or of every one, in the background; return the number of jobs."""
    if handlers.find(JOB) is None:
        return 0
    asked = [repository.pk] if repository else list(Repository.objects.values_list("pk", flat=True).order_by("pk"))
    for pk in asked:
        request_work(JOB, pk, actor=actor)
    return len(asked)


@transaction.atomic
def log_hours(*, actor: Any, change: Change, hours_spent: float, spent_on: dt.date, source: str = "") -> LoggedHours:
    """Record hours that were spent on a change. Raises HoursRefused."""
    row = hours.log_hours(actor=actor, change=change, hours=hours_spent, spent_on=spent_on, source=source)
    request_estimates(repository=change.repository, actor=actor)
    return row


@transaction.atomic
def import_hours(*, actor: Any, repository: Repository, text: str, source: str) -> int:
    """Read a time tracker's CSV, all or nothing; return the number of rows. Raises HoursRefused."""
    count = hours.import_hours(actor=actor, repository=repository, lines=text.splitlines(), source=source)
    request_estimates(repository=repository, actor=actor)
    return count


@transaction.atomic
def record_effect(
    *, actor: Any, change: Change, outcome: str, value: float, unit: str, source: str, measured_on: dt.date
) -> MeasuredEffect:
    """Record what an outcome really came to in a year, in the unit of its estimate. Raises AssumptionRefused."""
    known = Estimate.objects.filter(change=change, level="L3", outcome=outcome, status="ok").first()
    if known is None:
        raise AssumptionRefused("this change has no yearly effect of that outcome to be held against", "outcome")
    if unit != known.unit:
        raise AssumptionRefused(f"the estimate is in {known.unit}, so the measurement has to be", "unit")
    if not source:
        raise AssumptionRefused("say where the measurement stands written", "source")
    row, _ = MeasuredEffect.objects.update_or_create(
        change=change,
        outcome=outcome,
        measured_on=measured_on,
        defaults={
            "value": value,
            "unit": unit,
            "source": source,
            "entered_by": audit.name_of(actor),
            "entered_at": timezone.now(),
        },
    )
    audit.record(actor=actor, action="estimates.record_effect", target=row, after={"value": value, "unit": unit})
    return row
