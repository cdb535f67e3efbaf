"""The table of units agrees with pint, so that a sentence is read in microseconds and still converts rightly."""

import pint
import pytest

from analysis.claims.records import Dim
from analysis.claims.units import BY_NAME, base_value, find_unit, same_dimension

REGISTRY = pint.UnitRegistry()
MEASURED = [unit for unit in BY_NAME.values() if unit.dim in (Dim.TIME, Dim.BYTES)]
NAMES = {"s": "second", "min": "minute", "h": "hour", "bytes": "byte"}


@pytest.mark.parametrize("unit", MEASURED, ids=lambda unit: unit.name)
def test_scale_is_that_of_pint(unit) -> None:
    base = "second" if unit.dim is Dim.TIME else "byte"
    expected = REGISTRY.Quantity(1, NAMES.get(unit.name, unit.name)).to(base).magnitude
    assert unit.scale == pytest.approx(expected, rel=1e-12)


def test_spellings_are_found() -> None:
    assert find_unit("Minutes") == find_unit("min") == BY_NAME["min"]
    assert find_unit("µs") == find_unit("us")
    assert find_unit("M") is None, "a multiplier, not minutes"
    assert find_unit("lines/sec").dim is Dim.RATE
    assert find_unit("shelves") is None


def test_dimensions_are_kept_apart() -> None:
    assert same_dimension("s", "ms")
    assert not same_dimension("s", "MB")
    assert same_dimension("shelves", "shelves")
    assert base_value(2, "min") == 120
