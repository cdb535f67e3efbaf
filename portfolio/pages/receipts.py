"""Receipts: the slip that unfolds under a figure, the receipt's own page, and computing it again."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from analysis import queries as analysis
from evidence import queries as evidence
from evidence import services as evidence_services
from evidence.figures import figure_of
from evidence.receipts import Derived, Verification
from portfolio.publishing import documents
from portfolio.publishing.addresses import page_of
from portfolio.publishing.derived import receipts_about
from portfolio.publishing.slips import PAGE_ROWS, SLIP_LINES, quotation, slip_of

STANDING = 50


def find(receipt_id: str, subject: str) -> tuple[Derived | None, bool, bool]:
    """The receipt, whether it is stored, and whether it was erased; derived again where it is not stored."""
    row = evidence.receipt(receipt_id)
    if row is not None and not row.erased_at and not analysis.public_receipts([row]):
        return None, False, False  # about something that is hidden or private: for a visitor it is not there
    if row is not None:
        return (None, True, True) if row.erased_at else (Derived.from_text(row.document), True, False)
    if subject:
        for derived in receipts_about(subject):
            if derived.id == receipt_id:
                return derived, False, False
    return None, False, False


@require_safe
def receipt(request: HttpRequest, receipt_id: str) -> HttpResponse:
    """The receipt's page; htmx (or the site's own script) gets the slip alone."""
    subject = request.GET.get("of", "")[:400]
    derived, stored, erased = find(receipt_id, subject)
    if derived is None and not erased:
        raise Http404("no such receipt")
    if derived is None:
        return render(request, "portfolio/receipt_erased.html", {"receipt_id": receipt_id}, status=410)
    if request.headers.get("HX-Request"):
        response = render(request, "_partials/slip.html", slip_context(derived, stored))
    else:
        response = render(request, "portfolio/receipt.html", page_context(derived, stored))
    response["Vary"] = "HX-Request"
    return response


def slip_context(derived: Derived, stored: bool, limit: int = SLIP_LINES) -> dict[str, Any]:
    """What the slip needs; no query."""
    return {
        "slip": slip_of(derived, stored, limit), "subject": derived.subject, "subject_url": page_of(derived.subject)
    }  # fmt: skip


def page_context(derived: Derived, stored: bool) -> dict[str, Any]:
    """What the receipt's page needs beside: the quotation, what stands on the figure, the texts that state it."""
    standing = list(evidence.standing_on(f"receipt:{derived.id}")[:STANDING])
    visible = analysis.public_receipts(standing)
    return {
        **slip_context(derived, stored, PAGE_ROWS),
        "canonical": derived.text,
        "quotation": quotation(derived),
        "standing": [row for row in standing if row.pk in visible],
        "citing": documents.citing(derived.id),
    }


@require_POST
def compute_again(request: HttpRequest, receipt_id: str) -> HttpResponse:
    """Compute the figure again from the receipt's inputs and say whether the bytes agree."""
    subject = request.POST.get("of", "")[:400]
    derived, stored, erased = find(receipt_id, subject)
    if derived is None:
        raise Http404("erased" if erased else "no such receipt")
    verification: Verification = evidence_services.verify(derived)
    if request.headers.get("HX-Request"):
        return render(request, "_partials/verdict.html", {"verification": verification})
    context = {**page_context(derived, stored), "verification": verification}
    return render(request, "portfolio/receipt.html", context)


def label_of(document: Mapping[str, Any]) -> str:
    """What of several things a receipt computes, as its parameters or inputs name it: a column, a measure, a quote."""
    parameters = document["parameters"]
    named = [parameters[name] for name in ("column", "stage", "what", "name") if name in parameters]
    for item in document["inputs"] if not named else ():
        value = item.get("value")
        if isinstance(value, dict) and item["name"] == "outcomes" and "of" in value:
            named = [f"{value['of']}, {parameters.get('end', 'share')}"]
        elif isinstance(value, dict):
            named = [value[name] for name in ("what", "quote") if name in value]
        if named:
            break
    return ", ".join(value.replace("_", " ") for value in named if isinstance(value, str))


@require_safe
def receipts(request: HttpRequest) -> HttpResponse:
    """Frozen receipts, newest first by their id's page."""
    rows = evidence.latest(50)
    shown = analysis.public_receipts(rows)
    found = [(row, evidence.content(row)) for row in rows if row.pk in shown]
    items = [
        {
            "row": row,
            "figure": figure_of(content) if content else None,
            "words": content.document["formula"]["words"].replace("`", "") if content else "",
            "label": label_of(content.document) if content else "",
            "url": page_of(row.subject),
        }
        for row, content in found
    ]
    return render(request, "portfolio/receipts.html", {"receipts": items})
