"""Each statistic against a value worked out by hand, its limits, and the reason where there is nothing to say."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.monitoring.statistics import STATISTICS, Window


def measure(name: str, **window: object):  # type: ignore[no-untyped-def]
    return STATISTICS[name](Window(seconds=3600, **window))  # type: ignore[arg-type]


def test_psi_of_categories_by_hand() -> None:
    found = measure("psi", baseline=["a"] * 50 + ["b"] * 50, values=["a"] * 80 + ["b"] * 20)
    assert found.value == pytest.approx(0.3 * math.log(0.8 / 0.5) - 0.3 * math.log(0.2 / 0.5), rel=1e-5)
    assert found.detail["bins"] == ["a", "b"]


def test_psi_of_a_new_category_is_finite_and_of_the_same_is_zero() -> None:
    assert 0.25 < measure("psi", baseline=["a"] * 100, values=["new"] * 100).value < 20
    numbers = [float(n) for n in range(200)]
    assert measure("psi", baseline=numbers, values=numbers).value == 0
    assert measure("psi", baseline=numbers, values=[n + 500 for n in numbers]).value > 1
    assert measure("psi", baseline=numbers, values=[float("nan")] * 50).value > 1


def test_ks_by_hand() -> None:
    assert measure("ks", baseline=[1.0, 2.0, 3.0, 4.0], values=[3.0, 4.0, 5.0, 6.0]).value == 0.5
    assert measure("ks", baseline=["a"], values=["b"]).value is None


def test_unseen_and_disagreement() -> None:
    found = measure("unseen", baseline=["a", "b"], values=["a", "c", "c", "b"])
    assert (found.value, found.detail["unseen"]) == (0.5, ["c"])
    assert measure("disagreement", pairs=[("a", "a"), ("a", "b")]).value == 0.5


def test_accuracy_and_calibration_on_late_labels() -> None:
    outcomes = [(0.9, True)] * 8 + [(0.9, False)] * 2
    assert measure("accuracy", outcomes=outcomes).value == 0.8
    assert measure("calibration", outcomes=outcomes).value == pytest.approx(0.1)


def test_latency_errors_degraded_volume_age() -> None:
    assert measure("latency_ms", microseconds=[1000.0] * 95 + [9000.0] * 5).value == 9.0
    assert measure("error_share", calls=20, errors=1).value == 0.05
    assert measure("degraded_share", rows=10, degraded=4).value == 0.4
    assert measure("volume", rows=30).value == 30
    assert measure("volume").value == 0, "silence is a value"
    assert measure("age_seconds", age_seconds=12.0).value == 12


@pytest.mark.parametrize("name", sorted(set(STATISTICS) - {"volume"}))
def test_nothing_to_say_is_said_with_its_reason(name: str) -> None:
    found = measure(name)
    assert found.value is None and found.reason


VALUES = st.lists(st.one_of(st.floats(), st.text(max_size=5)), max_size=30)


@given(VALUES, VALUES)
def test_whatever_is_watched_gives_a_number_or_a_reason(baseline: list[object], values: list[object]) -> None:
    for name in ("psi", "ks", "unseen"):
        found = measure(name, baseline=baseline, values=values)
        assert found.value is None or math.isfinite(found.value)
        assert found.value is not None or found.reason
