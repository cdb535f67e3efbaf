"""Compile a report: read the evidence of a period into one plain document. Seven queries whatever the amount.

The document is what every format is rendered from, so that no format can say more than another:
``{format, title, reader, period, scope, theme, totals, achievements, claims, changes, caveats, not_proven, appendix,
empty_reason}``; every figure in it carries the id of its receipt, the appendix names the inputs and the version of the
method behind each, and the receipts' documents are frozen beside the report. A manager's report fits a page.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from analysis.achievements.drafts import OUTCOMES
from analysis.achievements.figures import receipts_of, rows_of
from analysis.achievements.methods import VERSION
from analysis.achievements.models import Achievement
from analysis.claims.models import Claim
from analysis.claims.queries import claim_phrases
from analysis.collection.browse import change_ref
from analysis.collection.models import Change, Repository
from analysis.reports.models import Report
from analysis.reports.periods import moments
from evidence.canonical import sha256_of
from evidence.receipts import Derived, Input, Kind, derive

FORMAT = 2
CLAIMS_READ = 2000
READ = ("key", "repository_id", "kind", "certainty", "title", "body_source", "language", "landed_at",
        "landed_additions", "landed_deletions", "facts__values")  # fmt: skip
PHRASE = 160  # characters; a longer sentence is too long for a list, and the quote stands alone
TOTALS = (
    ("changes", "changes landed", "change"),
    ("added", "lines added", "line"),
    ("deleted", "lines deleted", "line"),
    ("source", "source lines added", "line"),
    ("tests", "test lines added", "line"),
)
CAVEATS = (
    ("uncertain", "changes whose way of landing is likely, not certain"),
    ("bodiless", "changes whose description no source holds"),
    ("direct", "direct commits, of which nothing shows a review"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of each kind a reader is shown; ``words`` is the longest summary, 0 for any."""

    achievements: int
    claims: int
    changes: int
    words: int = 0


LIMITS = {
    Report.Reader.MANAGER: Limits(5, 5, 0, 240),
    Report.Reader.PEER: Limits(100, 100, 200),
    Report.Reader.SELF: Limits(100, 100, 200),
}
SHOWN = (Achievement.State.APPROVED, Achievement.State.PUBLISHED)
NOT_PROVEN = [
    "Lines are a measure of size, not of value or effort.",
    "What the changes say of outcomes is quoted, and was not measured again.",
]
TITLES = {
    Report.Reader.MANAGER: "What was achieved",
    Report.Reader.PEER: "What was built",
    Report.Reader.SELF: "What I did",
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be compiled; ``repository`` None is all, ``theme`` "" every type. Days are included on both ends."""

    reader: str
    starts_on: dt.date
    ends_on: dt.date
    repository: Repository | None = None
    theme: str = ""

    @property
    def limits(self) -> Limits:
        return LIMITS[Report.Reader(self.reader)]


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
    if order.theme:
        said = Q(type_review__type=order.theme)
        predicted = Q(type_review__isnull=True, types__is_current=True, types__type=order.theme)
        found = found.filter(said | predicted).distinct()
    return found.filter(repository=order.repository) if order.repository else found


def read(rows: QuerySet[Change]) -> list[Change]:
    """These changes with what a report says of them, and with their facts; a repository is one object for all of its.

    A year holds ten thousands of rows: every column and object that nobody reads is time, and the garbage collector's.
    """
    found = list(rows.select_related("facts").only(*READ))
    repositories = Repository.objects.in_bulk({change.repository_id for change in found})
    for change in found:
        change.repository = repositories[change.repository_id]
    return found


def compile_report(order: Order) -> Compiled:
    """Read, count and describe. A period without data says so and why."""
    changes = read(landed(order).order_by("landed_at", "pk"))
    totals, caveats = _totals(order, changes), _caveats(order, changes)
    achievements = list(_achievements(order)) if changes else []
    brief = order.limits.words > 0
    own = {row.pk: [] if brief else receipts_of(row) for row in achievements}
    receipts = [*totals, *(receipt for _, receipt in caveats), *(item for found in own.values() for _, item in found)]
    limit = order.limits.changes
    document = {
        "format": FORMAT,
        "title": TITLES[Report.Reader(order.reader)],
        "reader": order.reader,
        "period": {"from": order.starts_on.isoformat(), "to": order.ends_on.isoformat()},
        "scope": order.repository.name if order.repository else "all repositories",
        "theme": order.theme,
        "totals": [figure_of(label, receipt) for (_, label, _), receipt in zip(TOTALS, totals, strict=False)],
        "achievements": [_achievement(row, own[row.pk], order.limits.words) for row in achievements],
        "claims": _claims(order, changes, one_a_change=brief),
        "changes": [_change(change) for change in changes[-limit:]] if limit else [],
        "listed_of": len(changes),
        "caveats": [figure_of(label, receipt) for label, receipt in caveats],
        "not_proven": NOT_PROVEN if changes else [],
        "appendix": [described(receipt) for receipt in receipts],
        "empty_reason": "" if changes else why_empty(order),
    }
    return Compiled(document, tuple(receipts))


def subject_of(order: Order) -> str:
    where = order.repository.key if order.repository else "all"
    theme = f"!{order.theme}" if order.theme else ""
    return f"period:{where}:{order.starts_on}..{order.ends_on}{theme}"


def _totals(order: Order, changes: Sequence[Change]) -> list[Derived]:
    if not changes:
        return []
    rows = rows_as_input(subject_of(order), changes)
    return [total_of(rows, column, unit) for column, _, unit in TOTALS]


def rows_as_input(subject: str, changes: Sequence[Change]) -> Input:
    """The changes as an input that several totals share, hashed once."""
    rows = rows_of(changes)
    return Input("changes", subject, rows, sha256=sha256_of(rows))


def total_of(rows: Input, column: str, unit: str, kind: Kind = Kind.MEASURED) -> Derived:
    return derive(
        kind=kind, subject=rows.ref, method="achievements.total", version=VERSION, inputs=[rows],
        parameters={"column": column, "unit": unit},
    )  # fmt: skip


def _caveats(order: Order, changes: Sequence[Change]) -> list[tuple[str, Derived]]:
    """How many of the changes leave a doubt, each doubt counted with its receipt."""
    found = {
        "uncertain": [change for change in changes if change.certainty != Change.Certainty.CERTAIN],
        "bodiless": [change for change in changes if not change.body_source],
        "direct": [change for change in changes if change.kind == Change.Kind.DIRECT],
    }
    subject = subject_of(order)
    return [
        (label, total_of(rows_as_input(subject, found[name]), "changes", "change"))
        for name, label in CAVEATS
        if found[name]
    ]


def described(receipt: Derived) -> dict[str, Any]:
    """A receipt in the appendix: its inputs by reference and hash, and its method's version."""
    document = receipt.document
    return {
        "receipt": receipt.id, "method": document["method"]["name"], "version": document["method"]["version"],
        "inputs": [{name: entry[name] for name in ("name", "ref", "sha256")} for entry in document["inputs"]],
    }  # fmt: skip


def figure_of(label: str, receipt: Derived) -> dict[str, Any]:
    result = receipt.result
    return {
        "label": label, "value": result["value"], "unit": result["unit"], "kind": receipt.kind.value,
        "receipt": receipt.id,
    }  # fmt: skip


def _achievements(order: Order) -> QuerySet[Achievement]:
    """For other readers what a person approved; the owner's own review also sees drafts, labelled as such."""
    start, end = moments(order.starts_on, order.ends_on)
    members = Change.objects.select_related("repository", "facts").order_by("sorted_at", "pk")
    found = Achievement.objects.filter(ended_at__gte=start, ended_at__lt=end).exclude(state=Achievement.State.RETIRED)
    if order.reader != Report.Reader.SELF:
        found = found.filter(state__in=SHOWN)
    if order.repository:
        found = found.filter(changes__repository=order.repository).distinct()
    if order.theme:
        found = found.filter(changes__in=landed(order)).distinct()
    found = found.prefetch_related(Prefetch("changes", queryset=members)).order_by("-landed_source_lines", "pk")
    return found[: order.limits.achievements]


def _achievement(row: Achievement, receipts: Sequence[tuple[str, Derived]], words: int) -> dict[str, Any]:
    return {
        "title": shorten(row.title, 120, placeholder=" …") if words else row.title,
        "title_source": row.title_source,
        "state": row.state,
        "summary": shorten(row.summary, words, placeholder=" …") if words else row.summary,
        "part": row.part,
        "part_reason": row.part_reason,
        "from": row.started_at.date().isoformat(),
        "to": row.ended_at.date().isoformat(),
        "changes": [change_ref(change) for change in row.changes.all()],
        "figures": [figure_of(label, receipt) for label, receipt in receipts],
        "reasons": [item["reason"] for item in row.reasons],
        "missing": [item["what"] for item in row.missing],
        "stale": row.stale_note,
    }


def _claims(order: Order, changes: Sequence[Change], *, one_a_change: bool) -> list[dict[str, Any]]:
    """Quoted outcomes of the period; one outcome that several changes state is listed once, at its first change.

    ``phrase`` are the words around the quote, as they stand there, that say what it is about.
    """
    refs = {change.pk: change_ref(change) for change in changes}
    rows = Claim.objects.filter(change__in=landed(order).values("pk"), is_current=True, state__in=OUTCOMES)
    rows = rows.exclude(review=Claim.Review.REJECTED)
    found: dict[str, Claim] = {}
    for claim in rows.order_by("change__landed_at", "change_id", "start", "pk")[:CLAIMS_READ]:
        if claim.change_id not in refs:
            continue  # its change came while this report was being built
        found.setdefault(str(claim.change_id) if one_a_change else claim.outcome_key or claim.key, claim)
    shown = list(found.values())[: order.limits.claims]
    phrases = claim_phrases(shown)
    return [
        {"quote": claim.quote, "phrase": phrases[claim.pk] if len(phrases[claim.pk]) <= PHRASE else claim.quote,
         "change": refs[claim.change_id], "state": claim.state, "review": claim.review, "claim": f"claim:{claim.key}"}
        for claim in shown
    ]  # fmt: skip


def _change(change: Change) -> dict[str, Any]:
    return {
        "ref": change_ref(change),
        "title": change.title[:200],
        "kind": change.kind,
        "landed": change.landed_at.date().isoformat() if change.landed_at else None,
        "language": change.language,
    }


def why_empty(order: Order) -> str:
    everything = Change.objects.filter(repository=order.repository) if order.repository else Change.objects.all()
    dates = everything.filter(landed_at__isnull=False).order_by("landed_at").values_list("landed_at", flat=True)
    first, last = dates.first(), dates.last()
    if order.theme and first is not None:
        return (
            f"No change of the type “{order.theme}” landed in this period. Other types may have: leave the theme out."
        )
    if first is None or last is None:
        return "Nothing has been collected yet: collect a repository first."
    return f"No change landed in this period. What is collected landed between {first.date()} and {last.date()}."
