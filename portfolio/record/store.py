"""Store figures of the system with their receipts, and read the newest of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from evidence import audit, services
from evidence import queries as evidence
from evidence.figures import Figure, figure_of
from evidence.receipts import Derived, Input, Kind, derive
from portfolio.models import Incident, ServingHour, StatusRecord
from portfolio.record import builds, methods, probe, serving

KEEP_DAYS = 2 * serving.DAYS


@dataclass(frozen=True, slots=True)
class Shown:
    """A stored record as the page shows it."""

    recorded_at: dt.datetime
    revision: str
    figures: list[tuple[str, Figure]]


def sample(now: dt.datetime) -> bool | None:
    """Probe once and add the outcome to the hour; None, and nothing is added, where no address is known."""
    if not (site := probe.address()):
        return None
    ok = probe.answers(site)
    serving.add(hour=now, probes=1, probes_failed=int(not ok))
    return ok


@transaction.atomic
def _store(kind: str, now: dt.datetime, revision: str, found: Iterable[tuple[str, Derived]]) -> StatusRecord | None:
    pairs = list(found)
    if not pairs:
        return None
    services.freeze_many(receipt for _label, receipt in pairs)
    links = [[label, receipt.id] for label, receipt in pairs]
    return StatusRecord.objects.create(kind=kind, recorded_at=now, revision=revision, receipts=links)


def record_serving(now: dt.datetime) -> StatusRecord | None:
    """Store the figures of the last ninety days; None while nothing was measured."""
    return _store(StatusRecord.Kind.SERVING, now, "", serving.figures(now))


def record_build(*, folder: Path, now: dt.datetime, actor: Any) -> StatusRecord | None:
    """Store what the build wrote into ``folder``; None when it wrote nothing. Raises builds.BadRecord."""
    revision, lines = builds.read(folder)
    stored = _store(StatusRecord.Kind.BUILD, now, revision, _of_build(lines))
    if stored:
        audit.record(actor=actor, action="status.record_build", target=stored, after={"revision": revision})
    return stored


def _of_build(lines: Iterable[builds.Line]) -> Iterator[tuple[str, Derived]]:
    for line in lines:
        yield line.label, derive(
            kind=Kind.MEASURED, subject="status:build", method="status.build", version=methods.VERSION,
            inputs=[Input("record", f"status:{line.file}", {"revision": line.revision, line.name: line.value})],
            parameters={"name": line.name, "unit": line.unit},
        )  # fmt: skip


def latest(kind: str) -> Shown | None:
    """The newest record of a kind with its figures, in two queries."""
    row = StatusRecord.objects.filter(kind=kind).order_by("-id").first()
    if row is None:
        return None
    stored = evidence.receipts(key for _, key in row.receipts)
    found = [(label, evidence.content(stored[key])) for label, key in row.receipts if key in stored]
    figures = [(label, figure_of(derived, label)) for label, derived in found if derived is not None]
    return Shown(row.recorded_at, row.revision, figures)


def incidents(limit: int = 20) -> list[Incident]:
    """Published incidents, newest first."""
    return list(Incident.objects.filter(is_published=True).order_by("-started_at", "-id")[:limit])


def forget(before: dt.datetime) -> int:
    """Delete hours and records older than ``before``; receipts stay, for they may be referred to."""
    hours, _ = ServingHour.objects.filter(hour__lt=before).delete()
    records, _ = StatusRecord.objects.filter(recorded_at__lt=before).delete()
    return hours + records
