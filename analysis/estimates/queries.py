"""Ask this stage: the ladder of a change, what stands on an assumption, totals, and what was kept of past promises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, QuerySet, Sum

from analysis.change_types.figures import type_figure
from analysis.claims.models import Claim
from analysis.collection.browse import change_ref, public_changes
from analysis.collection.models import Change
from analysis.estimates import gate, hours
from analysis.estimates.models import Estimate, LoggedHours, MeasuredEffect
from analysis.estimates.moves import other_versions
from analysis.estimates.receipting import receipt_of
from analysis.facts.figures import list_figures
from evidence.figures import Figure, unknown
from evidence.receipts import Derived, Kind

LEVELS = {
    "L0": "Facts",
    "L1": "Type",
    "L2": "Quoted outcome",
    "L3": "Yearly effect",
    "L4": "Money",
    "effort": "Effort (a cost)",
}
GATE = {code.value: title for code, title in gate.TITLES.items()}
NO_OUTCOME = {
    "code": "no_outcome",
    "title": "No outcome quoted",
    "missing": "a quantified outcome in the change's own words",
    "fix": "Quote what was measured: from how much, to how much, in which unit",
}


@dataclass(frozen=True, slots=True)
class LadderStep:
    """One level of a change's ladder: a figure, or the reasons why there is none.

    ``outcome`` is the reference of the claim for L2 to L4, ``whose`` own or team. Each of ``refusals`` is a dict of
    code, title, missing and fix.
    """

    level: str
    title: str
    statement: str
    figure: Figure | None
    refusals: Sequence[dict[str, str]] = ()
    outcome: str = ""
    quote: str = ""
    whose: str = ""


def ladder(change: Change) -> list[LadderStep]:
    """Return the levels of a change, L0 first, effort last; for each quoted outcome L2 to L4. At most six queries."""
    rows = list(Estimate.objects.filter(change=change).order_by("outcome", "level"))
    quotes = {
        f"claim:{claim.key}": claim.quote
        for claim in Claim.objects.filter(change=change, is_current=True).only("key", "quote").order_by("pk")[:200]
    }
    steps = [_facts_step(change), _type_step(change)]
    of_claims = [row for row in rows if row.level != Estimate.Level.EFFORT]
    steps += [_step(change, row, quotes.get(row.outcome, "")) for row in of_claims]
    if not of_claims:
        steps += [_refused(level, NO_OUTCOME) for level in ("L2", "L3", "L4")]
    effort = next((row for row in rows if row.level == Estimate.Level.EFFORT), None)
    steps.append(_refused("effort", no_effort()) if effort is None else _step(change, effort, ""))
    return steps


def no_effort() -> dict[str, str]:
    """Return why a change without a human estimate has no effort, and for how many changes hours are missing."""
    return {
        "code": "no_human_estimate",
        "title": "No hours without an estimate or a log",
        "missing": f"a human estimate of this change, or logged hours of {hours.missing_hours()} more changes",
        "fix": "Enter the estimate that was made before the work, or import the hours of a time tracker; without"
        " either an honest 80% range spans about 33x",
    }


def figure_of_row(row: Estimate, reference: str) -> Figure:
    """Return a stored estimate as the figure that a page shows."""
    kind = Kind.QUOTED if row.method == "value.difference" else Kind.ESTIMATED
    label = LEVELS[row.level].lower()
    if row.p50 is None:
        reason = row.reasons[0]["title"] or row.reasons[0]["missing"] if row.reasons else row.reason
        return unknown(kind, reason, label=label, subject=reference)
    return Figure(row.p50, row.unit, kind, row.receipt, reference, label, low=row.p10, high=row.p90)


def estimate_receipts(change: Change) -> Iterator[Derived]:
    """Return the receipt of each figure of a change's ladder, derived again, under its version and every other."""
    rows = Estimate.objects.filter(change=change, status=Estimate.Status.OK).select_related("change__repository")
    for row in rows.order_by("outcome", "level"):
        yield receipt_of(row)
        yield from other_versions(row)


def estimate_objects(changes: QuerySet[Change]) -> Iterator[dict[str, Any]]:
    """Return each level of each change as plain data, by the change's id, in bounded memory."""
    for change in changes.select_related("repository").order_by("pk").iterator(chunk_size=200):
        reference = change_ref(change)
        for step in ladder(change):
            yield _object(reference, step)


def _object(reference: str, step: LadderStep) -> dict[str, Any]:
    figure = step.figure
    amount = figure.value if figure is not None and not isinstance(figure.value, str) else None
    named = f" ({figure.value})" if figure is not None and isinstance(figure.value, str) else ""
    is_range = figure is not None and figure.is_range
    return {
        "change": reference,
        "level": step.level,
        "status": "refused" if figure is None else "ok",
        "reason": None if figure is not None else step.refusals[0]["code"] if step.refusals else "unknown",
        "missing": [refusal["missing"] for refusal in step.refusals],
        "statement": step.statement + named,
        "p10": figure.low if figure is not None and is_range else amount,
        "p50": amount,
        "p90": figure.high if figure is not None and is_range else amount,
        "unit": figure.unit if figure is not None else None,
        "currency": figure.unit.partition("/")[0] if figure is not None and step.level == "L4" else None,
        "outcome": step.outcome or None,
        "receipt": figure.receipt if figure is not None else None,
    }


@dataclass(frozen=True, slots=True)
class Kept:
    """How many later outcomes fell into their 80% range; ``count`` is how many are known."""

    what: str
    inside: int
    count: int


def kept_promises() -> list[Kept]:
    """Return how effort and yearly effects fared against what was logged and measured later."""
    spent = dict(LoggedHours.objects.values_list("change").annotate(total=Sum("hours")).order_by())
    effort = Estimate.objects.filter(level="effort", status="ok", change__in=list(spent)[:10_000])
    told = [(row.p10, spent[row.change_id], row.p90) for row in effort]
    effects = []
    measured = MeasuredEffect.objects.values("change")
    known = Estimate.objects.filter(level="L3", status="ok", change__in=measured)
    rows = {(row.change_id, row.outcome): row for row in known}
    for seen in MeasuredEffect.objects.order_by("change", "outcome", "measured_on"):
        row = rows.get((seen.change_id, seen.outcome))
        if row is not None:
            effects.append((row.p10, seen.value, row.p90))
    return [_kept("effort, hours", told), _kept("yearly effects", effects)]


def estimate_counts() -> dict[str, dict[str, int]]:
    """Return how many estimates of public changes stand and are refused, by level."""
    rows = (
        Estimate.objects.filter(change__in=public_changes()).values_list("level", "status").annotate(many=Count("pk"))
    )
    found: dict[str, dict[str, int]] = {}
    for level, status, many in rows.order_by("level", "status"):
        found.setdefault(level, {})[status] = many
    return found


def reasons_against() -> list[tuple[str, str, str, int]]:
    """Return why public outcomes have no amount of money: code, title, what mends it, and of how many; most first."""
    rows = Estimate.objects.filter(level="L4", status=Estimate.Status.REFUSED, change__in=public_changes())
    counted = rows.values("reason").annotate(many=Count("pk"), last=Max("pk")).order_by("-many", "reason")[:40]
    found = [(row["reason"], row["many"], row["last"]) for row in counted]
    told = {row.pk: row.reasons[0] for row in Estimate.objects.filter(pk__in=[last for _, _, last in found])}
    return [
        (code, GATE.get(code) or told[last]["title"] or told[last]["missing"], told[last]["fix"], many)
        for code, many, last in found
    ]


def _kept(what: str, told: Iterable[tuple[float | None, float, float | None]]) -> Kept:
    known = [(low, seen, high) for low, seen, high in told if low is not None and high is not None]
    return Kept(what, sum(low <= seen <= high for low, seen, high in known), len(known))


def _facts_step(change: Change) -> LadderStep:
    figure = list_figures([change]).get(change.pk, {}).get("landed_additions")
    if figure is None or not figure.known:
        reason = {
            "code": "no_landed_lines",
            "title": "",
            "missing": "what landed of this change",
            "fix": "Collect again",
        }
        return LadderStep("L0", LEVELS["L0"], "What landed is unknown.", None, (reason,))
    return LadderStep("L0", LEVELS["L0"], "Lines that reached the default branch: a fact, and no value.", figure)


def _type_step(change: Change) -> LadderStep:
    figure = type_figure(change)
    if not figure.known:
        missing = f"a type: {figure.reason}"
        reason = {"code": "no_type", "title": "", "missing": missing, "fix": "Set the type in the admin"}
        return LadderStep("L1", LEVELS["L1"], "The type is undecided.", None, (reason,))
    return LadderStep("L1", LEVELS["L1"], "The predicted type: what kind of work it was, and no value.", figure)


def _step(change: Change, row: Estimate, quote: str) -> LadderStep:
    figure = figure_of_row(row, change_ref(change))
    return LadderStep(
        row.level,
        LEVELS[row.level],
        row.statement,
        figure if figure.known else None,
        row.reasons,
        row.outcome,
        quote,
        row.whose,
    )


def _refused(level: str, reason: dict[str, str]) -> LadderStep:
    return LadderStep(level, LEVELS[level], f"Unknown: {reason['missing']} is missing.", None, (reason,))
