"""Value: what all of it comes to, what stands on a claim or an assumption, and what a change of method moved."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from analysis import queries as analysis
from evidence import queries as evidence
from evidence.figures import Figure
from evidence.receipts import Kind

LEVELS = {"L3": "Effect in a year", "L4": "Money in a year"}
STORED = 50
WHOSE = {"own": "the owner’s share", "team": "the team’s"}


@dataclass(frozen=True)
class Total:
    """A total as its row prints it; `repository` is empty for all of them."""

    repository: str
    level: str
    whose: str
    figure: Figure
    outcomes: int
    left_out: int


def total_of(row: Any) -> Total:
    """A stored total as a figure with its receipt."""
    figure = Figure(row.p50, row.unit, Kind.ESTIMATED, row.receipt, low=row.p10, high=row.p90)
    repository = row.repository.name if row.repository else ""
    return Total(repository, LEVELS[row.level], WHOSE.get(row.whose, ""), figure, row.outcomes, row.left_out)


@require_safe
def value(request: HttpRequest) -> HttpResponse:
    """Totals that add draws and count an outcome once, of all and by repository; why the rest is not priced."""
    totals = [total_of(row) for row in analysis.current_totals()]
    context = {
        "everything": [row for row in totals if not row.repository],
        "by_repository": [row for row in totals if row.repository],
        "has_money": any(row.level == LEVELS["L4"] for row in totals),
        "reasons": analysis.reasons_against(),
    }
    return render(request, "portfolio/value.html", context)


@require_safe
def basis(request: HttpRequest) -> HttpResponse:
    """A claim, an assumption or a change, and every figure that would change if it were wrong."""
    found = analysis.basis(request.GET.get("of", "")[:200])
    if found is None:
        raise Http404("nothing of that name can be seen here")
    standing = list(evidence.standing_on(found.ref)[:STORED])
    shown = analysis.public_receipts(standing)
    context = {"basis": found, "stored": [row for row in standing if row.pk in shown]}
    return render(request, "portfolio/basis.html", context)


@require_safe
def method_changes(request: HttpRequest) -> HttpResponse:
    """Each change of method, and each figure under the version before and the version after."""
    steps = analysis.method_steps()
    asked = request.GET.get("step", "")
    chosen = next((step for step in steps if f"{step.method}-{step.new}" == asked), steps[0] if steps else None)
    after = request.GET.get("after", "")
    cursor = int(after) if after.isascii() and after.isdigit() and len(after) < 16 else 0
    page = analysis.moved(chosen, cursor) if chosen else None
    return render(request, "portfolio/method_changes.html", {"steps": steps, "chosen": chosen, "page": page})
