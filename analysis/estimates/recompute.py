"""Compute the estimates of changes and store what differs. Only what an edit touched is computed again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from analysis.claims.models import Claim
from analysis.collection.browse import change_ref
from analysis.collection.models import Change
from analysis.collection.part_models import ChangeContributor
from analysis.estimates import hours, ladder, sharing
from analysis.estimates.assumptions import Book, quantity_of
from analysis.estimates.ladder import Level, Surroundings
from analysis.estimates.methods import value_1_0 as value
from analysis.estimates.models import Assumption, Estimate, EstimateInput
from analysis.estimates.outcomes import Outcome
from analysis.estimates.quantities import Quantity, Role
from analysis.estimates.receipting import basis_of, input_entries, receipt_of
from analysis.facts.models import LineSurvival

BATCH = 100
DAYS_OF_MONTH = 30.4375


@dataclass(frozen=True, slots=True)
class Computed:
    """An unsaved estimate with the assumptions it stands on, by role."""

    row: Estimate
    stands_on: Mapping[str, Assumption]


def changes_to_estimate(repository_id: int | None = None) -> QuerySet[Change]:
    """Changes that have something to estimate: a claim, a human estimate, or an estimate from before.

    Once the owner has an effort model of their own, every change has its effort.
    """
    if hours.has_own_model():
        everything = Change.objects.all()
        return everything if repository_id is None else everything.filter(repository_id=repository_id)
    claims = Claim.objects.filter(change=OuterRef("pk"), is_current=True)
    old = Estimate.objects.filter(change=OuterRef("pk"))
    entered = Assumption.objects.filter(change=OuterRef("pk"), role=Assumption.Role.HUMAN_ESTIMATE, is_current=True)
    found = Change.objects.filter(Q(Exists(claims)) | Q(Exists(old)) | Q(Exists(entered)))
    return found if repository_id is None else found.filter(repository_id=repository_id)


def batches(changes: QuerySet[Change]) -> Iterator[Sequence[Any]]:
    """Return the changes with claims, people and survival at hand, a bounded batch at a time, by id."""
    current = Claim.objects.filter(is_current=True).order_by("id")
    people = ChangeContributor.objects.select_related("contributor").order_by("id")
    ready = changes.select_related("repository", "survival").prefetch_related(
        Prefetch("claims", queryset=current, to_attr="current_claims"),
        Prefetch("participations", queryset=people, to_attr="people"),
    )
    last = 0
    while batch := list(ready.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk


def compute(change: Any, book: Book) -> list[Computed]:
    """Return the estimates of one change of ``batches``; nothing is stored."""
    found = [one for claim in change.current_claims for one in _of_claim(change, claim, book)]
    effort = hours.effort_of(change, book)
    return [*found, *([] if effort is None else [Computed(*effort)])]


@transaction.atomic
def store(change: Change, computed: Sequence[Computed]) -> int:
    """Store what differs from what is stored, drop what no longer is, and return how many rows changed."""
    known = {(row.level, row.outcome): row for row in Estimate.objects.select_for_update().filter(change=change)}
    changed = 0
    for one in computed:
        old = known.pop((one.row.level, one.row.outcome), None)
        if old is not None and old.basis == one.row.basis:
            continue
        if old is not None:
            old.delete()
        one.row.save(force_insert=True)
        EstimateInput.objects.bulk_create(
            EstimateInput(estimate=one.row, assumption=row, role=role) for role, row in sorted(one.stands_on.items())
        )
        changed += 1
    for row in known.values():
        row.delete()
        changed += 1
    return changed


def outcome_of(claim: Claim) -> Outcome:
    """Return what a claim says, with the owner's corrections in the place of what was extracted."""
    fields = ("metric", "direction", "kind", "value", "value_hi", "from_value", "to_value", "unit", "to_unit", "period")
    said: dict[str, Any] = {name: getattr(claim, name) for name in fields}
    said.update({name: corrected for name, corrected in claim.correction.items() if name in fields})
    return Outcome(
        ref=f"claim:{claim.key}",
        same=claim.outcome_key or claim.fingerprint or claim.key,
        state=claim.state,
        review=claim.review,
        quote=claim.quote,
        **said,
    )


def _of_claim(change: Change, claim: Claim, book: Book) -> Iterator[Computed]:
    outcome = outcome_of(claim)
    rows = book.given(change, outcome.metric)
    around = Surroundings(
        given={role: quantity_of(row) for role, row in rows.items()},
        attribution=_share(change),
        persistence=quantity_of(rows[Role.PERSISTENCE]) if Role.PERSISTENCE in rows else _months(change, book),
        today=book.today,
        own_names=own_names(),
    )
    for level in ladder.hide_quoted_money(ladder.climb(outcome, around)):
        yield _row(change, outcome, level, rows)


def _row(change: Change, outcome: Outcome, level: Level, rows: Mapping[Role, Assumption]) -> Computed:
    stands_on = {
        role.value: rows[role]
        for role, quantity in level.inputs.items()
        if role in rows and quantity.key == f"assumption:{rows[role].name}"
    }
    before = rows.get(Role.BEFORE)
    if before is not None and any(quantity.key == f"assumption:{before.name}" for quantity in level.inputs.values()):
        stands_on[Role.BEFORE.value] = before
    row = Estimate(
        change=change,
        level=level.level,
        outcome=outcome.ref,
        outcome_key=outcome.same,
        statement=level.statement,
        status=Estimate.Status.OK if level.ok else Estimate.Status.REFUSED,
        reason="" if level.ok else level.reasons[0].code,
        reasons=[reason.document() for reason in level.reasons],
        unit=level.unit if level.ok else "",
        currency=level.currency,
        whose=level.whose,
        method=level.method,
        method_version=value.VERSION if level.ok else "",
        inputs=input_entries(level.inputs, stands_on, outcome) if level.ok else [],
        parameters={"whose": level.whose} if level.whose else {},
    )
    if level.found is not None:
        row.p10, row.p50, row.p90 = level.found.p10, level.found.p50, level.found.p90
    row.basis = basis_of(row)
    row.receipt = receipt_of(row).id if level.ok else ""
    return Computed(row, stands_on)


def _share(change: Any) -> Quantity | None:
    """The owner's share by the number of people who wrote or reviewed; bots are no people."""
    people = {
        row.contributor.same_as_id or row.contributor_id: row.contributor
        for row in change.people
        if row.contributor.kind != "bot" and row.role in {"author", "co_author", "reviewer"}
    }
    wrote = any(row.contributor.is_owner for row in change.people if row.role in {"author", "co_author"})
    return sharing.attribution(ref=change_ref(change), people=len(people), owner_took_part=wrote)


def _months(change: Change, book: Book) -> Quantity:
    """How long the change has been in effect, as far as blame at a stated tip tells."""
    survival: LineSurvival | None = getattr(change, "survival", None)
    if survival is None or survival.added == 0 or change.landed_at is None:
        return sharing.persistence(ref=change_ref(change), months=None, survives=None)
    tip = book.tip_of(change.repository_id)
    passed = (tip - change.landed_at).days / DAYS_OF_MONTH if tip else 0.0
    return sharing.persistence(ref=change_ref(change), months=passed, survives=2 * survival.alive >= survival.added)


def own_names() -> tuple[str, ...]:
    """Host names of this site: what stands there is no source for a rate."""
    hosts = getattr(settings, "ALLOWED_HOSTS", [])
    return tuple(
        host.lstrip(".") for host in hosts if host not in {"*", "localhost", "127.0.0.1", "[::1]", "testserver"}
    )
