"""The first page: who, what, since when; what is proven; what is being collected."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from analysis import queries as analysis
from evidence.figures import Figure
from portfolio import queries
from portfolio.desk.checklist import checklist
from portfolio.models import Profile
from portfolio.pages.progress import running
from portfolio.publishing import documents, drawings, embeds
from portfolio.publishing.addresses import page_of

LATEST, STUDIES, OUTCOMES = 4, 5, 3


@dataclass(frozen=True)
class Outcome:
    """A line of the owner's with its figures set, and the pages of what its figures are about as (label, address)."""

    html: SafeString
    sources: list[tuple[str, str]]


def outcomes_of(person: Profile) -> list[Outcome]:
    """The owner's outcomes, at most three; one query for all their receipts."""
    lines = [line.strip() for line in person.outcomes.splitlines() if line.strip()][:OUTCOMES]
    known = embeds.stored_receipts("\n".join(lines))
    found = []
    for line in lines:
        subjects = dict.fromkeys(row.subject for row in embeds.stored_receipts(line, known).values())
        sources = [(subject.partition(":")[2], page_of(subject)) for subject in subjects]
        found.append(Outcome(embeds.render_inline(line, known), [source for source in sources if source[1]]))
    return found


def stated() -> list[tuple[Any, Figure, str]]:
    """The newest outcomes that public changes state of themselves, one a change, each with its phrase; two queries.

    Outcomes that name what they are of come before those that do not; the page of all claims leaves none out.
    """
    newest: dict[int, Any] = {}
    by_date = sorted(
        analysis.claim_page(direction="better"),
        key=lambda claim: (claim.metric != "other", claim.change.sorted_at, claim.pk),
        reverse=True,
    )
    for claim in by_date:
        if claim.state in ("stated", "corroborated"):
            newest.setdefault(claim.change_id, claim)
    shown = list(newest.values())[:OUTCOMES]
    phrases = analysis.claim_phrases(shown) if shown else {}
    return [(claim, analysis.claim_figure(claim), phrases.get(claim.pk, "")) for claim in shown]


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
        "stated": [] if person.outcomes.strip() else stated(),
        "studies": studies,
        "repositories": repositories,
        "drawn": dict(drawings.all_drawn(["landed"])).get("landed") if page.changes else None,
        "changes": page.changes,
        "figures": analysis.list_figures(page.changes),
        "progress": running(),
    }
    if request.user.is_authenticated and request.user.is_staff:
        steps = checklist(has_repository=bool(repositories))
        context["checklist"] = [] if all(step.done for step in steps) else steps
    return render(request, "portfolio/home.html", context)


@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """The fragment that htmx asks for every two seconds while something is collected."""
    return render(request, "_partials/progress.html", {"progress": running()})
