"""Make, publish and erase reports. A report is frozen when it is made; its receipts are frozen with it."""

import datetime as dt
from typing import Any

from django.db import transaction

from analysis.change_types.labels import TYPES
from analysis.collection.models import Repository
from analysis.reports import compile as compiling
from analysis.reports.description import DescriptionError, clean
from analysis.reports.matrix import compile_matrix
from analysis.reports.models import Report
from analysis.reports.periods import PeriodError, span
from evidence import audit
from evidence.canonical import canonical_text, sha256_bytes
from evidence.redaction import redact
from evidence.services import freeze_many


@transaction.atomic
def make(
    *,
    reader: str,
    period: str,
    day: dt.date,
    until: dt.date | None = None,
    repository: Repository | None = None,
    theme: str = "",
    description: str = "",
    actor: Any = None,
) -> Report:
    """Compile and freeze a report. For a ``range`` ``day`` is its first day and ``until`` its last.

    ``description`` is a pasted job description, for the reader ``job`` alone. Raises Refused.

    The same evidence gives the same report: then the one that stands is returned.
    """
    starts_on, ends_on = (day, until or day) if period == Report.Period.RANGE else span(period, day)
    if theme and theme not in TYPES:
        raise PeriodError(f"Unknown theme '{theme}'. Known: {', '.join(TYPES)}.")
    pasted = readable_description(reader=reader, text=description)
    order = compiling.Order(reader, starts_on, ends_on, repository, theme)
    compiled = compile_matrix(order, pasted) if pasted else compiling.compile_report(order)
    text = canonical_text(compiled.document)
    digest = sha256_bytes(text.encode())
    standing = Report.objects.filter(sha256=digest, reader=reader).first()
    if standing:
        return standing
    freeze_many(compiled.receipts)
    report = Report.objects.create(
        reader=reader, period=period, starts_on=starts_on, ends_on=ends_on, repository=repository, theme=theme,
        document=text, sha256=digest, previous=_previous(reader, period, starts_on, repository, theme),
        requested_by=audit.name_of(actor),
    )  # fmt: skip
    audit.record(actor=actor, action="reports.make", target=report, after={"sha256": digest})
    return report


def _previous(reader: str, period: str, starts_on: dt.date, repository: Repository | None, theme: str) -> Report | None:
    """The report to compare with: the newest of the same kind for this or an earlier period."""
    if reader == Report.Reader.JOB:  # two descriptions are two questions
        return None
    same = Report.objects.filter(
        reader=reader, period=period, repository=repository, theme=theme, starts_on__lte=starts_on
    )
    return same.order_by("-starts_on", "-pk").first()


def readable_description(*, reader: str, text: str) -> str:
    """A job description as it may be stored: cleaned and redacted; "" for other readers. Raises DescriptionError."""
    if reader == Report.Reader.JOB:
        return redact(clean(text)).text
    if text.strip():
        raise DescriptionError("A job description belongs to the reader “job”: choose that one, or leave the text out.")
    return ""


@transaction.atomic
def set_public(*, report: Report, public: bool, actor: Any) -> None:
    """Show a report on the site, or take it off."""
    if report.is_public != public:
        Report.objects.filter(pk=report.pk).update(is_public=public)
        audit.record(
            actor=actor, action="reports.publish" if public else "reports.withdraw", target=report,
            before={"is_public": not public}, after={"is_public": public},
        )  # fmt: skip


@transaction.atomic
def erase(*, report: Report, actor: Any, now: dt.datetime, reason: str) -> None:
    """Empty a report and keep its hash, as the right to erasure asks."""
    Report.objects.filter(pk=report.pk, erased_at__isnull=True).update(
        document="", erased_at=now, erased_by=audit.name_of(actor)
    )
    audit.record(actor=actor, action="reports.erase", target=report, reason=reason)
