"""The matrix of a job description: evidence with receipts, honest gaps, hostile and foreign texts, every format."""

import json
import re
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from analysis import tasks as analysis_tasks  # noqa: F401  registers the kinds of jobs
from analysis.models import Change, ChangedFile, Report, ReportSchedule
from analysis.reports import matrix, services
from analysis.reports.browse import report_document
from analysis.reports.description import DescriptionError
from analysis.reports.files import report_file
from evidence import queries as evidence_queries
from evidence.services import verify
from jobs import runner, sending
from jobs.models import Job, State
from tests.factories.collection import (
    START,
    ChangeContributorFactory,
    ChangedFileFactory,
    ChangeFactory,
    ContributorFactory,
)
from tests.factories.portfolio import SkillEvidenceFactory, SkillFactory
from tests.integration.portfolio.test_numbers import Digits

pytestmark = pytest.mark.django_db
DAY = START.date()
JOB = """Requirements:
- 7+ years of Python and Kafka
- Automated tests
- Java
- Great communication with stakeholders
- Sorting 4000 shelves a day
"""
HOSTILE = '- You know Python <script>alert(1)</script> #panic("x") [a](javascript:b) {{ 7*7 }} $x$\n'


@pytest.fixture(autouse=True)
def quiet_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "hint", lambda job: True)


@pytest.fixture
def changes() -> list[Change]:
    """Four changes in Python, the first of them with a test."""
    found = ChangeFactory.create_batch(4)
    for change in found:
        ChangedFileFactory(change=change)
    ChangedFileFactory(change=found[0], path="tests/test_shelf.py", category=ChangedFile.Category.TEST)
    return found


def make(text: str = JOB, **more: Any) -> Report:
    return services.make(reader="job", period="year", day=DAY, description=text, actor="system:test", **more)


def content(text: str = JOB, **more: Any) -> dict[str, Any]:
    document = report_document(make(text, **more))
    assert document
    return document


def rows(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["requirement"]: row for row in document["matrix"]["rows"]}


def counts(row: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(item["figure"]["label"], item["figure"]["value"], item["figure"]["kind"]) for item in row["found"]]


def test_each_requirement_has_its_evidence_or_an_honest_gap(changes: list[Change]) -> None:
    found = rows(content())
    python = found["7+ years of Python and Kafka"]
    assert counts(python) == [("changes to Python files", 4, "measured")]
    assert [len(item["changes"]) for item in python["found"]] == [3]
    assert python["gaps"] == [
        "Kafka: nothing collected speaks of this.", "Years of experience cannot be shown by a repository.",
    ]  # fmt: skip
    assert counts(found["Automated tests"]) == [("changes to test files", 1, "measured")]
    assert (found["Java"]["found"], found["Java"]["gaps"]) == (
        [], ["No changes to Java files among the changes compared."],
    )  # fmt: skip
    soft = found["Great communication with stakeholders"]
    assert soft["gaps"] == ["How somebody works with others cannot be shown by a repository."]
    assert found["Sorting 4000 shelves a day"]["gaps"] == [matrix.NOTHING]


@pytest.mark.usefixtures("changes")
def test_every_figure_has_a_frozen_receipt_that_verifies() -> None:
    document = content()
    figures = [item["figure"] for row in document["matrix"]["rows"] for item in row["found"]] + document["totals"]
    assert len(figures) == 3
    for figure in figures:
        frozen = evidence_queries.receipt(figure["receipt"])
        assert frozen is not None
        assert verify(frozen).ok
    assert {row["receipt"] for row in document["appendix"]} == {figure["receipt"] for figure in figures}


@pytest.mark.usefixtures("changes")
def test_numbers_of_the_pasted_text_are_no_figures() -> None:
    document = content("- 4000 changes to Python files, 99% test coverage and 12 achievements\n")
    text = json.dumps([document["totals"], [row["found"] for row in document["matrix"]["rows"]], document["appendix"]])
    assert not re.search(r'"value": (?!4\b)', text)
    assert "coverage" not in text


def test_a_skill_counts_the_changes_that_the_owner_names(changes: list[Change]) -> None:
    skill = SkillFactory(name="PostgreSQL")
    change = changes[1]
    SkillEvidenceFactory(skill=skill, ref=f"change:{change.repository.key}#{change.number}")
    SkillEvidenceFactory(skill=skill, ref="change:example.org/made-up/elsewhere#1")
    row = rows(content("- You know postgresql\n"))["You know postgresql"]
    assert counts(row) == [("changes that the owner names for PostgreSQL", 1, "declared")]


def test_only_the_owners_changes_count_where_an_owner_is_marked(changes: list[Change]) -> None:
    assert matrix.EVERYBODY in content("- Python\n")["not_proven"]
    owner = ContributorFactory(is_owner=True)
    ChangeContributorFactory(change=changes[2], contributor=owner)
    ChangeContributorFactory(change=changes[3], contributor=owner, role="reviewer")
    document = content("- Python\n")
    assert counts(rows(document)["Python"]) == [("changes to Python files", 1, "measured")]
    assert matrix.EVERYBODY not in document["not_proven"]


def test_hidden_generated_and_vendored_things_are_no_evidence() -> None:
    ChangedFileFactory(change=ChangeFactory(is_hidden=True))
    for category in (ChangedFile.Category.GENERATED, ChangedFile.Category.VENDORED):
        ChangedFileFactory(change=ChangeFactory(), category=category)
    assert rows(content("- Python\n"))["Python"]["found"] == []


@pytest.mark.usefixtures("changes")
def test_another_language_is_read_for_names_alone_and_says_so() -> None:
    text = "Wir suchen eine Person für die Arbeit mit uns.\n- Erfahrung mit Python und Kafka\n- Freude am Testing\n"
    document = content(text)
    assert document["matrix"]["notice"].startswith("The text seems to be in German: it was read only for the terms")
    assert list(rows(document)) == ["Erfahrung mit Python und Kafka"]
    nothing = content("Wir suchen eine Person für die Arbeit mit uns.\n- Freude am Garten und an der Luft\n")
    assert "nothing in it could be read" in nothing["matrix"]["notice"]
    assert nothing["matrix"]["rows"] == []


def test_too_long_empty_and_misplaced_texts_are_refused_and_nothing_is_stored() -> None:
    for text, message in (("a b " * 50_000, "200,000 bytes"), ("", "empty")):
        with pytest.raises(DescriptionError, match=message):
            make(text)
    with pytest.raises(DescriptionError, match="belongs to the reader"):
        services.make(reader="peer", period="year", day=DAY, description="- Python", actor="system:test")
    assert not Report.objects.exists()


def test_a_range_without_data_says_why() -> None:
    document = content()
    assert "Nothing has been collected yet" in document["empty_reason"]
    assert all(row["found"] == [] for row in document["matrix"]["rows"])
    assert document["totals"] == document["appendix"] == []


@pytest.mark.usefixtures("changes")
def test_secrets_and_addresses_are_taken_out_and_the_text_itself_is_not_kept() -> None:
    report = make("We sell shelves made of birch.\n- You know Python, write to ada@example.org\n")
    assert "ada@example.org" not in report.document
    assert "[redacted:" in report.document
    assert "birch" not in report.document


@pytest.mark.usefixtures("changes")
def test_hostile_text_is_text_in_every_format(client: Client) -> None:
    report = make(HOSTILE)
    assert not report.is_public
    assert client.get(reverse("portfolio:report", args=[report.pk])).status_code == 404
    markdown = report_file(report, "md")[0].decode()
    assert "<script>" not in markdown
    assert "[a](" not in markdown
    assert report_file(report, "pdf")[0].startswith(b"%PDF-")
    assert "<script>alert(1)</script>" in json.loads(report_file(report, "json")[0])["matrix"]["rows"][0]["requirement"]
    services.set_public(report=report, public=True, actor="system:test")
    page = client.get(reverse("portfolio:report", args=[report.pk])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "changes to Python files" in page


def test_the_page_has_no_number_without_a_receipt(client: Client, changes: list[Change]) -> None:
    skill = SkillFactory(name="Web3")
    SkillEvidenceFactory(skill=skill, ref=f"change:{changes[0].repository.key}#{changes[0].number}")
    ChangedFileFactory(change=changes[0], path="k8s/shelf.yaml", category=ChangedFile.Category.CONFIG, language="YAML")
    report = make(JOB + "- 3 years of Web3 and k8s, and Python\n- 12 dogs\n10 benefits:\n- none\n")
    services.set_public(report=report, public=True, actor="system:test")
    page = Digits()
    page.feed(client.get(reverse("portfolio:report", args=[report.pk])).content.decode())
    assert page.bare == []
    assert page.used["a.figure"] == 6
    assert page.used["q[cite]"] > 0


@pytest.mark.usefixtures("changes")
def test_the_same_text_and_evidence_is_one_report_and_another_text_another() -> None:
    first = make()
    assert make().pk == first.pk
    other = make("- Automated tests\n")
    assert (other.pk == first.pk, other.previous) == (False, None)


def test_queries_do_not_grow_with_the_amount(django_assert_max_num_queries: Any) -> None:
    for change in ChangeFactory.create_batch(30):
        ChangedFileFactory(change=change)
    text = JOB + "- Performance tuning\n- Lower latency\n- Documentation, CI/CD, Kubernetes\n- PostgreSQL\n"
    with django_assert_max_num_queries(24):
        make(text)


@pytest.mark.usefixtures("changes")
def test_the_command_reads_a_file_or_stdin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "job.txt"
    file.write_text(JOB, encoding="utf-8")
    command = ("report", "year", DAY.isoformat(), "--reader", "job", "--job")
    call_command(*command, str(file), stderr=StringIO())
    printed = capsys.readouterr().out
    assert "- changes to Python files: 4 changes [2]" in printed
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(JOB.encode())))
    call_command(*command, "-", stderr=StringIO())
    assert capsys.readouterr().out == printed
    for data, message in ((b"\xff\xfe\x00", "UTF-8"), (b"a" * 200_000, "bytes; at most")):
        file.write_bytes(data)
        with pytest.raises(CommandError, match=message):
            call_command(*command, str(file))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command(*command, str(tmp_path / "none"))


@pytest.mark.usefixtures("changes")
def test_the_admin_takes_a_pasted_text_and_the_worker_makes_the_report(admin_client: Client) -> None:
    url = reverse("admin:analysis_report_add")
    form = {"reader": "job", "period": "year", "day": DAY.isoformat(), "description": "x" * 200_000}
    refused = admin_client.post(url, form)
    assert "at most 40,960 are read" in refused.content.decode()
    assert not Job.objects.exists()
    text = "- Python, write to ada@example.org\n"
    assert admin_client.post(url, {**form, "description": text}).status_code == 302
    job = Job.objects.get()
    assert "ada@example.org" not in json.dumps(job.args)
    while runner.run_next("default"):
        pass
    job.refresh_from_db()
    assert job.state == State.DONE, job.error_message
    report = Report.objects.get()
    assert (report.reader, report.is_public) == ("job", False)


def test_a_job_description_cannot_be_scheduled() -> None:
    User.objects.create_user("curator")
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportSchedule.objects.create(reader="job", period="month")
