"""The first page: who, what, since when; what is proven; what is being collected."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from analysis import queries as analysis
from portfolio import queries
from portfolio.desk.checklist import checklist
from portfolio.models import Profile
from portfolio.pages.progress import running
from portfolio.publishing import documents, embeds

LATEST, STUDIES, OUTCOMES = 6, 5, 3


def outcomes_of(person: Profile) -> list[SafeString]:
    """The owner's outcomes, at most three, each with its figures set."""
    lines = [line.strip() for line in person.outcomes.splitlines() if line.strip()][:OUTCOMES]
    return [embeds.render_inline(line) for line in lines]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Profile, checklist for the owner, outcomes, case studies, latest changes and running collections."""
    person = queries.shown_profile()
    page = analysis.change_page(analysis.ChangeFilters(), size=LATEST)
    repositories = analysis.repository_summaries()
    studies = [
        {"url": documents.url_of("case-study", study.slug), **study.live.content}
        for study in queries.case_studies()[:STUDIES]
        if study.live
    ]
    context: dict[str, object] = {
        "statement": embeds.render(person.statement).html if person.statement else "",
        "outcomes": outcomes_of(person),
        "studies": studies,
        "repositories": repositories,
        "changes": page.changes,
        "figures": analysis.list_figures(page.changes),
        "progress": running(),
    }
    if request.user.is_authenticated and request.user.is_staff:
        context["checklist"] = checklist(has_repository=bool(repositories))
    return render(request, "portfolio/home.html", context)


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The fragment that htmx asks for every two seconds while something is collected."""
    return render(request, "_partials/progress.html", {"progress": running()})
