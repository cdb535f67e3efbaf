"""Which days a period holds."""

import datetime as dt

import pytest

from analysis.reports.periods import PeriodError, moments, span

DAY = dt.date(2031, 12, 30)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("week", "2031-12-29", "2032-01-04"),
        ("month", "2031-12-01", "2031-12-31"),
        ("quarter", "2031-10-01", "2031-12-31"),
        ("year", "2031-01-01", "2031-12-31"),
    ],
)
def test_span_holds_the_day_and_ends_right(period: str, first: str, last: str) -> None:
    assert span(period, DAY) == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))


def test_february_of_a_leap_year() -> None:
    assert span("month", dt.date(2032, 2, 3))[1] == dt.date(2032, 2, 29)


def test_last_day_is_included_to_its_end() -> None:
    start, end = moments(DAY, DAY)
    assert end - start == dt.timedelta(days=1)


def test_unknown_period_and_inverted_range_are_refused() -> None:
    with pytest.raises(PeriodError, match="week, month"):
        span("fortnight", DAY)
    with pytest.raises(PeriodError, match="before it begins"):
        moments(DAY, DAY - dt.timedelta(days=1))
