"""Assumptions: versioned, scoped, checked at entry, and held by the database."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from analysis.estimates.assumptions import Book, save_assumption, withdraw_assumption
from analysis.estimates.errors import AssumptionRefused
from analysis.models import Assumption
from evidence.models import AuditEntry
from tests.factories.collection import ChangeFactory
from tests.factories.estimates import AssumptionFactory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 23)
RATE: dict[str, Any] = {
    "role": "rate",
    "unit": "USD/hour",
    "low": 60.0,
    "high": 120.0,
    "source": "https://example.org/salaries",
    "dated": dt.date(2026, 1, 15),
    "author": "owner",
}


def save(**content: Any) -> Assumption:
    return save_assumption(actor="system:test", name="hourly-rate", **{**RATE, **content})


def test_an_edit_makes_a_version_and_an_audit_entry() -> None:
    save()
    second = save(high=150.0)
    assert (second.version, second.is_current) == (2, True)
    assert Assumption.objects.get(version=1).is_current is False
    assert AuditEntry.objects.filter(action="estimates.assume").count() == 2


def test_entering_the_same_again_changes_nothing() -> None:
    assert save() == save()


def test_a_withdrawn_assumption_is_not_used_and_may_return() -> None:
    row = save()
    withdraw_assumption(actor="system:test", assumption=row, reason="out of date")
    assert Book.current(TODAY).find("rate", ChangeFactory.create()) is None
    assert save().version == 2


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"unit": "bananas"}, "unit"),
        ({"unit": "hour"}, "unit"),
        ({"role": "volume", "unit": "build/day"}, "metric"),
        ({"role": "volume", "unit": "hour", "metric": "time"}, "unit"),
        ({"role": "cost", "unit": "USD"}, "change"),
        ({"role": "attribution", "unit": "1", "low": 0.2, "high": 1.4, "metric": "time"}, "low"),
        ({"low": 5.0, "high": 3.0}, "low"),
        ({"low": None, "high": None}, "low"),
        ({"low": None, "high": None, "point": float("nan")}, "point"),
        ({"low": None, "high": None, "point": float("inf")}, "point"),
        ({"low": None, "high": None, "point": -3.0}, "point"),
        ({"kind": "measured", "source": ""}, "source"),
        ({"dated": dt.date(2999, 1, 1)}, "dated"),
    ],
)
def test_nonsense_is_refused_at_entry(content: dict[str, Any], field: str) -> None:
    with pytest.raises(AssumptionRefused) as caught:
        save(**content)
    assert caught.value.field == field
    assert not Assumption.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        {"low": 5, "high": 3},
        {"point": 1},
        {"low": None, "high": None},
        {"low": -1},
        {"role": "realised", "metric": "time", "high": 1.2},
        {"role": "volume"},
        {"role": "human_estimate"},
        {"author": ""},
        {"mode": 1000},
    ],
)
def test_the_database_refuses_what_code_let_through(content: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        AssumptionFactory.create(**content)


def test_the_closest_scope_wins() -> None:
    change = ChangeFactory.create()
    AssumptionFactory.create(name="everywhere")
    AssumptionFactory.create(name="here", repository=change.repository)
    AssumptionFactory.create(name="for-time", metric="time")
    AssumptionFactory.create(name="for-this", change=change)
    AssumptionFactory.create(name="gone", change=change, metric="time", expires_on=dt.date(2026, 1, 1))
    book = Book.current(TODAY)
    other = ChangeFactory.create()

    def found(*asked: Any) -> str:
        row = book.find("rate", *asked)
        assert row is not None
        return row.name

    assert found(change, "time") == "for-this"
    assert found(ChangeFactory.create(repository=change.repository), "size") == "here"
    assert found(other, "time") == "for-time"
    assert found(other, "size") == "everywhere"


def test_ten_thousand_assumptions_are_found_in_one_query(django_assert_num_queries: Any) -> None:
    Assumption.objects.bulk_create(AssumptionFactory.build_batch(10_000))
    change = ChangeFactory.create()
    with django_assert_num_queries(1):
        book = Book.current(TODAY)
        assert book.find("rate", change) is not None
