"""Compile a report: read the evidence of a period into one plain document. Seven queries whatever the amount.

The document is what every format is rendered from, so that no format can say more than another:
``{format, title, reader, period, scope, totals, achievements, changes, not_proven, empty_reason}``; every figure in it
carries the id of its receipt, and the receipts' documents are frozen beside the report.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from analysis.achievements.drafts import OUTCOMES
from analysis.achievements.figures import rows_of
from analysis.achievements.methods import VERSION
from analysis.achievements.models import Achievement
from analysis.claims.models import Claim
from analysis.collection.browse import change_ref
from analysis.collection.models import Change, Repository
from analysis.reports.models import Report
from analysis.reports.periods import moments
from evidence.receipts import Derived, Input, Kind, derive

FORMAT = 1
CLAIMS_READ, CLAIMS_SHOWN = 2000, 100
TOTALS = (
    ("changes", "changes landed", "change"),
    ("added", "lines added", "line"),
    ("deleted", "lines deleted", "line"),
    ("source", "source lines added", "line"),
    ("tests", "test lines added", "line"),
)
LISTED = {Report.Reader.MANAGER: 0, Report.Reader.PEER: 200, Report.Reader.SELF: 200}
SHOWN = (Achievement.State.APPROVED, Achievement.State.PUBLISHED)
TITLES = {
    Report.Reader.MANAGER: "What was achieved",
    Report.Reader.PEER: "What was built",
    Report.Reader.SELF: "What I did",
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be compiled; ``repository`` None means all. Days are included on both ends."""

    reader: str
    starts_on: dt.date
    ends_on: dt.date
    repository: Repository | None = None


@dataclass(frozen=True, slots=True)
class Compiled:
    """The document and the receipts that its figures name."""

    document: dict[str, Any]
    receipts: tuple[Derived, ...]


def landed(order: Order) -> QuerySet[Change]:
    """Changes that reached a default branch in the period, each credited once; hidden and vanished ones left out."""
    start, end = moments(order.starts_on, order.ends_on)
    found = Change.objects.filter(
        landed_at__gte=start, landed_at__lt=end, is_credited=True, is_hidden=False, vanished_at__isnull=True
    )
    return found.filter(repository=order.repository) if order.repository else found


def compile_report(order: Order) -> Compiled:
    """Read, count and describe. A period without data says so and why."""
    changes = list(
        landed(order).select_related("repository", "facts").defer("body", "unknown").order_by("landed_at", "pk")
    )
    receipts = _totals(order, changes)
    limit = LISTED[Report.Reader(order.reader)]
    document = {
        "format": FORMAT,
        "title": TITLES[Report.Reader(order.reader)],
        "reader": order.reader,
        "period": {"from": order.starts_on.isoformat(), "to": order.ends_on.isoformat()},
        "scope": order.repository.name if order.repository else "all repositories",
        "totals": [_figure(label, receipt) for (_, label, _), receipt in zip(TOTALS, receipts, strict=False)],
        "achievements": [_achievement(row) for row in _achievements(order)],
        "claims": _claims(changes),
        "changes": [_change(change) for change in changes[-limit:]] if limit else [],
        "listed_of": len(changes),
        "not_proven": _not_proven(changes),
        "empty_reason": "" if changes else _why_empty(order),
    }
    return Compiled(document, tuple(receipts))


def _totals(order: Order, changes: Sequence[Change]) -> list[Derived]:
    if not changes:
        return []
    where = order.repository.key if order.repository else "all"
    subject = f"period:{where}:{order.starts_on}..{order.ends_on}"
    return [
        derive(
            kind=Kind.MEASURED, subject=subject, method="achievements.total", version=VERSION,
            inputs=[Input("changes", subject, rows_of(changes))], parameters={"column": column, "unit": unit},
        )
        for column, _, unit in TOTALS
    ]  # fmt: skip


def _figure(label: str, receipt: Derived) -> dict[str, Any]:
    result = receipt.result
    return {"label": label, "value": result["value"], "unit": result["unit"], "kind": "measured", "receipt": receipt.id}


def _achievements(order: Order) -> QuerySet[Achievement]:
    """For other readers what a person approved; the owner's own review also sees drafts, labelled as such."""
    start, end = moments(order.starts_on, order.ends_on)
    members = Change.objects.select_related("repository").order_by("sorted_at", "pk")
    found = Achievement.objects.filter(ended_at__gte=start, ended_at__lt=end).exclude(state=Achievement.State.RETIRED)
    if order.reader != Report.Reader.SELF:
        found = found.filter(state__in=SHOWN)
    if order.repository:
        found = found.filter(changes__repository=order.repository).distinct()
    return found.prefetch_related(Prefetch("changes", queryset=members)).order_by("-landed_source_lines", "pk")[:100]


def _achievement(row: Achievement) -> dict[str, Any]:
    return {
        "title": row.title,
        "title_source": row.title_source,
        "state": row.state,
        "summary": row.summary,
        "part": row.part,
        "part_reason": row.part_reason,
        "from": row.started_at.date().isoformat(),
        "to": row.ended_at.date().isoformat(),
        "changes": [change_ref(change) for change in row.changes.all()],
        "reasons": [item["reason"] for item in row.reasons],
        "missing": [item["what"] for item in row.missing],
        "stale": row.stale_reason,
    }


def _claims(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Quoted outcomes of the period; one outcome that several changes state is listed once, at its first change."""
    refs = {change.pk: change_ref(change) for change in changes}
    rows = Claim.objects.filter(change__in=refs, is_current=True, state__in=OUTCOMES).exclude(review="rejected")
    seen: set[str] = set()
    found = []
    for claim in rows.order_by("change__landed_at", "change_id", "start", "pk")[:CLAIMS_READ]:
        outcome = claim.outcome_key or claim.key
        if outcome not in seen:
            seen.add(outcome)
            found.append({"quote": claim.quote, "change": refs[claim.change_id], "state": claim.state,
                          "review": claim.review, "claim": f"claim:{claim.key}"})  # fmt: skip
    return found[:CLAIMS_SHOWN]


def _change(change: Change) -> dict[str, Any]:
    return {
        "ref": change_ref(change),
        "title": change.title[:200],
        "kind": change.kind,
        "landed": change.landed_at.date().isoformat() if change.landed_at else None,
        "language": change.language,
    }


def _not_proven(changes: Sequence[Change]) -> list[str]:
    """What a reader may not conclude from this report."""
    found = ["Lines are a measure of size, not of value or effort."]
    doubtful = sum(change.certainty != Change.Certainty.CERTAIN for change in changes)
    if doubtful:
        found.append(f"How {doubtful} of the changes landed is likely, not certain.")
    bodiless = sum(not change.body_source for change in changes)
    if bodiless:
        found.append(f"The descriptions of {bodiless} changes are unknown: no source that was read holds them.")
    kinds = Counter(change.kind for change in changes)
    if kinds[Change.Kind.DIRECT]:
        found.append(f"{kinds[Change.Kind.DIRECT]} changes are direct commits: nothing shows that they were reviewed.")
    return found


def _why_empty(order: Order) -> str:
    everything = Change.objects.filter(repository=order.repository) if order.repository else Change.objects.all()
    dates = everything.filter(landed_at__isnull=False).order_by("landed_at").values_list("landed_at", flat=True)
    first, last = dates.first(), dates.last()
    if first is None or last is None:
        return "Nothing has been collected yet: collect a repository first."
    return f"No change landed in this period. What is collected landed between {first.date()} and {last.date()}."
