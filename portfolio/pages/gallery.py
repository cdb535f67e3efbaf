"""Every component on one page, for the people who build the site: shown to staff only, with made-up values."""

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from evidence.figures import Figure, unknown
from evidence.receipts import Kind
from portfolio.publishing import charts

NOWHERE = "0" * 64


def samples() -> dict[str, Figure]:
    """One figure of each kind, and an unknown one."""
    return {
        "measured": Figure(1204, "lines", Kind.MEASURED, NOWHERE, label="lines added"),
        "quoted": Figure(0.4, "share", Kind.QUOTED, NOWHERE, label="less memory"),
        "predicted": Figure("fix", "text", Kind.PREDICTED, NOWHERE, label="type"),
        "estimated": Figure(31.0, "hours", Kind.ESTIMATED, NOWHERE, low=12.0, high=74.0, label="time saved a year"),
        "declared": Figure(85, "EUR", Kind.DECLARED, NOWHERE, label="rate"),
        "unknown": unknown(Kind.MEASURED, "the first commit has no date", label="time to merge"),
    }


def sample_charts() -> list[charts.Chart]:
    """One chart of each form, with made-up data."""
    months = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"]
    kinds = [("features", [4.0, 7, 3, 8, 6, 9]), ("fixes", [2.0, 3, 5, 2, 4, 3]), ("other", [1.0, 1, 2, 3, 1, 2])]
    points = [(0.1, 0.12), (0.3, 0.27), (0.5, 0.52), (0.7, 0.68), (0.9, 0.93)]
    return [
        charts.columns_by_time("Landed work", "Made-up months.", months, kinds, ["Month"], []),
        charts.bars("Languages", "Made-up lines.", [("Python", 9000), ("SQL", 3100), ("CSS", 900)], ["Language"], []),
        charts.lines("Calibration", "Made-up points.", [("model", points)], ["Said"], [], ideal=True,
                     names=("said", "seen")),
        charts.ranges("Effort", "Made-up ranges.", [("small", 1, 2.5, 6), ("large", 4, 11, 29)], ["Class"], []),
        charts.tornado("What moves it", "Made-up.", [("volume", 0.72), ("attribution", -0.31)], ["Input"], []),
    ]  # fmt: skip


@staff_member_required
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """The gallery."""
    return render(request, "portfolio/components.html", {"samples": samples(), "charts": sample_charts()})
