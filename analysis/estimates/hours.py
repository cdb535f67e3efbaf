"""Effort of changes: the range from a human estimate or from the owner's own hours, and the log of real hours.

Size never stands in for hours. With a human estimate the range comes from effort_1, or from the owner's own model once
enough estimated changes have logged hours; without one it comes from the owner's logged hours, or is refused.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone

from analysis.change_types.models import ChangeType
from analysis.collection.models import Change, Repository
from analysis.estimates import units
from analysis.estimates.assumptions import Book
from analysis.estimates.effort import fit, sip
from analysis.estimates.errors import HoursRefused
from analysis.estimates.methods import effort_1
from analysis.estimates.models import Assumption, Estimate, LoggedHours, OwnEffortModel
from analysis.estimates.receipting import basis_of, effort_parameters, receipt_of
from evidence import audit
from evidence.canonical import sha256_of

NEEDED = 40
"""Changes with logged hours below which no own model is fitted: a conformal 90% band needs ten for its window."""

KIND_OF_TYPE = {"fix": "Bug", "feat": "Enhancement", "docs": "Documentation", "test": "Testing"}
PLAIN, ESTIMATED = "own_plain", "own_estimated"
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)(?::[0-5]\d)?")
_DECIMAL = re.compile(r"\d{1,4}(?:[.,]\d{1,4})?")
MOST_ROWS = 100_000


def effort_of(change: Change, book: Book) -> tuple[Estimate, Mapping[str, Assumption]] | None:
    """Return the effort of a change as an unsaved estimate, or None where nothing was entered to stand on."""
    entered = book.find(Assumption.Role.HUMAN_ESTIMATE, change)
    own = _newest(ESTIMATED if entered else PLAIN)
    if entered is None and own is None:
        return None
    if entered is not None and entered.point is not None:
        estimate = entered.point * units.factor(entered.unit, "hour")
        asked = {"hours": float(f"{estimate:.6g}"), "kind": kind_of(change)}
        reference, model = entered.ref, own or effort_1.SHIPPED
    else:
        model = str(own)
        asked = {"hours": effort_parameters(model)["reference_hours"], "kind": "*"}
        reference = f"effort_model:{model}"
    row = Estimate(change=change, level=Estimate.Level.EFFORT)
    try:
        found = effort_1.hours_range({"estimate": asked, "model": effort_parameters(model)}, {}, None)
    except effort_1.EffortRefused as error:
        row.status, row.reason, row.statement = Estimate.Status.REFUSED, "effort_out_of_range", str(error)
        row.reasons = [{"code": row.reason, "title": "No honest range", "missing": str(error), "fix": "Correct it"}]
        row.basis = basis_of(row)
        return row, {"human_estimate": entered} if entered else {}
    rounded = {name: float(f"{value:.6g}") for name, value in found.items() if name != "unit"}
    row.status, row.unit = Estimate.Status.OK, "hour"
    row.p10, row.p50, row.p90 = rounded["p10"], rounded["p50"], rounded["p90"]
    row.method, row.method_version = "effort.hours", "1"
    row.inputs = [
        {"name": "estimate", "ref": reference, "value": asked},
        {"name": "model", "ref": f"effort_model:{model}"},
    ]
    row.parameters = {"more": {name: rounded[name] for name in ("p05", "p25", "p75", "p95")}}
    told = f"a human estimate of {asked['hours']:g} h" if entered else "the owner's own logged hours"
    row.statement = f"{row.p50:.3g} hours ({row.p10:.3g} to {row.p90:.3g}), from {told}"
    row.basis = basis_of(row)
    row.receipt = receipt_of(row).id
    return row, {"human_estimate": entered} if entered else {}


def has_own_model() -> bool:
    """Say whether changes without a human estimate can have their effort."""
    return _newest(PLAIN) is not None


def missing_hours() -> int:
    """Return for how many more changes hours must be logged before the owner has a model of their own."""
    return max(0, NEEDED - LoggedHours.objects.values("change").distinct().count())


def kind_of(change: Change) -> str:
    """Return the kind of task that a change's current type stands for; "*" where it is unknown."""
    current = ChangeType.objects.filter(change=change, is_current=True).values_list("type", flat=True).first()
    return KIND_OF_TYPE.get(current or "", "*")


@transaction.atomic
def log_hours(
    *, actor: Any, change: Change, hours: float, spent_on: dt.date, source: str, entry: str = ""
) -> LoggedHours:
    """Record hours that were spent; the same entry again replaces its hours. Raises HoursRefused."""
    if isinstance(hours, bool) or not math.isfinite(hours) or not 0 < hours <= 10_000:
        raise HoursRefused(f"{hours!r} is no number of hours: above zero, at most 10,000")
    if spent_on > timezone.now().date():
        raise HoursRefused(f"{spent_on.isoformat()} lies in the future")
    row, _ = LoggedHours.objects.update_or_create(
        change=change,
        entry=entry or spent_on.isoformat(),
        defaults={
            "hours": hours,
            "spent_on": spent_on,
            "source": source or "entered by hand",
            "entered_by": audit.name_of(actor),
            "entered_at": timezone.now(),
        },
    )
    audit.record(actor=actor, action="estimates.log_hours", target=row, after={"hours": hours})
    return row


@transaction.atomic
def import_hours(*, actor: Any, repository: Repository, lines: Iterable[str], source: str) -> int:
    """Read a time tracker's CSV with the columns change, date and hours (and id), all or nothing; return the rows.

    ``change`` is #12 or a commit's SHA (12 digits or more), ``date`` ISO, ``hours`` 1.5 or 1:30. Raises HoursRefused
    with the line for anything else: a damaged amount is refused, not repaired.
    """
    reader = csv.DictReader(lines)
    lacking = {"change", "date", "hours"} - set(reader.fieldnames or ())
    if lacking:
        raise HoursRefused(f"the file lacks the column {', '.join(sorted(lacking))}")
    count = 0
    for count, line in enumerate(reader, start=1):
        if count > MOST_ROWS:
            raise HoursRefused(f"more than {MOST_ROWS} rows: split the file")
        where = f"line {reader.line_num}"
        change = _change_named(repository, line["change"] or "", where)
        spent_on = _date(line["date"] or "", where)
        entry = (line.get("id") or "").strip()[:100] or f"{source}:{spent_on.isoformat()}:{count}"
        hours = read_hours(line["hours"] or "", where)
        try:
            log_hours(actor=actor, change=change, hours=hours, spent_on=spent_on, source=source, entry=entry)
        except HoursRefused as error:
            raise HoursRefused(f"{where}: {error}") from None
    return count


def read_hours(text: str, where: str = "hours") -> float:
    """Return the hours that a cell says: 1.5, 1,5 or 1:30; raises HoursRefused for anything else."""
    cleaned = text.strip()
    if match := _CLOCK.fullmatch(cleaned):
        return int(match[1]) + int(match[2]) / 60
    if _DECIMAL.fullmatch(cleaned):
        return float(cleaned.replace(",", "."))
    raise HoursRefused(f"{where}: {cleaned[:40]!r} is no number of hours (1.5 or 1:30)")


def fit_own_models() -> list[str]:
    """Fit the owner's own models where enough hours are logged and something is new; return the names made."""
    logged = list(
        LoggedHours.objects.values("change")
        .annotate(total=Sum("hours"), last=Max("spent_on"))
        .order_by("last", "change")
    )
    if len(logged) < NEEDED:
        return []
    estimates = {
        row.change_id: row.point * units.factor(row.unit, "hour")
        for row in Assumption.objects.filter(role=Assumption.Role.HUMAN_ESTIMATE, is_current=True)
        if row.point is not None
    }
    with_estimate = [row for row in logged if row["change"] in estimates]
    hours = sorted(row["total"] for row in logged)
    reference = float(f"{hours[len(hours) // 2]:.6g}")
    made = [_fit(PLAIN, [_task(row, reference) for row in logged], reference)]
    if len(with_estimate) >= NEEDED:
        made.append(_fit(ESTIMATED, [_task(row, estimates[row["change"]]) for row in with_estimate], None))
    return [name for name in made if name]


def _task(row: Mapping[str, Any], estimated: float) -> sip.Task:
    return sip.Task(row["change"], "", "", "", estimated, row["total"], row["last"])


def _fit(name: str, tasks: list[sip.Task], reference: float | None) -> str:
    cut = round(len(tasks) * 0.7)
    parameters = {**fit.fit(tasks[:cut], tasks[cut:]), "model": name, "reference_hours": reference}
    digest = sha256_of(parameters)
    full_name = f"{name}_{digest[:12]}"
    _, is_new = OwnEffortModel.objects.get_or_create(
        name=full_name, defaults={"parameters": parameters, "rows": len(tasks), "sha256": digest}
    )
    return full_name if is_new else ""


def _newest(prefix: str) -> str | None:
    return (
        OwnEffortModel.objects.filter(name__startswith=f"{prefix}_")
        .order_by("-id")
        .values_list("name", flat=True)
        .first()
    )


def _change_named(repository: Repository, text: str, where: str) -> Change:
    name = text.strip()
    found = Change.objects.filter(repository=repository)
    if name.removeprefix("#").isdigit() and len(name) < 11:
        found = found.filter(key=f"pull:{int(name.removeprefix('#'))}")
    elif re.fullmatch(r"[0-9a-f]{12,64}", name):
        found = found.filter(key__startswith=f"commit:{name}")
    else:
        raise HoursRefused(f"{where}: {name[:40]!r} is neither #number nor a commit")
    change = found.first()
    if change is None:
        raise HoursRefused(f"{where}: {repository.name} has no change {name[:40]}")
    return change


def _date(text: str, where: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise HoursRefused(f"{where}: {text.strip()[:20]!r} is no date (2026-05-31)") from None
