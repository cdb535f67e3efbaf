"""Ranges become the distributions that the method names, and draw the same bytes each time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betainc

from analysis.estimates.distributions import (
    DRAWS,
    beta_through,
    draw,
    follow,
    lognormal_through,
    normal_slices,
    permutation,
    pert_shape,
    slices_of,
)
from analysis.estimates.quantities import InputError, Quantity, Role
from analysis.estimates.simulate import range_of


@given(low=st.floats(1e-3, 1e6), ratio=st.floats(1.05, 200))
@settings(max_examples=40, deadline=None)
def test_a_positive_range_is_the_lognormal_through_its_ends(low: float, ratio: float) -> None:
    values = slices_of(Quantity("k", "hour", low=low, high=low * ratio), Role.VOLUME)
    assert np.quantile(values, 0.05) == pytest.approx(low, rel=0.01)
    assert np.quantile(values, 0.95) == pytest.approx(low * ratio, rel=0.01)


@given(low=st.floats(0.01, 0.9), span=st.floats(0.02, 0.98))
@settings(max_examples=60, deadline=None)
def test_a_share_is_the_beta_through_its_ends(low: float, span: float) -> None:
    high = low + span * (0.995 - low)
    a, b = beta_through(low, high)
    assert betainc(a, b, low) == pytest.approx(0.05, abs=1e-5)
    assert betainc(a, b, high) == pytest.approx(0.95, abs=1e-5)


def test_a_share_that_touches_one_stays_between_its_bounds() -> None:
    values = slices_of(Quantity("k", "1", low=0.6, high=1.0), Role.ATTRIBUTION)
    assert values.min() >= 0.6 and values.max() <= 1.0
    assert values.mean() == pytest.approx(0.8, abs=1e-3)


def test_least_likeliest_largest_is_the_pert() -> None:
    values = slices_of(Quantity("k", "1/day", low=2, mode=3, high=10), Role.VOLUME)
    assert values.mean() == pytest.approx((2 + 4 * 3 + 10) / 6, rel=1e-3)
    assert pert_shape(2, 3, 10) == pytest.approx((1.5, 4.5))


def test_unknown_persistence_is_uniform_between_its_bounds() -> None:
    values = slices_of(Quantity("k", "month", low=0, high=12), Role.PERSISTENCE)
    assert np.quantile(values, [0.1, 0.5, 0.9]) == pytest.approx([1.2, 6, 10.8], rel=1e-3)


def test_draws_depend_on_seed_and_key_only() -> None:
    one = Quantity("assumption:a@1", "1/day", low=1, high=5)
    assert (draw(one, Role.VOLUME, 7) == draw(one, Role.VOLUME, 7)).all()
    assert (draw(one, Role.VOLUME, 7) != draw(one, Role.VOLUME, 8)).any()
    assert sorted(permutation(1, "x")) == list(range(DRAWS))


def test_a_follower_moves_with_its_leader() -> None:
    leader, own = permutation(1, "leader"), permutation(1, "own")
    order = follow(leader, own, 0.8)
    assert sorted(order) == list(range(DRAWS))
    assert np.corrcoef(order, leader)[0, 1] == pytest.approx(0.79, abs=0.03)
    with pytest.raises(ValueError, match="between -1 and 1"):
        follow(leader, own, 1.5)


def test_a_hopeless_share_is_refused() -> None:
    with pytest.raises(InputError, match="no Beta"):
        beta_through(1e-300, 0.999999)


@pytest.mark.parametrize("spreads", [(2, 3), (2, 2, 2), (1.2, 5, 3, 2)])
def test_products_of_lognormals_come_within_one_percent_of_the_analytic_ones(spreads: tuple[float, ...]) -> None:
    result, mu, variance = np.ones(DRAWS), 0.0, 0.0
    for at, ratio in enumerate(spreads):
        quantity = Quantity(f"input:{at}", "1/day", low=10, high=10 * ratio)
        result = result * draw(quantity, Role.VOLUME, 20261123)
        own_mu, sigma = lognormal_through(10, 10 * ratio)
        mu, variance = mu + own_mu, variance + sigma**2
    found = range_of(result)
    for value, z in ((found.p10, -1.2815515655446), (found.p50, 0.0), (found.p90, 1.2815515655446)):
        assert value == pytest.approx(np.exp(mu + z * np.sqrt(variance)), rel=0.01)


def test_slices_are_symmetric() -> None:
    slices = normal_slices(DRAWS)
    assert slices[0] == pytest.approx(-slices[-1])
