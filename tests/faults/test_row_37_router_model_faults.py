"""Row 37: bad JSON, a wrong figure, time-outs, 429, a model that is gone, a spent budget: repair once, then the local
worker, marked `degraded`; the cap on cost holds throughout."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mlops.providers.loopback import LoopbackServer
from mlops.routing.catalogue import task
from mlops.routing.ledger import MemoryLedger
from mlops.routing.records import Document, TaskInput
from tests.unit.mlops.routing.kit import POLICY, remote, router, running_server

GIVEN = TaskInput((Document("title", "fix: stop the leak"), Document("description", "It held 300 MB until restart.")))
CAP = 60_000_000


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    yield from running_server()


@pytest.mark.parametrize(
    ("fault", "outcomes"),
    [
        ("bad_json", ["check_failed", "check_failed", "ok"]),
        ("hang", ["timeout", "ok"]),
        ("429:60", ["rate_limited", "ok"]),
        ("404", ["gone", "ok"]),
        ("garbage", ["garbage", "ok"]),
    ],
)
def test_a_broken_model_ends_at_the_rules(server: LoopbackServer, fault: str, outcomes: list[str]) -> None:
    server.set_mode("dear", fault)
    one = router(server, [remote("dear", server)], day=CAP)
    routed = one.route(task("label"), GIVEN, POLICY)
    assert [attempt.outcome for attempt in routed.decision.attempts] == outcomes
    assert routed.answer.degraded and routed.answer.data["label"] == "fix"
    assert isinstance(one.ledger, MemoryLedger)
    purse = one.ledger.budgets["day"]
    assert purse.reserved == 0 and purse.spent == routed.decision.cost <= CAP
    billed = server.billed["dear", "in"] * 3000 + server.billed["dear", "out"] * 12000
    assert purse.spent >= billed, "the spend is never below the bill"


def test_a_wrong_figure_is_repaired_or_thrown_away(server: LoopbackServer) -> None:
    answers = iter(["It held 900 MB.", "It held 300 MB until restart."])
    server.reply = lambda body: next(answers)
    routed = router(server, [remote("dear", server)], day=CAP).route(task("summarise"), GIVEN, POLICY)
    assert [attempt.outcome for attempt in routed.decision.attempts] == ["check_failed", "ok"]
    assert routed.answer.text == "It held 300 MB until restart." and not routed.answer.degraded


def test_a_spent_budget_stops_the_calls_not_the_answers(server: LoopbackServer) -> None:
    cap = 20_000_000
    one = router(server, [remote("dear", server)], day=cap)
    policy = replace(POLICY, repair=False)
    answers = [one.route(task("summarise"), GIVEN, policy) for _ in range(40)]
    assert isinstance(one.ledger, MemoryLedger)
    purse = one.ledger.budgets["day"]
    assert purse.spent <= cap and purse.reserved == 0
    assert 0 < server.calls.total() < 40, "the budget ends before the work does"
    assert answers[-1].answer.target == "local-extractive" and answers[-1].answer.text
