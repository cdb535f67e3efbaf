"""Periods of reports (no Django): which days a week, month, quarter or year holds."""

import datetime as dt


class Refused(ValueError):
    """The report cannot be made as asked; the message says why and what can be done."""


class PeriodError(Refused):
    """The period cannot be one; the message says what can."""


EARLIEST, LATEST = dt.date(1970, 1, 1), dt.date(2200, 12, 31)
WEEK = dt.timedelta(days=7)


def _within(day: dt.date, slack: dt.timedelta = dt.timedelta()) -> None:
    if not EARLIEST - slack <= day <= LATEST + slack:
        raise PeriodError(f"{day} lies outside of {EARLIEST} to {LATEST}.")


def span(period: str, day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the week (ISO, from Monday), month, quarter or year that ``day`` lies in."""
    _within(day)
    if period == "week":
        start = day - dt.timedelta(days=day.weekday())
        return start, start + dt.timedelta(days=6)
    months = {"month": 1, "quarter": 3, "year": 12}.get(period)
    if months is None:
        raise PeriodError(f"Unknown period '{period}'. Known: week, month, quarter, year, or a range of two dates.")
    first = (day.month - 1) // months * months + 1
    start = dt.date(day.year, first, 1)
    after = dt.date(day.year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
    return start, after - dt.timedelta(days=1)


def moments(starts_on: dt.date, ends_on: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The half-open interval [start, end) of UTC moments that the days cover."""
    _within(starts_on, WEEK)  # a week may begin before the first day that it holds
    _within(ends_on, WEEK)
    if ends_on < starts_on:
        raise PeriodError(f"The period ends ({ends_on}) before it begins ({starts_on}).")
    start = dt.datetime.combine(starts_on, dt.time(), dt.UTC)
    return start, dt.datetime.combine(ends_on + dt.timedelta(days=1), dt.time(), dt.UTC)
