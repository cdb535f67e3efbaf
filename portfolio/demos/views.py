"""One page for all demos, and one view for each: the form, and under it the result."""

from __future__ import annotations

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from portfolio import queries
from portfolio.demos.catalogue import CATALOGUE
from portfolio.demos.errors import DemoError
from portfolio.publishing.limits import over_limit

log = logging.getLogger(__name__)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every demo with its last health check."""
    checks = queries.demos()
    return render(
        request,
        "portfolio/demos.html",
        {"demos": [{"spec": spec, "check": checks.get(slug)} for slug, spec in CATALOGUE.items()]},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def demo(request: HttpRequest, slug: str) -> HttpResponse:
    """The form with a sample; a POST adds the result. htmx gets the result alone."""
    spec = CATALOGUE.get(slug)
    if spec is None:
        raise Http404("no such demo")
    given: dict[str, Any] = spec.sample()
    context: dict[str, Any] = {"spec": spec, "check": queries.demos().get(slug)}
    status = 200
    if request.method == "POST":
        posted = {name: value for name, value in request.POST.items() if name in given or name.startswith("switch-")}
        given = {**given, **posted}
        if over_limit(request, f"demo:{slug}", spec.per_hour):
            context["error"] = "You have used this demo very often within the hour. Please come back later."
            status = 429
        else:
            try:
                context.update(spec.run(request.POST))
                context["has_result"] = True
            except DemoError as error:
                context["error"] = str(error)
                status = 422
    context["given"] = given
    if request.headers.get("HX-Request"):
        return render(request, "portfolio/demos/_result.html", context)
    return render(request, "portfolio/demo.html", context, status=status)
