"""The router over real HTTP to the scripted loopback server."""

import threading
import time
from dataclasses import replace

import pytest

from mlops.providers.loopback import LoopbackServer
from mlops.providers.protocol import Cancel
from mlops.routing.errors import BudgetSpent, Cancelled, NoAnswer
from mlops.routing.ledger import MemoryLedger
from mlops.routing.records import Document, TaskInput
from tests.unit.mlops.routing.kit import GIVEN, LOCAL, POLICY, TASK, remote, router


def outcomes(routed: object) -> list[tuple[str, str]]:
    return [(attempt.target, attempt.outcome) for attempt in routed.decision.attempts]  # type: ignore[attr-defined]


def test_the_best_target_answers_and_the_decision_says_why(server: LoopbackServer) -> None:
    routed = router(server).route(TASK, GIVEN, POLICY)
    assert routed.answer.target == "dear" and not routed.answer.degraded
    assert routed.decision.reason.startswith("highest utility")
    assert {candidate.target for candidate in routed.decision.candidates} == {"cheap", "dear", "local-extractive"}
    assert routed.decision.cost == server.billed["dear", "in"] * 3000 + server.billed["dear", "out"] * 12000


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("hang", "timeout"), ("trickle", "timeout"), ("close", "garbage"), ("cut", "garbage"), ("garbage", "garbage"),
        ("html", "garbage"), ("empty", "garbage"), ("401", "auth"), ("404", "gone"), ("429:60", "rate_limited"),
        ("500", "server"), ("huge", "too_large"), ("redirect", "refused"),
    ],
)  # fmt: skip
def test_every_fault_falls_back_to_the_next_target(server: LoopbackServer, fault: str, kind: str) -> None:
    server.script("dear", [fault])
    routed = router(server).route(TASK, GIVEN, POLICY)
    assert outcomes(routed) == [("dear", kind), ("cheap", "ok")]
    assert not routed.answer.degraded
    spent = sum(server.billed[name, "in"] * price for name, price in (("dear", 3000), ("cheap", 100)))
    assert routed.decision.cost >= spent


def test_a_safe_failure_is_tried_again_after_the_wait_it_asks_for(server: LoopbackServer) -> None:
    server.script("dear", ["429:0.3", "ok"])
    started = time.monotonic()
    routed = router(server).route(TASK, GIVEN, POLICY)
    assert outcomes(routed) == [("dear", "rate_limited"), ("dear", "ok")]
    assert time.monotonic() - started >= 0.3


def test_all_targets_down_end_at_a_local_answer_marked_degraded(server: LoopbackServer) -> None:
    server.set_mode("dear", "500")
    server.set_mode("cheap", "garbage")
    routed = router(server, [remote("cheap", server), remote("dear", server)]).route(TASK, GIVEN, POLICY)
    assert routed.answer.degraded and routed.answer.target == "local-extractive"
    assert all(sentence.source in ("title", "description") for sentence in routed.answer.sentences)
    assert routed.decision.status == "answered" and routed.decision.degraded


def test_without_a_local_answer_there_is_one_clear_error_with_its_decision(server: LoopbackServer) -> None:
    server.set_mode("dear", "500")
    one = router(server, [remote("dear", server)])
    with pytest.raises(NoAnswer) as caught:
        one.route(replace(TASK, local=None), GIVEN, POLICY)
    assert isinstance(one.ledger, MemoryLedger)
    decision = one.ledger.decisions[caught.value.decision_id]
    assert (decision.status, decision.error) == ("failed", "no_answer")


def test_a_rejected_answer_is_repaired_once_then_escalated(server: LoopbackServer) -> None:
    task = replace(TASK, schema={"type": "object", "required": ["label"]}, local="local-rules")
    server.script("cheap", ["bad_json", "bad_json"])
    server.reply = lambda body: '{"label": "fix"}'
    policy = replace(POLICY, mode="cascade", order=("cheap", "dear"))
    routed = router(server).route(task, GIVEN, policy)
    assert outcomes(routed) == [("cheap", "check_failed"), ("cheap", "check_failed"), ("dear", "ok")]
    assert routed.decision.attempts[1].repair
    assert routed.answer.data == {"label": "fix"}
    repair = server.requests[1]["body"]["messages"]
    assert "rejected by a program" in repair[-1]["content"]


def test_a_spent_budget_leads_to_the_local_answer_or_to_one_error(server: LoopbackServer) -> None:
    poor = router(server, None, day=1000)
    routed = poor.route(TASK, GIVEN, POLICY)
    assert routed.answer.target == "local-extractive" and server.calls.total() == 0
    with pytest.raises(NoAnswer):
        router(server, [remote("dear", server)], day=1000).route(replace(TASK, local=None), GIVEN, POLICY)
    # Enough for the expected price, too little for the highest: seen at the hold.
    between = router(server, [remote("dear", server)], day=3_500_000)
    with pytest.raises(BudgetSpent):
        between.route(replace(TASK, local=None), GIVEN, POLICY)


def test_private_text_never_reaches_a_target_that_may_not_see_it(server: LoopbackServer) -> None:
    private = TaskInput(GIVEN.documents, private=True)
    routed = router(server).route(TASK, private, POLICY)
    assert routed.answer.target == "local-extractive" and server.calls.total() == 0
    trusted = router(server, [remote("dear", server, allows_private=True), LOCAL])
    assert trusted.route(TASK, private, POLICY).answer.target == "dear"


def test_the_cache_needs_the_policys_consent_and_never_keeps_private_text(server: LoopbackServer) -> None:
    one = router(server)
    one.route(TASK, GIVEN, POLICY)
    one.route(TASK, GIVEN, POLICY)
    assert server.calls.total() == 2
    keeping = replace(POLICY, cache_seconds=60)
    first, second = one.route(TASK, GIVEN, keeping), one.route(TASK, GIVEN, keeping)
    assert server.calls.total() == 3
    assert (second.answer.text, second.answer.cached, second.decision.cost) == (first.answer.text, True, 0)
    changed = TaskInput((*GIVEN.documents, Document("more", "x")))
    assert not one.route(TASK, changed, keeping).answer.cached


def test_streaming_hands_out_the_pieces(server: LoopbackServer) -> None:
    pieces: list[str] = []
    routed = router(server).route(TASK, GIVEN, POLICY, on_text=pieces.append)
    assert len(pieces) > 3 and "".join(pieces) == routed.answer.text
    assert routed.decision.attempts[0].usage == "reported"


def test_a_cancelled_call_stops_and_is_written_down(server: LoopbackServer) -> None:
    server.set_mode("dear", "slow:0.4")
    cancel = Cancel()
    threading.Timer(0.1, cancel.set).start()
    one = router(server)
    with pytest.raises(Cancelled) as caught:
        one.route(TASK, GIVEN, POLICY, cancel=cancel, on_text=lambda piece: None)
    assert isinstance(one.ledger, MemoryLedger)
    assert one.ledger.decisions[caught.value.decision_id].error == "cancelled"


def test_an_open_breaker_keeps_calls_away(server: LoopbackServer) -> None:
    server.set_mode("dear", "500")
    one = router(server)
    for _ in range(3):
        one.route(TASK, GIVEN, POLICY)
    before = server.calls["dear"]
    routed = one.route(TASK, GIVEN, POLICY)
    assert server.calls["dear"] == before
    dear = next(candidate for candidate in routed.decision.candidates if candidate.target == "dear")
    assert dear.excluded == "breaker open after server"


def test_a_provider_that_lies_is_charged_and_shut_out(server: LoopbackServer) -> None:
    server.script("dear", ["lie_high"])
    one = router(server, None, day=10**12)
    routed = one.route(TASK, GIVEN, POLICY)
    assert routed.decision.attempts[0].usage == "disputed"
    assert one.breakers.read()["dear"].reason == "lies"
    assert isinstance(one.ledger, MemoryLedger)
    assert one.ledger.budgets["day"].spent == routed.decision.cost
    server.script("cheap", ["lie_low"])
    low = one.route(TASK, GIVEN, POLICY)
    assert low.decision.attempts[0].usage == "disputed"
    assert low.decision.cost >= server.billed["cheap", "in"] * 100


def test_the_shadow_is_asked_and_shown_to_nobody(server: LoopbackServer) -> None:
    policy = replace(POLICY, mode="shadow", shadow="cheap")
    routed = router(server).route(TASK, GIVEN, policy)
    assert routed.answer.target == "dear"
    assert ("cheap", "shadow") in outcomes(routed)


def test_a_missing_key_is_a_clear_reason_not_a_crash(server: LoopbackServer) -> None:
    targets = [remote("dear", server, key_env="ATTEST_TEST_KEY_THAT_IS_NOT_SET"), LOCAL]
    routed = router(server, targets).route(TASK, GIVEN, POLICY)
    assert outcomes(routed)[0] == ("dear", "unconfigured")
    assert "ATTEST_TEST_KEY" in routed.decision.attempts[0].detail


def test_the_places_of_a_target_are_never_exceeded(server: LoopbackServer) -> None:
    server.set_mode("dear", "slow:0.1")
    one = router(server, [remote("dear", server, max_concurrent=2), LOCAL])
    active, most, lock = 0, 0, threading.Lock()
    inner = one.provider_for(one.targets()[0])
    complete = inner.complete

    def counted(*args: object, **options: object) -> object:
        nonlocal active, most
        with lock:
            active += 1
            most = max(most, active)
        try:
            return complete(*args, **options)  # type: ignore[arg-type]
        finally:
            with lock:
                active -= 1

    inner.complete = counted  # type: ignore[method-assign,assignment]
    threads = [threading.Thread(target=one.route, args=(TASK, GIVEN, POLICY)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2
