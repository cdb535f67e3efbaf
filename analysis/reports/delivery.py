"""Reports that make themselves: what is due, and sending one by e-mail. Both run as jobs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction

from analysis.collection.models import Repository
from analysis.reports import files, services
from analysis.reports.models import Report, ReportDelivery, ReportSchedule
from analysis.reports.periods import PeriodError, span
from evidence import audit
from evidence.canonical import sha256_of
from jobs.models import Job
from jobs.services import enqueue, ensure_schedule


class NotSent(Exception):
    """The mail server did not take the message; trying again may help."""


@transaction.atomic
def request_due(*, today: dt.date) -> list[Job]:
    """Ask for every scheduled report whose period ended before ``today`` and that was not asked for yet.

    Only the period that ended last is made: after an outage of months nobody wants them all at once.
    """
    asked = []
    for schedule in ReportSchedule.objects.select_for_update().filter(enabled=True).order_by("pk"):
        this_one, _ = span(schedule.period, today)
        start, _ = span(schedule.period, this_one - dt.timedelta(days=1))
        if schedule.last_start is not None and schedule.last_start >= start:
            continue
        schedule.last_start = start
        schedule.save(update_fields=["last_start"])
        asked.append(
            request(
                reader=schedule.reader, period=schedule.period, day=start, repository_id=schedule.repository_id,
                theme=schedule.theme, send_to=schedule.send_to, actor="system:schedule",
            )
        )  # fmt: skip
    return asked


def request(
    *, reader: str, period: str, day: dt.date, until: dt.date | None = None, repository_id: int | None = None,
    theme: str = "", send_to: str = "", description: str = "", actor: Any,
) -> Job:  # fmt: skip
    """Ask for a report in the background; the same one that waits already is that one. Raises DescriptionError."""
    pasted = services.readable_description(reader=reader, text=description)
    args = {
        "reader": reader, "period": period, "day": day.isoformat(), "until": until.isoformat() if until else None,
        "repository_id": repository_id, "theme": theme, "send_to": send_to,
    }  # fmt: skip
    key = "report:" + ":".join(str(value or "") for value in args.values())
    if pasted:
        args["description"] = pasted
        key = f"report:{sha256_of([args, pasted])}"
    return enqueue(kind="report", args=args, key=key[:200], actor=actor)


@transaction.atomic
def request_delivery(*, report: Report, send_to: str, actor: Any) -> ReportDelivery:
    """Have a report sent; to an address that has it nothing is sent again."""
    row, _ = ReportDelivery.objects.get_or_create(
        report=report, send_to=send_to, defaults={"requested_by": audit.name_of(actor)}
    )
    if row.state != ReportDelivery.State.SENT:
        ReportDelivery.objects.filter(pk=row.pk).update(state=ReportDelivery.State.WAITING)
        audit.record(actor=actor, action="reports.send", target=report)  # the address is in the row, not in the log
        enqueue(kind="report_mail", args={"delivery_id": row.pk}, key=f"report_mail:{row.pk}", actor=actor)
    return row


def send(*, delivery_id: int, now: dt.datetime) -> str:
    """Send what waits; returns the state. Raises NotSent after noting why; a sent one stays as it is."""
    row = ReportDelivery.objects.select_related("report").filter(pk=delivery_id).first()
    if row is None or row.state == ReportDelivery.State.SENT:
        return row.state if row else "unknown"
    row.attempts += 1
    try:
        message_of(row).send()
    except files.Erased as error:  # meanwhile
        row.state, row.error = ReportDelivery.State.FAILED, str(error)[:300]
    except OSError as error:  # every failure of smtplib and of the network is one
        row.state, row.error = ReportDelivery.State.FAILED, (str(error) or type(error).__name__)[:300]
        row.save(update_fields=["attempts", "state", "error"])
        raise NotSent(row.error) from error
    else:
        row.state, row.error, row.sent_at = ReportDelivery.State.SENT, "", now
    row.save(update_fields=["attempts", "state", "error", "sent_at"])
    return row.state


def message_of(row: ReportDelivery) -> EmailMessage:
    """The report as plain text, with the PDF attached. Raises files.Erased."""
    report = row.report
    text, _ = files.report_file(report, "md")
    message = EmailMessage(subject=f"Report: {report}", body=text.decode(), to=[row.send_to])
    pdf, media = files.report_file(report, "pdf")
    message.attach(f"report-{report.starts_on}-{report.ends_on}.pdf", pdf, media)
    return message


def make_and_send(
    *,
    reader: str,
    period: str,
    day: str,
    until: str | None,
    repository_id: int | None,
    theme: str,
    send_to: str,
    description: str = "",
) -> dict[str, Any]:
    """What the worker does for a ``report`` job; days are ISO dates. Raises Refused."""
    repository = Repository.objects.filter(pk=repository_id).first() if repository_id else None
    if repository_id and repository is None:
        raise PeriodError("The repository of this report is gone: ask for one about another.")
    report = services.make(
        reader=reader, period=period, day=dt.date.fromisoformat(day),
        until=dt.date.fromisoformat(until) if until else None,
        repository=repository, theme=theme, description=description, actor="system:report",
    )  # fmt: skip
    if send_to:
        request_delivery(report=report, send_to=send_to, actor="system:report")
    return {"report": report.pk, "sha256": report.sha256}


@transaction.atomic
def save_schedule(*, schedule: ReportSchedule, actor: Any) -> ReportSchedule:
    """Store a schedule and have the due ones looked for every hour."""
    schedule.full_clean()
    schedule.save()
    ensure_schedule(name="reports due", kind="reports_due", every_seconds=3600)
    audit.record(actor=actor, action="reports.schedule", target=schedule)  # the address is in the row, not in the log
    return schedule


@transaction.atomic
def delete_schedule(*, schedule: ReportSchedule, actor: Any) -> None:
    """End a schedule; the reports that it made stay."""
    audit.record(actor=actor, action="reports.unschedule", target=schedule)
    schedule.delete()
