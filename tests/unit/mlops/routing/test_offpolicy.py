"""The estimators on a world whose truth is known."""

import random

import pytest

from mlops.routing.offpolicy import Logged, evaluate, gate

QUALITY = {"a": 0.8, "b": 0.4}
OLD = {"a": 0.3, "b": 0.7}


def world(count: int, new: dict[str, float], seed: int = 1) -> list[Logged]:
    rng = random.Random(seed)
    log = []
    for _ in range(count):
        action = "a" if rng.random() < OLD["a"] else "b"
        log.append(Logged(action, OLD[action], float(rng.random() < QUALITY[action]), new))
    return log


@pytest.mark.parametrize("new", [{"a": 1.0}, {"b": 1.0}, {"a": 0.5, "b": 0.5}])
def test_every_estimator_finds_the_new_policys_value(new: dict[str, float]) -> None:
    truth = sum(QUALITY[name] * chance for name, chance in new.items())
    found = evaluate(world(4000, new), draws=200)
    for estimate in (found.ips, found.snips, found.doubly_robust):
        assert estimate.value == pytest.approx(truth, abs=0.05)
        assert estimate.low < estimate.value < estimate.high
    logged = sum(QUALITY[name] * chance for name, chance in OLD.items())
    assert found.logged.value == pytest.approx(logged, abs=0.03)


def test_doubly_robust_is_no_wider_than_ips() -> None:
    found = evaluate(world(2000, {"a": 1.0}), draws=200)
    assert found.doubly_robust.high - found.doubly_robust.low <= found.ips.high - found.ips.low


def test_effective_decisions_fall_when_the_policies_differ() -> None:
    same = evaluate(world(500, OLD), draws=50)
    other = evaluate(world(500, {"a": 1.0}), draws=50)
    assert same.effective == pytest.approx(500) and other.effective < 200


def test_the_gate_lets_a_better_policy_pass_and_refuses_the_rest() -> None:
    assert gate(evaluate(world(2000, {"a": 1.0}), draws=200)).passed
    worse = gate(evaluate(world(2000, {"b": 1.0}), draws=200))
    assert not worse.passed and worse.reason.startswith("not better")
    same = gate(evaluate(world(2000, OLD), draws=200))
    assert not same.passed
    few = gate(evaluate(world(40, {"a": 1.0}), draws=50))
    assert not few.passed and "effective decisions" in few.reason


def test_coverage_of_the_interval() -> None:
    """Over a hundred logs the 95 % interval holds the truth about as often as it says."""
    hits = 0
    for seed in range(100):
        found = evaluate(world(400, {"a": 1.0}, seed), draws=100).doubly_robust
        hits += found.low <= QUALITY["a"] <= found.high
    assert hits >= 87


def test_a_log_that_says_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="no logged decisions"):
        evaluate([])
    with pytest.raises(ValueError, match="odds outside"):
        evaluate([Logged("a", 0.0, 1.0, {"a": 1.0})])
