"""Reports: the list, one as a page, and one as a file. A public report never changes."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from analysis import queries as analysis
from evidence.figures import Figure
from evidence.receipts import Kind

LIST = 100


def figure_of_total(total: dict[str, Any], subject: str = "") -> Figure:
    """A figure as a report's document states it; its receipt is stored."""
    return Figure(total["value"], total["unit"], Kind(total["kind"]), total["receipt"], subject, total["label"])


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Public reports, newest period first."""
    rows = analysis.public_reports().select_related("repository").order_by("-ends_on", "-id")[:LIST]
    return render(request, "portfolio/reports.html", {"reports": rows})


def _public(report_id: int) -> tuple[Any, dict[str, Any]]:
    report = analysis.public_reports().select_related("repository", "previous").filter(pk=report_id).first()
    document = analysis.report_document(report) if report else None
    if report is None or document is None:
        raise Http404("no such report")
    return report, document


@require_safe
def report(request: HttpRequest, report_id: int) -> HttpResponse:
    """One report with its totals, achievements and what it cannot prove."""
    row, document = _public(report_id)
    context = {
        "report": row,
        "document_of_report": document,
        "totals": [figure_of_total(total) for total in document["totals"]],
        "caveats": [figure_of_total(total) for total in document.get("caveats", ())],
        "difference": difference_of(row),
        "evidence_changed": analysis.evidence_changed(subjects_of(document)),
    }
    return render(request, "portfolio/report.html", context)


def subjects_of(document: dict[str, Any]) -> set[str]:
    """The changes behind the achievements and outcomes of a report."""
    members = {ref for row in document["achievements"] for ref in row["changes"]}
    return members | {row["change"] for row in document["claims"]}


def difference_of(row: Any) -> dict[str, Any] | None:
    """What changed since the last report of its kind, with both figures; None where that one is not public."""
    last = row.previous
    if last is None or not analysis.public_reports().filter(pk=last.pk).exists():
        return None
    found = analysis.report_difference(row)
    before = analysis.report_document(last)
    now = analysis.report_document(row)
    if not (found and before and now):
        return None
    old = {total["label"]: figure_of_total(total) for total in before["totals"]}
    rows = [(total["label"], old.get(total["label"]), figure_of_total(total)) for total in now["totals"]]
    return {**found, "rows": rows, "last": last}


@require_safe
def report_file(request: HttpRequest, report_id: int, form: str) -> HttpResponse:
    """One report as Markdown, JSON or PDF."""
    row, _document = _public(report_id)
    if form not in analysis.FORMATS:
        raise Http404("no such form")
    try:
        content, media = analysis.report_file(row, form)
    except analysis.NotSet as error:
        return HttpResponse(str(error), content_type="text/plain; charset=utf-8", status=503)
    return HttpResponse(content, content_type=media)
