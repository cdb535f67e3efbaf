from collections import Counter
from dataclasses import replace

import pytest

from mlops.routing.policy import View, choose, replay, state_of
from mlops.routing.records import Decision, PolicySpec

VIEWS = [
    View("cheap", False, 0.70, 20_000, 0.5),
    View("dear", False, 0.90, 600_000, 1.5),
    View("local-extractive", True, 0.40, 0, 0.01),
]


def test_the_weight_of_money_decides_between_cheap_and_dear() -> None:
    assert choose(PolicySpec(cost_weight=20), VIEWS, 1).chosen == "dear"
    assert choose(PolicySpec(cost_weight=2000), VIEWS, 1).chosen == "cheap"
    assert choose(PolicySpec(cost_weight=1e9), VIEWS, 1).chosen == "local-extractive"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"max_cost": 1000}, "costs 600000 nanodollars"),
        ({"min_quality": 0.95}, "predicted quality 0.900"),
        ({"total_seconds": 1.0}, "predicted latency 1.50 s"),
    ],
)
def test_a_hard_constraint_excludes_with_a_reason(change: dict[str, float], reason: str) -> None:
    choice = choose(replace(PolicySpec(), **change), VIEWS, 1)  # type: ignore[arg-type]
    excluded = {candidate.target: candidate.excluded for candidate in choice.candidates}
    assert excluded["dear"].startswith(reason)
    assert "dear" not in choice.order


def test_with_nothing_left_nothing_is_chosen() -> None:
    choice = choose(PolicySpec(), [replace(view, blocked="switched off") for view in VIEWS], 1)
    assert (choice.chosen, choice.order) == ("", ())


def test_weights_are_drawn_in_their_shares_and_are_the_propensities() -> None:
    policy = PolicySpec(mode="weighted", weights={"cheap": 3, "dear": 1})
    choices = [choose(policy, VIEWS, seed) for seed in range(4000)]
    shares = Counter(choice.chosen for choice in choices)
    assert 0.72 < shares["cheap"] / 4000 < 0.78
    assert {choice.propensity for choice in choices} == {0.75, 0.25}


def test_exploration_stays_within_its_share_and_knows_its_own_odds() -> None:
    policy = PolicySpec(exploration=0.2, cost_weight=20)
    choices = [choose(policy, VIEWS, seed) for seed in range(3000)]
    explored = [choice for choice in choices if choice.explored]
    assert 0 < len(explored) / 3000 < 0.2
    for choice in choices:
        assert sum(candidate.propensity for candidate in choice.candidates) == pytest.approx(1, abs=1e-5)
    # Weighting by the stated odds gives back every target's share: the odds are those that were drawn from.
    weighted = sum(1 / choice.propensity for choice in choices if choice.chosen == "cheap") / 3000
    assert weighted == pytest.approx(1, abs=0.35)


def test_fixed_and_cascade_follow_their_order() -> None:
    fixed = choose(PolicySpec(mode="fixed", order=("dear",)), VIEWS, 1)
    assert fixed.order == ("dear", "local-extractive", "cheap")
    cascade = choose(PolicySpec(mode="cascade"), VIEWS, 1)
    assert cascade.order == ("local-extractive", "cheap", "dear")


@pytest.mark.parametrize("mode", ["utility", "weighted", "fixed", "cascade", "shadow"])
def test_a_decision_replays_from_its_record(mode: str) -> None:
    policy = PolicySpec(mode=mode, exploration=0.5, weights={"cheap": 1, "dear": 1})
    for seed in range(20):
        choice = choose(policy, VIEWS, seed)
        decision = Decision(
            "d", "t", policy.key, 1, "h", seed, mode, choice.candidates, state_of(policy, VIEWS), choice.chosen,
            choice.propensity, choice.explored, choice.reason,
        )  # fmt: skip
        assert replay(decision) == choice
