import numpy as np
import pytest

from mlops.routing.learn.metrics import calibration, curve, figures

RNG = np.random.default_rng(3)
WEAK = (RNG.random(4000) < 0.6).astype(float)
STRONG = np.maximum(WEAK, (RNG.random(4000) < 0.5).astype(float))


def test_chance_recovers_half_and_the_oracle_far_more() -> None:
    chance = curve(RNG.random(4000), WEAK, STRONG)
    oracle = curve(STRONG - WEAK, WEAK, STRONG)
    assert chance.apgr == pytest.approx(0.5, abs=0.04)
    assert chance.cpt(0.5) == pytest.approx(50, abs=6)
    assert oracle.apgr > 0.85 and oracle.cpt(0.8) < 20


def test_a_worked_example() -> None:
    """Ten prompts, the gain all in the first: at 10 % everything is recovered, so the area is 0.95 of the gap."""
    weak, strong = np.zeros(10), np.eye(10)[0]
    drawn = curve(-np.arange(10), weak, strong)
    assert drawn.apgr == pytest.approx(0.95)
    assert drawn.cpt(0.5) == pytest.approx(5.0)


def test_intervals_hold_the_figure_and_are_reproducible() -> None:
    score = STRONG - WEAK + RNG.normal(0, 1, 4000)
    first = figures(score, WEAK, STRONG, draws=100)
    assert first == figures(score, WEAK, STRONG, draws=100)
    assert first.apgr[1] < first.apgr[0] < first.apgr[2]


def test_calibration_compares_bins() -> None:
    rows, error = calibration(STRONG - WEAK, STRONG - WEAK)
    assert error == pytest.approx(0, abs=1e-9) and len(rows) == 10
