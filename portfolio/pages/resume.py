"""The résumé as page, PDF and JSON Resume, all from the same approved records."""

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from analysis import queries as analysis
from evidence.canonical import sha256_of
from portfolio.pages.context import origin
from portfolio.publishing import embeds
from portfolio.publishing import resume as forms

KEEP_SECONDS = 3600


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The page; it prints on at most two sheets."""
    resume = forms.gather()
    context = {"resume": resume, "evidence_changed": analysis.evidence_changed(embeds.subjects_of(*resume.sources))}
    return render(request, "portfolio/resume.html", context)


@require_safe
def as_pdf(request: HttpRequest) -> HttpResponse:
    """The PDF, set once for each state of the records and kept for an hour."""
    gathered = forms.gather()
    if gathered.empty:
        raise Http404("the owner has approved nothing yet")
    source = forms.typst_source(gathered)
    key = f"resume-pdf:{sha256_of(source)}"
    content = cache.get(key)
    if content is None:
        content = forms.pdf(gathered)
        cache.set(key, content, KEEP_SECONDS)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="resume.pdf"'
    return response


@require_safe
def as_json(request: HttpRequest) -> JsonResponse:
    """JSON Resume 1.0.0."""
    gathered = forms.gather()
    if gathered.empty:
        raise Http404("the owner has approved nothing yet")
    return JsonResponse(forms.json_resume(gathered, origin(request)), json_dumps_params={"ensure_ascii": False})
