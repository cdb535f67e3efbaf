"""The project's own documentation: its index and its pages."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portfolio.publishing import manual


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """docs/README.md: what there is to read, by what a reader wants."""
    return render(request, "portfolio/docs.html", {"page": manual.page(manual.INDEX)})


@require_safe
def document(request: HttpRequest, name: str) -> HttpResponse:
    """One document; relative links between documents are kept alive."""
    page = manual.page(name) if name != manual.INDEX else None
    if page is None:
        raise Http404("no such document")
    return render(request, "portfolio/doc.html", {"title": page.title, "text": page.text})
