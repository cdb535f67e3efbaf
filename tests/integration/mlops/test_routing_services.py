"""The doors of routing: the live path over the database, the playground, policies and money."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from evidence.models import AuditEntry
from mlops import queries, services
from mlops.models import Decision, Policy, Spend
from mlops.providers.loopback import LoopbackServer
from mlops.routing import runtime
from mlops.routing.policy import replay
from mlops.routing.records import Candidate
from mlops.routing.records import Decision as Record
from tests.factories.routing import DecisionFactory, TargetFactory

DOCUMENTS = [("title", "Keep the cache warm"), ("description", "It removes stale entries every hour, 40 at a time.")]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(settings: Any, tmp_path: Any) -> Iterator[None]:
    settings.VAR_DIR = tmp_path
    runtime.forget()
    yield
    runtime.forget()


@pytest.fixture
def server(settings: Any) -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        settings.ATTEST_OUTSIDE_ALLOW = [f"127.0.0.1:{running.port}"]
        yield running


def record(row: Decision) -> Record:
    names = [name for name in Record.__slots__ if hasattr(row, name)]
    values = {name: getattr(row, name) for name in names}
    values["candidates"] = tuple(Candidate(**entry) for entry in values["candidates"])
    return Record(**values)


def test_without_any_remote_target_the_local_summary_answers() -> None:
    routed = services.route(task="summarise", documents=DOCUMENTS)
    assert routed.answer.target == "local-extractive" and not routed.answer.degraded
    assert "[title]" in routed.answer.text
    row = Decision.objects.get()
    assert (row.status, row.answered_by, row.origin) == ("answered", "local-extractive", "live")
    assert replay(record(row)).chosen == row.chosen


def test_a_remote_target_is_called_through_the_safe_client_and_paid_for(server: LoopbackServer) -> None:
    TargetFactory(key="endpoint", base_url=server.base_url, prior_quality=0.9)
    services.set_budget(name="day", limit=10**9, actor="tester")
    routed = services.route(task="summarise", documents=DOCUMENTS)
    assert routed.answer.target == "endpoint", routed.decision.attempts
    spend = Spend.objects.get(name="day")
    assert (spend.reserved, spend.spent) == (0, routed.decision.cost)
    assert server.requests[0]["body"]["model"] == "made-up-1"
    assert AuditEntry.objects.filter(action="routing.budget").exists()


def test_an_address_that_the_operator_did_not_allow_is_refused(server: LoopbackServer, settings: Any) -> None:
    settings.ATTEST_OUTSIDE_ALLOW = []
    TargetFactory(key="endpoint", base_url=server.base_url, prior_quality=0.9)
    routed = services.route(task="summarise", documents=DOCUMENTS)
    assert routed.answer.target == "local-extractive"
    assert routed.decision.attempts[0].outcome == "unsafe_address"
    assert server.calls.total() == 0


def test_a_secret_never_reaches_a_prompt(server: LoopbackServer) -> None:
    TargetFactory(key="endpoint", base_url=server.base_url, prior_quality=0.9)
    secret = "ghp_" + "a1B2" * 9
    services.route(task="summarise", documents=[("title", "Rotate the key"), ("description", f"It was {secret}.")])
    assert secret not in str(server.requests)


@pytest.mark.parametrize(
    ("switches", "answered", "degraded"),
    [
        ({}, "demo-large", False),
        ({"demo-large": "off"}, "demo-small", False),
        ({"demo-large": "garbage", "demo-small": "wrong key"}, "local-extractive", False),
        ({"demo-large": "slow"}, "demo-small", False),
    ],
)
def test_the_playground_shows_the_real_fallback(switches: dict[str, str], answered: str, degraded: bool) -> None:
    routed = services.playground("The cache is warm. Nobody waits.", switches=switches)
    assert (routed.answer.target, routed.answer.degraded) == (answered, degraded)
    shown = queries.newest_decisions(1, origin="loopback")[0]
    assert shown.answered_by == answered
    assert [attempt["target"] for attempt in shown.attempts][-1] == answered
    assert queries.by_target() == (), "demonstrations are never counted"


def test_the_playground_knows_its_switches() -> None:
    targets, switches = services.playground_form()
    assert "echo, not a language model" in targets[0][1] and "off" in switches
    with pytest.raises(ValueError, match="no such target"):
        services.playground("x", switches={"elsewhere": "off"})


def test_the_first_policy_needs_a_reason_and_a_worse_one_is_refused() -> None:
    first = services.new_policy(task="summarise", settings={"mode": "weighted", "weights": {"a": 1, "b": 1}}, actor="t")
    with pytest.raises(services.NotAllowed, match="give a reason"):
        services.go_live(policy=first, actor="t")
    services.go_live(policy=first, actor="t", reason="nothing was live")
    views = [["a", False, 0.5, 0, 0.1, "", 0, 0], ["b", False, 0.5, 0, 0.1, "", 0, 0]]
    for number in range(300):
        chosen = "ab"[number % 2]
        good = chosen == "a"
        DecisionFactory(
            chosen=chosen, propensity=0.5, state={"views": views, "policy": {}}, seed=number,
            answered_by=chosen if good else "local-extractive", degraded=not good,
        )  # fmt: skip
    worse = services.new_policy(task="summarise", settings={"mode": "fixed", "order": ["b"]}, actor="t")
    with pytest.raises(services.NotAllowed, match="not better"):
        services.go_live(policy=worse, actor="t")
    better = services.new_policy(task="summarise", settings={"mode": "fixed", "order": ["a"]}, actor="t")
    services.go_live(policy=better, actor="t")
    assert Policy.objects.get(live=True).pk == better.pk
    better.refresh_from_db()
    assert better.gate is not None and better.gate["passed"]


def test_settings_that_are_none_are_refused() -> None:
    with pytest.raises(services.NotAllowed, match="no settings"):
        services.new_policy(task="summarise", settings={"magic": 1}, actor="t")
    with pytest.raises(services.NotAllowed, match="exploration"):
        services.new_policy(task="summarise", settings={"exploration": 0.9}, actor="t")
    with pytest.raises(ValidationError):
        services.save_target(key="x", values={"model": "m", "base_url": "no address"}, actor="t")


def test_numbers_per_target_and_policy() -> None:
    attempt = {"target": "a", "seconds": 0.2, "tokens_in": 100, "tokens_out": 20, "cost": 5_000_000}
    for outcome in ("ok", "ok", "check_failed", "timeout"):
        DecisionFactory(attempts=[{**attempt, "outcome": outcome}], degraded=outcome == "timeout", seconds=0.3)
    row = queries.by_target()[0]
    assert (row.calls, row.successes, row.tokens_in) == (4, 2, 400)
    assert row.quality == pytest.approx(2 / 3)
    assert row.usd_per_1000_tasks == pytest.approx(5.0) and row.tasks_per_usd == pytest.approx(200)
    assert queries.by_policy()[0].degraded == 1


def test_an_outcome_is_kept_once_and_judged_by_value() -> None:
    row = DecisionFactory()
    services.judge(decision=row.pk, kind="thumbs", value=1, actor="t")
    services.judge(decision=row.pk, kind="thumbs", value=0, actor="t")
    assert row.outcomes.get().value == 0
    with pytest.raises(services.NotAllowed):
        services.judge(decision=row.pk, kind="thumbs", value=2, actor="t")


def test_a_batch_asks_for_each_input_once(django_assert_max_num_queries: Any) -> None:
    jobs = services.route_batch(task="summarise", items=[DOCUMENTS, DOCUMENTS, [("title", "Other")]], actor="t")
    assert len(jobs) == 3 and len(set(jobs)) == 2


def test_the_showcase_is_bounded(django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        TargetFactory()
        DecisionFactory()
    with django_assert_max_num_queries(8):
        shown = queries.router_showcase()
    assert {target.key for target in shown.targets} >= {"local-extractive", "local-rules"}


def test_a_replay_of_demonstrations_is_labelled_and_never_passes() -> None:
    policy = services.new_policy(task="playground", settings={"mode": "fixed", "order": ["demo-small"]}, actor="t")
    for switches in ({}, {"demo-large": "off"}):
        services.playground("The cache is warm. Nobody waits.", switches=switches)
    found, verdict = services.evaluate_policy(policy=policy, origin="loopback")
    assert found.decisions == 2
    assert not verdict.passed and "demonstration" in verdict.reason
    with pytest.raises(ValueError, match="no logged decisions"):
        services.evaluate_policy(policy=policy)
