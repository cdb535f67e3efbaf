"""Weeks or months: the width of a period in which changes over time are counted, so that a drawing is neither crude
nor crowded."""

from datetime import date, timedelta

from django.db.models import Max, Min, QuerySet
from django.db.models.functions import TruncMonth, TruncWeek

from analysis.collection.models import Change

WEEKS_UP_TO = timedelta(days=250)


Step = type[TruncWeek] | type[TruncMonth]


def truncation(changes: QuerySet[Change]) -> Step:
    """By week where all of ``changes`` lie within about eight months, else by month; one query."""
    ends = changes.aggregate(first=Min("sorted_at"), last=Max("sorted_at"))
    if ends["first"] is None or ends["last"] - ends["first"] > WEEKS_UP_TO:
        return TruncMonth
    return TruncWeek


def label(start: date, step: Step) -> str:
    """A month as 2031-02, a week by its Monday as 2031-02-03."""
    return f"{start:%Y-%m}" if step is TruncMonth else f"{start:%Y-%m-%d}"
