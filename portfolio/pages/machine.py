"""What runs behind the site, in the open: the router, the models, and the state of the installation."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from analysis import queries as analysis
from jobs import queries as jobs
from mlops import queries as mlops
from portfolio import queries
from portfolio.demos.catalogue import CATALOGUE
from portfolio.pages.progress import running
from portfolio.publishing import charts
from portfolio.publishing.figures import duration
from portfolio.record import store as record

STARTED = time.time()
READ = ("task", "answered_by", "origin", "status", "reason")  # what the list tells of a decision


def cost_quality_charts(benchmarks: object) -> list[tuple[charts.Chart, str]]:
    """For each routing benchmark, the accuracy reached by share of calls to the dearer model."""
    found = []
    for benchmark in benchmarks:  # type: ignore[attr-defined]
        shown = reversed(benchmark.rows[:4])  # the learned one, last in the table, is drawn in the accent colour
        series = [(row.router, [(point.share, point.accuracy) for point in row.points]) for row in shown]
        points = [row.point for row in benchmark.rows if row.point]
        series[1:1] = [("this site’s default policy", [(point.share, point.accuracy)]) for point in points]
        rows = [
            (row.router, *(f"{value:.3f} ({low:.3f} to {high:.3f})" for value, low, high in (row.apgr,)))
            for row in benchmark.rows
        ]
        chart = charts.lines(
            benchmark.name.upper(),
            "Across: share of calls to the dearer model; up: accuracy; both in per cent.",
            series,
            ("Router", "Gap recovered, with its interval"),
            rows,
            names=("share of dear calls", "accuracy"),
        )
        found.append((chart, benchmark.caveat))
    return found


@dataclass
class Alike:
    """Decisions that followed each other and read alike: the newest, how many came before it, since when."""

    newest: Any
    before: int = 0
    since: Any = None


def alike(decisions: Iterable[Any], most: int = 10) -> list[Alike]:
    """Newest first; a demo that is checked every five minutes fills one line and not the list."""
    found: list[Alike] = []
    for one in decisions:
        last = found[-1].newest if found else None
        if last is not None and all(getattr(last, name) == getattr(one, name) for name in READ):
            found[-1].before += 1
            found[-1].since = one.created_at
        else:
            found.append(Alike(one))
    return found[:most]


@require_safe
def router(request: HttpRequest) -> HttpResponse:
    """Targets, a week's numbers, the newest decisions, and the curves of cost and quality."""
    showcase = mlops.router_showcase()
    context = {
        "showcase": showcase,
        "decisions": alike(showcase.decisions),
        "charts": cost_quality_charts(showcase.benchmarks),
    }
    return render(request, "portfolio/router.html", context)


@require_safe
def decision(request: HttpRequest, key: str) -> HttpResponse:
    """One routing decision in the order in which it happened."""
    found = mlops.decision(key)
    if found is None:
        raise Http404("no such decision")
    return render(request, "portfolio/decision.html", {"decision": found})


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """Is it up, how long does it take, what waits, what was collected, do the demos work."""
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    context = {
        "database": connection.display_name,
        "database_ms": round((time.perf_counter() - started) * 1000, 1),
        "up": duration(int(time.time() - STARTED)),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "queue": jobs.queue_state(timezone.now()),
        "repositories": analysis.repository_summaries(),
        "progress": running(),
        "demos": demo_rows(),
        "serving": record.latest("serving"),
        "build": record.latest("build"),
        "incidents": record.incidents(),
    }
    return render(request, "portfolio/status.html", context)


def demo_rows() -> list[tuple[object, object]]:
    """Each demo with its last health check, or None."""
    checks = queries.demos()
    return [(spec, checks.get(slug)) for slug, spec in CATALOGUE.items()]
