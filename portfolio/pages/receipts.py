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
from portfolio.publishing.derived import receipts_about

LONG_VALUE, SLIP_LINES, PAGE_ROWS = 60, 8, 200


@dataclass(frozen=True)
class SlipInput:
    """One input: where it is from, its hash, its value as lines of (name, value); `more` says that lines are left."""

    name: str
    ref: str
    url: str
    lines: list[tuple[str, str]]
    more: bool
    text: str
    sha256: str


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
    if row is not None and not row.erased_at and not analysis.public_receipts([row]):
        return None, False, False  # about something that is hidden or private: for a visitor it is not there
    if row is not None:
        return (None, True, True) if row.erased_at else (Derived.from_text(row.document), True, False)
    if subject:
        for derived in receipts_about(subject):
            if derived.id == receipt_id:
                return derived, False, False
    return None, False, False


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def lines_of(name: str, value: Any) -> list[tuple[str, str]]:
    """An input's value as line items: a mapping by its names, rows by their first cell, anything else as one line."""
    if isinstance(value, dict):
        return [(str(key), _plain(item)) for key, item in value.items()]
    if isinstance(value, list) and value and all(isinstance(row, list) and row for row in value):
        return [(_plain(row[0]), ", ".join(_plain(cell) for cell in row[1:])) for row in value]
    return [(name, _plain(value))]


def slip_of(derived: Derived, stored: bool, limit: int = SLIP_LINES) -> Slip:
    """Everything that the slip prints, as plain values; at most `limit` lines of an input."""
    document = dict(derived.document)
    inputs = []
    for entry in document["inputs"]:
        lines = lines_of(entry["name"], entry["value"]) if "value" in entry else []
        short = [(name, text if len(text) <= LONG_VALUE else f"{text[:LONG_VALUE]}…") for name, text in lines[:limit]]
        text = lines[0][1] if len(lines) == 1 and len(lines[0][1]) > LONG_VALUE else ""
        inputs.append(
            SlipInput(
                entry["name"], entry["ref"], page_of(entry["ref"]), short, len(lines) > limit, text, entry["sha256"]
            )
        )
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
        "slip": slip_of(derived, stored, SLIP_LINES if request.headers.get("HX-Request") else PAGE_ROWS),
        "subject": derived.subject,
        "subject_url": page_of(derived.subject),
    }
    if request.headers.get("HX-Request"):
        response = render(request, "_partials/slip.html", context)
    else:
        context["canonical"] = derived.text
        standing = list(evidence.standing_on(f"receipt:{receipt_id}")[:50])
        visible = analysis.public_receipts(standing)
        context["standing"] = [row for row in standing if row.pk in visible]
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
        "slip": slip_of(derived, stored, SLIP_LINES if request.headers.get("HX-Request") else PAGE_ROWS),
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
    rows = evidence.latest(50)
    shown = analysis.public_receipts(rows)
    found = [(row, evidence.content(row)) for row in rows if row.pk in shown]
    items = [
        {
            "row": row,
            "figure": figure_of(content) if content else None,
            "words": content.document["formula"]["words"] if content else "",
            "url": page_of(row.subject),
        }
        for row, content in found
    ]
    return render(request, "portfolio/receipts.html", {"receipts": items})
