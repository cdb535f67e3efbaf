"""The ledger and the breakers in the database, under many callers."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from mlops.models import BreakerState, Decision, Hold, Spend
from mlops.routing import stores
from mlops.routing.ledger import Settled
from mlops.routing.policy import View, choose, state_of
from mlops.routing.records import Answer, PolicySpec, Sentence
from mlops.routing.records import Decision as Record
from mlops.routing.stores import DatabaseBreakers, DatabaseLedger, set_limit, sweep
from tests.factories.routing import BudgetFactory, DecisionFactory, SpendFactory, TargetFactory

VIEWS = [View("a", False, 0.7, 10, 0.1), View("b", True, 0.4, 0, 0.1)]


def draft(key: str = "d1") -> Record:
    choice = choose(PolicySpec(), VIEWS, 7)
    return Record(
        key, "summarise", "summarise", 1, "f" * 64, 7, "utility", choice.candidates, state_of(PolicySpec(), VIEWS),
        choice.chosen, choice.propensity, choice.explored, choice.reason,
    )  # fmt: skip


def day() -> Spend:
    return Spend.objects.get(name="day", day=timezone.now().date())


@pytest.mark.django_db
def test_a_hold_reserves_everywhere_or_nowhere_and_settles_once() -> None:
    BudgetFactory(name="day", limit=1000)
    BudgetFactory(name="task:summarise", limit=500)
    ledger = DatabaseLedger()
    ledger.open(draft())
    hold = ledger.hold(draft(), "a", 400)
    assert hold is not None and day().reserved == 400
    assert ledger.hold(draft(), "a", 200) is None, "the task has only 100 left"
    assert day().reserved == 400, "the day's reservation was undone"
    ledger.settle(hold, 150)
    ledger.settle(hold, 150)
    assert (day().reserved, day().spent) == (0, 150)
    assert ledger.headroom("summarise", "a") == 350


@pytest.mark.django_db
def test_a_bill_beyond_the_hold_is_kept_apart_and_blocks_what_follows() -> None:
    BudgetFactory(name="day", limit=1000)
    ledger = DatabaseLedger()
    ledger.open(draft())
    hold = ledger.hold(draft(), "a", 400)
    assert hold is not None
    ledger.settle(hold, 5000)
    assert (day().spent, day().overrun) == (400, 4600)
    assert ledger.hold(draft(), "a", 1) is None


@pytest.mark.django_db
def test_the_database_itself_refuses_to_overspend() -> None:
    row = SpendFactory(limit=100)
    with pytest.raises(IntegrityError), transaction.atomic():
        Spend.objects.filter(pk=row.pk).update(reserved=101)
    with pytest.raises(IntegrityError), transaction.atomic():
        TargetFactory(priced_on=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        DecisionFactory(status="failed", error="")


@pytest.mark.django_db
def test_a_changed_limit_holds_at_once_but_never_below_what_is_spent() -> None:
    BudgetFactory(name="day", limit=1000)
    ledger = DatabaseLedger()
    ledger.open(draft())
    assert ledger.hold(draft(), "a", 400)
    set_limit("day", 300)
    assert day().limit == 400
    assert ledger.hold(draft(), "a", 1) is None
    set_limit("day", None)
    assert ledger.hold(draft(), "a", 10_000)


@pytest.mark.django_db
def test_an_abandoned_hold_is_charged_in_full_and_its_decision_closed() -> None:
    ledger = DatabaseLedger()
    ledger.open(draft())
    assert ledger.hold(draft(), "a", 400)
    Hold.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    Decision.objects.update(created_at=timezone.now() - stores.LEASE - timedelta(seconds=1))
    assert sweep() == (1, 1)
    assert (day().reserved, day().spent) == (0, 400)
    row = Decision.objects.get()
    assert (row.status, row.error, row.cost) == ("failed", "lost", 400)
    assert sweep() == (0, 0)


@pytest.mark.django_db
def test_answers_are_kept_and_recalled_with_their_sources() -> None:
    ledger = DatabaseLedger()
    ledger.open(draft())
    done = Record(**{**{name: getattr(draft(), name) for name in Record.__slots__}, "status": "answered",
                     "answered_by": "a"})  # fmt: skip
    answer = Answer("It works. [title]", "a", False, (Sentence("It works.", "title", 0, 9),))
    ledger.close(done, answer, keep=True)
    assert ledger.recall("f" * 64, 60) == answer
    assert ledger.recall("0" * 64, 60) is None


def ended(key: str, **changes: Any) -> Record:
    """The decision `key` as it stands when target a has answered."""
    values = {name: getattr(draft(key), name) for name in Record.__slots__}
    return Record(**{**values, "status": "answered", "answered_by": "a", **changes})


@pytest.mark.django_db
def test_a_usual_call_is_two_steps(django_assert_num_queries: Any) -> None:
    """Open with a hold, close with its charge: one statement each on PostgreSQL, everything at once elsewhere."""
    BudgetFactory(name="day", limit=1000)
    ledger = DatabaseLedger()
    assert ledger.open(draft("first"), "a", 100) is not None, "keys of the day's rows are known from now on"
    one = connection.vendor == "postgresql"
    with django_assert_num_queries(1 if one else 6):
        hold = ledger.open(draft("second"), "a", 400)
    assert hold is not None and day().reserved == 500
    with django_assert_num_queries(1 if one else 7):
        ledger.close(ended("second", cost=150), None, False, Settled(hold, 150))
    ledger.close(ended("second", cost=150), None, False, Settled(hold, 150))
    assert (day().reserved, day().spent) == (100, 150), "closing again changes nothing"
    row = Decision.objects.get(pk="second")
    assert (row.status, row.cost, row.origin, row.candidates[0]["target"]) == ("answered", 150, "live", "a")
    assert Hold.objects.get(pk=int(hold.key)).charged == 150


@pytest.mark.django_db
def test_a_decision_stands_although_its_first_hold_is_refused() -> None:
    BudgetFactory(name="day", limit=1000)
    BudgetFactory(name="target:a", limit=50)
    ledger = DatabaseLedger()
    assert ledger.open(draft(), "a", 100) is None
    assert (day().reserved, Hold.objects.count(), Decision.objects.count()) == (0, 0, 1)
    ledger.open(draft(), "b", 0)
    assert Decision.objects.count() == 1, "opening twice changes nothing"
    ledger.close(ended("never opened", answered_by="b"), None, False, opened=False)
    assert Decision.objects.get(pk="never opened").status == "answered"


@pytest.mark.django_db
def test_all_processes_share_a_breaker_and_one_probe() -> None:
    first, second = DatabaseBreakers(), DatabaseBreakers()
    for _ in range(3):
        first.failure("a", "timeout")
    assert not second.permit("a")
    BreakerState.objects.update(until=timezone.now() - timedelta(seconds=1))
    third, fourth = DatabaseBreakers(), DatabaseBreakers()
    assert [third.permit("a"), fourth.permit("a")] == [True, False]
    third.success("a")
    assert BreakerState.objects.get().state == "closed"
    assert DatabaseBreakers().permit("a")


@pytest.mark.django_db
def test_a_healthy_target_costs_no_query_within_a_second(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    breakers = DatabaseBreakers()
    breakers.read()
    with django_assert_num_queries(0):
        for _ in range(100):
            assert breakers.permit("a")
            breakers.success("a")


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_whole_calls_of_fifty_callers_are_exact_in_three_budgets() -> None:
    """Each call charges two or three budgets in changing combinations; the sums agree and nothing is granted twice."""
    BudgetFactory(name="day", limit=2000)
    BudgetFactory(name="task:summarise", limit=1400)
    BudgetFactory(name="target:a", limit=350)
    ledgers = [DatabaseLedger() for _ in range(5)]  # as many processes would have
    barrier = threading.Barrier(50)

    def caller(number: int) -> list[str]:
        barrier.wait()
        ledger, granted = ledgers[number % 5], []
        try:
            for turn in range(6):
                target, key = "ab"[(number + turn) % 2], f"{number} {turn}"
                hold = ledger.open(draft(key), target, 10)
                charged = 10 if hold else 0
                end = ended(key, cost=charged) if hold else ended(key, status="failed", error="x", answered_by="")
                ledger.close(end, None, False, Settled(hold, charged) if hold else None)
                granted += [target] if hold else []
            return granted
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        granted = [target for found in pool.map(caller, range(50)) for target in found]
    spent = {row.name: (row.reserved, row.spent) for row in Spend.objects.all()}
    assert Decision.objects.count() == 300 and not Decision.objects.filter(status="open").exists()
    assert spent == {"day": (0, 1400), "task:summarise": (0, 1400), "target:a": (0, 350)}
    assert (len(granted), granted.count("a")) == (140, 35)


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_budget_holds_exactly_under_fifty_callers() -> None:
    """A budget for 100 calls of 7 meets 50 callers who ask for 200: exactly 100 get one, whatever the interleaving."""
    BudgetFactory(name="day", limit=700)
    ledger = DatabaseLedger()
    ledger.open(draft())
    barrier = threading.Barrier(50)

    def caller(_: int) -> int:
        barrier.wait()
        try:
            holds = [ledger.hold(draft(), "a", 7) for _ in range(4)]
            for hold in holds:
                if hold is not None:
                    ledger.settle(hold, 7)
            return sum(hold is not None for hold in holds)
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        granted = sum(pool.map(caller, range(50)))
    assert granted == 100
    assert (day().reserved, day().spent, day().overrun) == (0, 700, 0)
    assert Hold.objects.filter(settled_at__isnull=False).count() == 100
