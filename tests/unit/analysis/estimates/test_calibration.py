"""Calibration statistics on data whose answers are known."""

import numpy as np
import pytest

from analysis.estimates import calibration as c


def test_coverage_carries_the_exact_binomial_band() -> None:
    # Clopper-Pearson for 8 of 10, from printed tables: 0.4439 to 0.9748.
    found = c.coverage_of(0.8, 8, 10)
    assert (found.share, round(found.low, 4), round(found.high, 4)) == (0.8, 0.4439, 0.9748)
    assert c.coverage_of(0.8, 0, 5).low == 0
    assert c.coverage_of(0.8, 5, 5).high == 1


def test_an_outcome_on_the_edge_is_covered() -> None:
    one = np.array([2.0])
    assert c.coverage(0.8, one, one, np.array([3.0])).inside == 1
    assert c.coverage(0.8, one, np.array([2.1]), np.array([3.0])).inside == 0


def test_coverage_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        c.coverage_of(0.8, 0, 0)


def test_pinball_punishes_the_wrong_side() -> None:
    outcome, forecast = np.array([10.0]), np.array([8.0])
    assert c.pinball(outcome, forecast, 0.9) == pytest.approx(1.8)
    assert c.pinball(outcome, forecast, 0.1) == pytest.approx(0.2)


def test_crps_of_a_certain_forecast_is_the_absolute_error() -> None:
    levels = [at / 100 + 0.005 for at in range(100)]
    assert c.crps_of_quantiles(np.array([5.0]), np.full((1, 100), 3.0), levels) == pytest.approx(2.0)


def test_pit_of_a_calibrated_forecast_is_flat() -> None:
    generator = np.random.Generator(np.random.PCG64(3))
    levels = [round(0.05 * at, 2) for at in range(1, 20)]
    quantiles = np.tile(np.quantile(generator.random(100_000), levels), (5000, 1))
    histogram = c.pit_histogram(c.pit(generator.random(5000), quantiles, levels))
    assert sum(histogram) == 5000
    assert max(histogram) - min(histogram) < 150


def test_pit_of_an_atom_takes_its_middle() -> None:
    assert c.pit(np.array([1.0]), np.array([[0.5, 1.0, 1.0, 2.0]]), [0.2, 0.4, 0.6, 0.8])[0] == pytest.approx(0.5)


def test_sharpness_is_a_ratio() -> None:
    found = c.sharpness(np.array([1.0, 1.0, 1.0]), np.array([2.0, 4.0, 16.0]))
    assert (found.median, round(found.geometric_mean, 3)) == (4.0, 5.04)
    with pytest.raises(ValueError, match="above zero"):
        c.sharpness(np.array([0.0]), np.array([1.0]))


def test_guessing_another_task_has_no_accuracy() -> None:
    outcome = np.array([1.0, 2.0, 4.0])
    # Mean distance of two different tasks: (1 + 3 + 2) / 3 = 2; an error of 1 halves it.
    assert c.standardised_accuracy(outcome, outcome + 1) == pytest.approx(0.5)


def test_shares_within_bounds() -> None:
    outcome = np.array([4.0, 4.0, 4.0])
    forecast = np.array([5.0, 8.0, 9.0])
    assert c.within(outcome, forecast, 0.25) == pytest.approx(1 / 3)
    assert c.within_factor(outcome, forecast, 2) == pytest.approx(2 / 3)


def test_unequal_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in number"):
        c.pinball(np.array([1.0]), np.array([1.0, 2.0]), 0.5)
