"""Receipts: the slip that unfolds under a figure, the receipt's own page, and computing it again."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from analysis import queries as analysis
from evidence import queries as evidence
from evidence import services as evidence_services
from evidence.figures import Figure, figure_of
from evidence.receipts import Derived, Verification
from portfolio.publishing.addresses import page_of

LONG_VALUE = 160


@dataclass(frozen=True)
class SlipInput:
    """One line item: what went in, where it is from, its hash; `long` values are shown on the page only."""

    name: str
    ref: str
    url: str
    value: str
    sha256: str
    long: bool


@dataclass(frozen=True)
class Slip:
    """A receipt as a template shows it."""

    id: str
    figure: Figure
    document: dict[str, Any]
    inputs: list[SlipInput]
    stored: bool
    erased: bool = False


def find(receipt_id: str, subject: str) -> tuple[Derived | None, bool, bool]:
    """The receipt, whether it is stored, and whether it was erased; derived again where it is not stored."""
    row = evidence.receipt(receipt_id)
    if row is not None:
        return (None, True, True) if row.erased_at else (Derived.from_text(row.document), True, False)
    if subject:
        for derived in analysis.figures_of(subject):
            if derived.id == receipt_id:
                return derived, False, False
    return None, False, False


def _value_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=None)


def slip_of(derived: Derived, stored: bool) -> Slip:
    """Everything that the slip prints, as plain values."""
    document = dict(derived.document)
    inputs = []
    for entry in document["inputs"]:
        text = _value_text(entry["value"]) if "value" in entry else ""
        inputs.append(
            SlipInput(
                entry["name"], entry["ref"], page_of(entry["ref"]), text, entry["sha256"],
                len(text) > LONG_VALUE,
            )
        )  # fmt: skip
    return Slip(derived.id, figure_of(derived), document, inputs, stored)


@require_safe
def receipt(request: HttpRequest, receipt_id: str) -> HttpResponse:
    """The receipt's page; htmx (or the site's own script) gets the slip alone."""
    subject = request.GET.get("of", "")[:400]
    derived, stored, erased = find(receipt_id, subject)
    if derived is None and not erased:
        raise Http404("no such receipt")
    if derived is None:
        return render(request, "portfolio/receipt_erased.html", {"receipt_id": receipt_id}, status=410)
    context = {
        "slip": slip_of(derived, stored),
        "subject": derived.subject,
        "subject_url": page_of(derived.subject),
    }
    if request.headers.get("HX-Request"):
        response = render(request, "_partials/slip.html", context)
    else:
        context["canonical"] = derived.text
        context["standing"] = list(evidence.standing_on(f"receipt:{receipt_id}")[:50])
        response = render(request, "portfolio/receipt.html", context)
    response["Vary"] = "HX-Request"
    return response


@require_POST
def compute_again(request: HttpRequest, receipt_id: str) -> HttpResponse:
    """Compute the figure again from the receipt's inputs and say whether the bytes agree."""
    subject = request.POST.get("of", "")[:400]
    derived, stored, erased = find(receipt_id, subject)
    if derived is None:
        raise Http404("erased" if erased else "no such receipt")
    verification: Verification = evidence_services.verify(derived)
    context = {
        "verification": verification,
        "slip": slip_of(derived, stored),
        "subject": derived.subject,
        "subject_url": page_of(derived.subject),
        "standing": [],
        "canonical": derived.text,
    }
    if request.headers.get("HX-Request"):
        return render(request, "_partials/verdict.html", context)
    return render(request, "portfolio/receipt.html", context)


@require_safe
def receipts(request: HttpRequest) -> HttpResponse:
    """Frozen receipts, newest first by their id's page."""
    return render(request, "portfolio/receipts.html", {"receipts": evidence.latest(50)})
