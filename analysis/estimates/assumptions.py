"""Enter, version, withdraw and find assumptions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from analysis.collection.models import Change
from analysis.estimates import units
from analysis.estimates.errors import AssumptionRefused
from analysis.estimates.models import Assumption
from analysis.estimates.quantities import InputError, InputKind, Quantity, Role, check
from evidence import audit

CONTENT = (
    "role", "kind", "unit", "point", "low", "mode", "high", "source", "dated", "author", "expires_on",
    "repository_id", "change_id", "metric",
)  # fmt: skip
SPECIFIC = frozenset({"volume", "before", "realised", "attribution", "persistence"})
OF_ONE_CHANGE = frozenset({"human_estimate", "cost"})


@transaction.atomic
def save_assumption(*, actor: Any, name: str, **content: Any) -> Assumption:
    """Enter an assumption, or a new version of the one of this name; entering the same again changes nothing.

    Raises AssumptionRefused for a value, a unit or a scope that its role cannot have.
    """
    fresh = Assumption(name=name, **content)
    fresh.author = fresh.author or audit.name_of(actor)
    check_assumption(fresh)
    latest = Assumption.objects.select_for_update().filter(name=name).order_by("-version").first()
    if latest is not None and latest.is_current and _content(latest) == _content(fresh):
        return latest
    fresh.version = latest.version + 1 if latest else 1
    Assumption.objects.filter(name=name, is_current=True).update(is_current=False)
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError as error:
        raise AssumptionRefused(
            f"another version of {name} was entered meanwhile; look at it and enter again"
        ) from error
    before = _content(latest) if latest else {}
    audit.record(actor=actor, action="estimates.assume", target=fresh, before=before, after=_content(fresh))
    return fresh


@transaction.atomic
def withdraw_assumption(*, actor: Any, assumption: Assumption, reason: str) -> None:
    """Stop using an assumption; its versions stay, since old receipts stand on them."""
    changed = Assumption.objects.filter(pk=assumption.pk, is_current=True).update(is_current=False)
    if changed:
        audit.record(actor=actor, action="estimates.withdraw", target=assumption, reason=reason)


def check_assumption(row: Assumption) -> None:
    """Raise AssumptionRefused where the row cannot play its role."""
    if not row.name:
        raise AssumptionRefused("an assumption needs a name, such as hourly-rate", "name")
    if row.role in SPECIFIC and row.change_id is None and not row.metric:
        raise AssumptionRefused("say for which change or which metric it holds; it cannot hold for all", "metric")
    if row.role in OF_ONE_CHANGE and row.change_id is None:
        raise AssumptionRefused(f"a {row.get_role_display().split(':')[0]} belongs to one change", "change")
    if row.kind in {Assumption.Kind.MEASURED, Assumption.Kind.QUOTED} and not row.source:
        raise AssumptionRefused(f"what is {row.kind} has a source: a URL, a document or a quoted span", "source")
    if row.dated is not None and row.dated > timezone.now().date():
        raise AssumptionRefused("its date lies in the future", "dated")
    _check_value(row)


def _check_value(row: Assumption) -> None:
    """The numbers and the unit, by the rules of the pure part."""
    try:
        if row.role == Assumption.Role.HUMAN_ESTIMATE:
            check(quantity_of(row), Role.BEFORE)
            units.factor(row.unit, "hour")
            if row.point is None or row.point <= 0:
                raise AssumptionRefused("a human estimate is one number of hours above zero", "point")
        else:
            check(quantity_of(row), Role(row.role))
    except units.UnitError as error:
        raise AssumptionRefused(str(error), "unit") from error
    except InputError as error:
        raise AssumptionRefused(str(error), "point" if row.point is not None else "low") from error


def quantity_of(row: Assumption) -> Quantity:
    """Return the input that an assumption is; its draws stay the same from version to version."""
    return Quantity(
        key=f"assumption:{row.name}",
        unit=row.unit,
        kind=InputKind(row.kind),
        point=row.point,
        low=row.low,
        high=row.high,
        mode=row.mode,
        source=row.source,
        dated=row.dated,
        author=row.author,
    )


class Book:
    """The current assumptions, ready to be asked by role and scope; built once for a run over many changes."""

    def __init__(self, rows: Iterable[Assumption], today: dt.date) -> None:
        self._by_scope: dict[tuple[str, int | None, str, int | None], Assumption] = {}
        for row in sorted(rows, key=lambda row: row.name, reverse=True):
            if row.expires_on is None or row.expires_on > today:
                self._by_scope[(row.role, row.change_id, row.metric, row.repository_id)] = row
        self.today = today
        self._tips: dict[int, dt.datetime | None] = {}

    @classmethod
    def current(cls, today: dt.date) -> Book:
        """Return the book of what holds on this day; expired assumptions are not in it."""
        return cls(Assumption.objects.filter(is_current=True).order_by("name")[:100_000], today)

    def find(self, role: str, change: Change, metric: str = "") -> Assumption | None:
        """Return what holds for this change and metric: of the change before of the metric before of the repository.

        Of two of the same scope the one whose name sorts first is taken.
        """
        for change_id, word, repository_id in product((change.pk, None), (metric, ""), (change.repository_id, None)):
            row = self._by_scope.get((role, change_id, word, repository_id))
            if row is not None:
                return row
        return None

    def tip_of(self, repository_id: int) -> dt.datetime | None:
        """Return when the newest change of a repository was made: the day up to which survival is known."""
        if repository_id not in self._tips:
            newest = Change.objects.filter(repository_id=repository_id).order_by("-sorted_at", "-id").first()
            self._tips[repository_id] = newest.sorted_at if newest else None
        return self._tips[repository_id]

    def given(self, change: Change, metric: str) -> Mapping[Role, Assumption]:
        """Return every assumption that holds for an outcome of this metric, by role."""
        found = {role: self.find(role.value, change, metric) for role in Role if role.value in Assumption.Role.values}
        return {role: row for role, row in found.items() if row is not None}


def _content(row: Assumption) -> dict[str, Any]:
    return {name: getattr(row, name) for name in CONTENT}
