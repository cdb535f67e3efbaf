"""The method page for a reader who distrusts it, and the ladder of one change."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from analysis import queries as analysis
from evidence.figures import Figure
from portfolio.pages.ladders import sorted_ladder
from portfolio.publishing import charts

COLUMNS = (
    ("pred25", "within 25%"),
    ("within2x", "within 2x"),
    ("mae", "mean error"),
    ("sa", "standardised accuracy"),
    ("kept", "80% range kept"),
    ("ratio", "its width, high by low"),
)


def number(figure: Figure) -> float:
    """The value of a figure that a chart draws; 0 where there is none."""
    return float(figure.value) if isinstance(figure.value, int | float) else 0.0


def coverage_chart(bands: Any) -> charts.Chart:
    """Promised coverage against kept coverage, with the exact bounds in the table."""
    points = [(number(band.promised), number(band.kept)) for band in bands]
    return charts.lines(
        "Do the ranges keep their promise?",
        "Share of tasks inside the range, promised and kept, on later tasks than those the ranges were made from.",
        [("kept", points)],
        ("Band", "Promised", "Kept", "At least", "At most", "High by low"),
        [(band.name, band.promised, band.kept, band.low, band.high, band.ratio) for band in bands],
        ideal=True,
        names=("promised", "kept"),
    )


def pit_chart(pit: Any) -> charts.Chart:
    """The PIT histogram: flat when every part of the range is as likely as it says."""
    return charts.columns_by_time(
        "Where in the range the outcome falls",
        "Ten parts of the predicted distribution, the lowest to the left; all alike when it is calibrated.",
        [str(index + 1) for index in range(len(pit))],
        [("tasks", [number(figure) for figure in pit])],
        ("Part", "Tasks"),
        [(f"part {index + 1}", figure) for index, figure in enumerate(pit)],
    )


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    """Ladder, gate, mistakes, measured tables with the naive baselines beside them, limits."""
    tables = analysis.method_tables()
    rows = [(row.name, [row.figures.get(key) for key, _ in COLUMNS]) for row in tables.predictors]
    context = {
        "tables": tables,
        "columns": [label for _, label in COLUMNS],
        "rows": rows,
        "coverage": coverage_chart(tables.bands),
        "groups": tables.groups,
        "pit": pit_chart(tables.pit),
    }
    return render(request, "portfolio/method.html", context)


@require_safe
def ladder(request: HttpRequest, repository: str, number: int = 0, sha: str = "") -> HttpResponse:
    """What a change was worth, step by step; htmx gets the steps alone."""
    change = analysis.change_by_key(repository, f"pull:{number}" if number else f"commit:{sha}")
    if change is None:
        raise Http404("no such change")
    context = {
        "change": change,
        "change_ref": analysis.change_ref(change),
        "ladder": sorted_ladder(analysis.ladder(change)),
    }
    if request.headers.get("HX-Request"):
        return render(request, "_partials/ladder.html", context)
    return render(request, "portfolio/ladder.html", context)
