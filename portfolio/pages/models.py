"""Models in the open: what runs now, each version's card, its way into service, drift and alerts."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from evidence.figures import figure_of
from mlops import queries as mlops
from mlops.queries import Series
from portfolio.publishing import charts
from portfolio.publishing.readings import card_receipts

MOST_CHARTS = 8


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """What runs now, the latest switches and the open alerts."""
    context = {
        "live": mlops.live_models(),
        "timeline": mlops.timeline()[:10],
        "alerts": mlops.open_alerts(),
        "readiness": mlops.readiness(),
        "banner": mlops.banner(),
    }
    return render(request, "portfolio/models.html", context)


@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """Open and past alerts, newest first, each with its story; `?before=` is the last one seen."""
    before = request.GET.get("before", "")
    page = mlops.alert_page(before=int(before) if before.isdecimal() and len(before) < 19 else None)
    return render(request, "portfolio/alerts.html", {"alerts": page, "older": page[-1].pk if len(page) >= 50 else None})


@require_safe
def model(request: HttpRequest, name: str) -> HttpResponse:
    """One model: its versions, its switches, its monitors."""
    versions = mlops.versions_of(name)
    if not versions:
        raise Http404("no such model")
    drawn = [(one, _drift_chart(one)) for one in mlops.drift_series(name)]
    context = {
        "name": name,
        "versions": versions,
        "timeline": mlops.timeline(name)[:20],
        "series": [chart for _one, chart in drawn if chart][:MOST_CHARTS],
        "quiet": [one.monitor.name for one, chart in drawn if not chart],
    }
    return render(request, "portfolio/model.html", context)


def _drift_chart(series: Series) -> charts.Chart | None:
    """The measurements by their time, and the bound of the monitor's rule as a second line."""
    seen = [(one.window_end, float(one.value)) for one in series.points if one.value is not None]
    if len(seen) < 2:
        return None
    unit, seconds = _unit((seen[-1][0] - seen[0][0]).total_seconds())
    points = [((at - seen[0][0]).total_seconds() / seconds, value) for at, value in seen]
    bound = [(points[0][0], series.monitor.threshold), (points[-1][0], series.monitor.threshold)]
    side = "above" if series.monitor.comparison == ">" else "below"
    return charts.lines(
        series.monitor.name.replace("_", " "),
        f"Its newest measurements by {unit} since the first of them. An alert opens {side} the bound.",
        [("measured", points), ("bound", bound)], ("Time", "Value"), [], names=(unit, ""),
    )  # fmt: skip


def _unit(span: float) -> tuple[str, float]:
    """The unit in which so many seconds are a small number, and its own seconds."""
    fitting = (unit for unit in (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0)) if span >= 2 * unit[1])
    return next(fitting, ("seconds", 1.0))


@require_safe
def version(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """One version's card: purpose, data, figures with receipts, gates, calibration, limits, lineage."""
    card = mlops.version_card(name, number)
    if card is None:
        raise Http404("no such version")
    groups: dict[str, list[tuple[str, object, str]]] = {}
    intervals = {(group, label): ends for group, label, _value, ends in card.figures}
    for group, label, derived in card_receipts(card):
        ends = intervals.get((group, label), ())
        words = f"{ends[0]:.3g} to {ends[1]:.3g}" if len(ends) == 2 else ""
        groups.setdefault(group or "all", []).append((label, figure_of(derived, label), words))
    context = {"card": card, "version": card.version, "groups": groups, "plot": _calibration(card.calibration)}
    return render(request, "portfolio/version.html", context)


def _calibration(bins: object) -> charts.Chart | None:
    points = [
        (float(row["probability"]), float(row["right"]))
        for row in bins  # type: ignore[attr-defined]
        if {"probability", "right"} <= set(row)
    ]
    if not points:
        return None
    return charts.lines(
        "Calibration", "What was said against what was seen; on the dashed line a promise is kept.",
        [("this version", points)], ("Said", "Seen"), [(f"{x:.2f}", f"{y:.2f}") for x, y in points], ideal=True,
        names=("probability said", "share seen"),
    )  # fmt: skip
