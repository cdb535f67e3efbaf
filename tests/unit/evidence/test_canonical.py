"""Canonical JSON: one value, one spelling."""

import datetime as dt
import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.canonical import CanonicalError, canonical_text, round_number, rounded, sha256_of

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(
        st.characters(exclude_categories=("Cs",))
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.text(st.characters(exclude_categories=("Cs",)), max_size=5), inner, max_size=4
    ),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
def test_reading_back_and_writing_again_changes_nothing(value):
    text = canonical_text(value)
    assert canonical_text(json.loads(text)) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_reads_back_to_the_same_bits(value):
    back = float(canonical_text(value))
    assert struct.pack("d", back) == struct.pack("d", value + 0.0) or (value == 0 and back == 0)


@given(st.dictionaries(st.text(st.characters(exclude_categories=("Cs",)), max_size=4), st.integers(), max_size=6))
def test_order_of_keys_is_irrelevant(value):
    assert sha256_of(value) == sha256_of(dict(reversed(list(value.items()))))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e21, "1e+21"), (1e20, "100000000000000000000"), (1e-6, "0.000001"), (1e-7, "1e-7"), (-0.0, "0"),
        (1.5e300, "1.5e+300"), (0.1, "0.1"), (4.0, "4"), (2**70, str(2**70)), (-12.5, "-12.5"),
        (dt.date(2026, 1, 2), '"2026-01-02"'),
        (dt.datetime(2026, 1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=2))), '"2026-01-02T01:00:00Z"'),
        ({"\ufb33": 1, "\U0001f600": 2, "a": 3}, '{"a":3,"\U0001f600":2,"\ufb33":1}'),
        ((1, "x\n"), '[1,"x\\n"]'),
    ],
)  # fmt: skip
def test_spelling(value, text):
    assert canonical_text(value) == text


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, {"a": -math.inf}, {1: 2}, "\ud800", object(), dt.datetime(2026, 1, 1), b"x"],  # noqa: DTZ001
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(CanonicalError):
        canonical_text(value)


def test_too_deep_a_value_is_refused():
    value: list = []
    for _ in range(100):
        value = [value]
    with pytest.raises(CanonicalError, match="deeper"):
        canonical_text(value)


def test_results_keep_six_significant_digits():
    assert rounded({"a": [1 / 3, 123456789.0, True, None, "x", 12345678]}) == {
        "a": [0.333333, 123457000, True, None, "x", 12345678]
    }
    assert (round_number(0.0), round_number(-0.00012345678), round_number(1e300)) == (0, -0.000123457, 1e300)
    with pytest.raises(CanonicalError):
        round_number(math.nan)
    assert rounded(dt.date(2026, 1, 1)) == dt.date(2026, 1, 1)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_twice_is_rounding_once(value):
    assert round_number(round_number(value)) == round_number(value)
