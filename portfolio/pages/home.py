"""The first page: who, what, since when; what is proven; what is being collected."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from analysis import queries as analysis
from portfolio.pages.progress import running


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Profile, checklist for the owner, latest changes and running collections."""
    page = analysis.change_page(analysis.ChangeFilters(), size=6)
    context = {
        "repositories": analysis.repository_summaries(),
        "changes": page.changes,
        "figures": analysis.list_figures(page.changes),
        "progress": running(),
    }
    return render(request, "portfolio/home.html", context)


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The fragment that htmx asks for every two seconds while something is collected."""
    return render(request, "_partials/progress.html", {"progress": running()})
