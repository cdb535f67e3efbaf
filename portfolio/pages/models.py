"""Models in the open: what runs now, each version's card, its way into service, drift and alerts."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from evidence.figures import figure_of
from mlops import queries as mlops
from portfolio.pages import model_drawings, model_facts
from portfolio.publishing.readings import card_receipts

MOST_CHARTS = 12
MOST_SWITCHES = 10


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """What runs now, the latest switches and the open alerts."""
    context = {
        "live": mlops.live_models(),
        "timeline": mlops.timeline()[:MOST_SWITCHES],
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
    now = timezone.now()
    series = mlops.drift_series(name)
    context = {
        "name": name,
        "versions": versions,
        "parts": model_drawings.parts(mlops.parts_played(name, now), now),
        "timeline": mlops.timeline(name)[:MOST_SWITCHES],
        "series": series,
        "charts": [drawing for one in series if (drawing := model_drawings.shares(one))],
        "over_time": [drawing for one in series if (drawing := model_drawings.drift_over_time(one))][:MOST_CHARTS],
    }
    return render(request, "portfolio/model.html", context)


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Every switch, newest first (`?model=`, `?before=` the last one seen), and who answered at a moment (`?at=`)."""
    model, before, at = (request.GET.get(name, "") for name in ("model", "before", "at"))
    moment = moment_of(at)
    page = mlops.timeline(model, before=int(before) if before.isdecimal() and len(before) < 19 else None)
    context = {
        "model": model,
        "models": [row.model for row in mlops.live_models()],
        "at": at,
        "moment": moment,
        "answers": [(name, mlops.why_live(name, moment)) for name in _asked(model)] if moment else [],
        "timeline": page,
        "older": page[-1].pk if len(page) >= mlops.PAGE else None,
    }
    return render(request, "portfolio/history.html", context)


def moment_of(text: str) -> datetime | None:
    """A moment as a visitor writes it, in UTC where no zone is given; None for what is none."""
    try:
        found = parse_datetime(text.strip().replace(" ", "T", 1))
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None


def _asked(model: str) -> list[str]:
    return [row.model for row in mlops.live_models() if model in ("", row.model)]


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
    context = {
        "card": card,
        "version": card.version,
        "groups": groups,
        "plot": model_drawings.calibration(card.calibration),
        "by_group": model_drawings.by_group(model_facts.groups_of(card)),
        "data": model_facts.data_of(card),
        "lineage": model_facts.lineage_of(card),
    }
    return render(request, "portfolio/version.html", context)
