"""Search over everything published: the owner's texts by the database's full-text index, changes by their titles."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from analysis import queries as analysis
from portfolio import queries
from portfolio.publishing import search as index

CHANGES = 10


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Results for ?q=, narrowed by kind, year and technology; htmx gets the results alone, as one types."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()
    text = asked[: index.MAX_QUERY]
    kind, tag = (
        request.GET.get("kind", "")[:20].replace("\x00", ""),
        request.GET.get("tag", "")[:60].replace("\x00", ""),
    )
    year = request.GET.get("year", "")
    when = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None
    hits = index.find(text, kind, when, tag)
    page = (
        analysis.change_page(analysis.ChangeFilters(text=text, year=when), size=CHANGES)
        if text and not (kind or tag)
        else None
    )
    kinds, years, tags = queries.search_facets()
    context = {
        "q": text,
        "limit": index.MAX_QUERY,
        "cut": len(asked) > index.MAX_QUERY,
        "kind": kind,
        "year": when,
        "kinds": kinds,
        "years": years,
        "tag": tag,
        "tags": tags,
        "hits": hits,
        "changes": page.changes if page else [],
        "more_changes": bool(page and page.after),
        "figures": analysis.list_figures(page.changes) if page else {},
    }
    partial = request.headers.get("HX-Target") == "results"
    response = render(request, "portfolio/search.html#results" if partial else "portfolio/search.html", context)
    response["Vary"] = "HX-Request, HX-Target"
    return response
