"""Reports that make themselves and are sent: due once a period, over a real mail server, retried, recorded."""

import datetime as dt
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analysis import services
from analysis import tasks as analysis_tasks  # noqa: F401  registers the kinds of jobs
from analysis.models import Report, ReportDelivery, ReportSchedule
from analysis.reports.services import make
from evidence.models import AuditEntry
from jobs import runner, sending
from jobs.models import Job, Schedule, State
from tests.factories.collection import START, ChangeFactory, RepositoryFactory
from tests.factories.reports import ReportFactory, ReportScheduleFactory

pytestmark = pytest.mark.django_db
TODAY = START.date() + dt.timedelta(days=31)


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server of a few lines: it takes what it gets, or refuses everything."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.messages: list[bytes] = []
        self.refuses = False


class Session(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.say("354 go on")
                self.server.messages.append(self.body())
                self.say("250 kept")
            elif word == b"RCPT" and self.server.refuses:
                self.say("451 come back later")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def body(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    server = Mailbox()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def quiet_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "hint", lambda job: True)


def run_all() -> None:
    while runner.run_next("default"):
        pass


def test_a_scheduled_report_is_made_and_sent_once_a_period(mailbox: Mailbox) -> None:
    ChangeFactory(title="Read the index once")
    ReportScheduleFactory(period="month", send_to="reader@example.org")
    assert len(services.request_due_reports(today=TODAY)) == 1
    assert services.request_due_reports(today=TODAY) == [], "asked for again in the same period"
    run_all()
    report = Report.objects.get()
    assert (report.starts_on, report.ends_on) == (dt.date(2031, 1, 1), dt.date(2031, 1, 31))
    [raw] = mailbox.messages
    message = message_from_bytes(raw)
    text, pdf = message.get_payload()  # type: ignore[misc]
    assert message["To"] == "reader@example.org"
    assert "Read the index once" in text.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert pdf.get_payload(decode=True).startswith(b"%PDF-")  # type: ignore[union-attr]
    delivery = ReportDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.error) == ("sent", 1, "")
    assert delivery.sent_at is not None


def test_after_an_outage_only_the_last_period_is_made() -> None:
    schedule = ReportScheduleFactory(period="week", last_start=dt.date(2030, 1, 7))
    [job] = services.request_due_reports(today=TODAY)
    schedule.refresh_from_db()
    assert job.args["day"] == "2031-01-27" == schedule.last_start.isoformat()


def test_a_mail_server_that_refuses_is_tried_again_and_recorded(mailbox: Mailbox) -> None:
    mailbox.refuses = True
    delivery = services.send_report(
        report=ReportFactory(document=_document()), send_to="x@example.org", actor="system:t"
    )
    run_all()
    delivery.refresh_from_db()
    job = Job.objects.get(kind="report_mail")
    assert (delivery.state, delivery.attempts, job.error_code) == ("failed", 1, "mail")
    assert "come back later" in delivery.error
    mailbox.refuses = False
    Job.objects.update(state=State.QUEUED, due_at=timezone.now())
    run_all()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, len(mailbox.messages)) == ("sent", 2, 1)
    services.send_report(report=delivery.report, send_to="x@example.org", actor="system:t")
    run_all()
    assert len(mailbox.messages) == 1, "to an address that has it nothing is sent again"


def test_a_report_that_was_erased_meanwhile_is_not_sent(mailbox: Mailbox) -> None:
    report = ReportFactory(document=_document())
    delivery = services.send_report(report=report, send_to="x@example.org", actor="system:t")
    services.erase_report(report=report, actor="system:t", now=timezone.now(), reason="asked for")
    run_all()
    delivery.refresh_from_db()
    assert (delivery.state, mailbox.messages) == ("failed", [])
    assert "erased" in delivery.error


def test_evidence_that_vanishes_while_a_report_is_asked_for_is_left_out() -> None:
    gone, kept = ChangeFactory.create_batch(2)
    job = services.request_report(reader="peer", period="month", day=START.date(), actor="system:t")
    gone.vanished_at, gone.vanished_reason = timezone.now(), "the source no longer has it"
    gone.save()
    run_all()
    job.refresh_from_db()
    document = Report.objects.get().document
    assert f"#{kept.number}" in document and f"{gone.repository.key}#{gone.number}" not in document


def test_a_repository_that_vanished_fails_the_job_with_a_name() -> None:
    repository = RepositoryFactory()
    services.request_report(reader="peer", period="month", day=START.date(), repository_id=repository.pk, actor="s:t")
    repository.delete()
    run_all()
    job = Job.objects.get(kind="report")
    assert (job.state, job.error_code) == (State.FAILED, "report_refused")
    assert "gone" in job.error_message


def test_a_theme_keeps_changes_of_its_type_alone() -> None:
    from tests.factories.change_types import ChangeTypeFactory

    fix, feature = ChangeFactory.create_batch(2)
    ChangeTypeFactory(change=fix, type="fix", probability=0.9)
    ChangeTypeFactory(change=feature, type="feature", probability=0.9)
    report = make(reader="peer", period="year", day=START.date(), theme="fix", actor="system:t")
    assert f"{fix.repository.key}#{fix.number}" in report.document
    assert f"{feature.repository.key}#{feature.number}" not in report.document
    with pytest.raises(ValueError, match="Known: build/ci"):
        make(reader="peer", period="year", day=START.date(), theme="glory", actor="system:t")
    empty = make(reader="peer", period="year", day=START.date(), theme="docs", actor="system:t")
    assert "of the type “docs”" in empty.document


def test_admin_asks_for_reports_and_schedules_them(client: Client) -> None:
    client.force_login(User.objects.create_superuser("curator", email="curator@example.org"))
    ChangeFactory()
    data = {"reader": "manager", "period": "year", "day": START.date().isoformat()}
    assert client.post(reverse("admin:analysis_report_add"), data).status_code == 302
    run_all()
    report = Report.objects.get()
    page = client.post(
        reverse("admin:analysis_reportschedule_add"), {"reader": "self", "period": "week", "enabled": "on"}
    )
    assert page.status_code == 302, page.content.decode()
    assert ReportSchedule.objects.get().period == "week"
    assert Schedule.objects.get(name="reports due").kind == "reports_due"
    assert AuditEntry.objects.filter(action="reports.schedule").count() == 1
    action = {"action": "send_to_me", "_selected_action": [report.pk]}
    client.post(reverse("admin:analysis_report_changelist"), action)
    assert ReportDelivery.objects.get().send_to == "curator@example.org"


def _document() -> str:
    ChangeFactory()
    document = make(reader="peer", period="year", day=START.date(), actor="system:t").document
    Report.objects.all().delete()
    return document
