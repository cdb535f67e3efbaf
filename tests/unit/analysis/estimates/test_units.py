"""Units: what fits, what does not, and what is nonsense."""

import pytest

from analysis.estimates import units


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [("hour", "second", 3600), ("GiB", "byte", 2**30), ("1/week", "1/year", 365.25 / 7), ("workday", "hour", 8)],
)
def test_units_convert(source: str, target: str, expected: float) -> None:
    assert units.factor(source, target) == pytest.approx(expected)


@pytest.mark.parametrize("pair", [("request", "build"), ("USD", "EUR"), ("GB", "1"), ("hour", "GB"), ("USD", "hour")])
def test_unlike_units_do_not_fit(pair: tuple[str, str]) -> None:
    with pytest.raises(units.UnitError, match="cannot be turned"):
        units.factor(*pair)


@pytest.mark.parametrize("text", ["bananas", "3 hours", "degC", "hour/", "$", "x" * 100, "__import__('os')", "1e400"])
def test_unit_nonsense_is_refused(text: str) -> None:
    with pytest.raises(units.UnitError):
        units.parse(text)


def test_currency_and_count_are_found() -> None:
    assert units.currency_of("USD/hour") == "USD"
    assert units.currency_of("hour/USD") is None
    assert units.currency_of("EUR/USD") == "EUR"
    assert units.counted_in("build/day") == "build"
    assert units.counted_in("1/day") is None
    assert units.per_time("build/day") and not units.per_time("build")
