"""Reports over stored changes: what they count, what they freeze, and that they never change."""

import datetime as dt
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from analysis.claims.services import extract_repository
from analysis.models import Change, Report
from analysis.reports import services
from analysis.reports.browse import public_reports, report_difference, report_document
from analysis.reports.files import report_file
from evidence import queries as evidence_queries
from evidence.services import verify
from tests.factories.achievements import AchievementChangeFactory, AchievementFactory
from tests.factories.collection import START, ChangeFactory, ChangeTextFactory, RepositoryFactory

pytestmark = pytest.mark.django_db
DAY = START.date()


def make(reader: str = "peer", **more: object) -> Report:
    return services.make(reader=reader, period="year", day=DAY, actor="system:test", **more)  # type: ignore[arg-type]


def totals(report: Report) -> dict[str, int]:
    document = report_document(report)
    assert document
    return {figure["label"]: figure["value"] for figure in document["totals"]}


def test_totals_count_what_landed_once() -> None:
    ChangeFactory.create_batch(2, landed_additions=10)
    ChangeFactory(is_credited=False, landed_additions=1000)
    ChangeFactory(is_hidden=True, landed_additions=1000)
    ChangeFactory(merged_at=START.replace(year=2040), landed_additions=1000)
    found = totals(make())
    assert (found["changes landed"], found["lines added"]) == (2, 20)


def test_every_figure_has_a_frozen_receipt_that_verifies() -> None:
    ChangeFactory.create_batch(3)
    document = report_document(make())
    assert document
    for figure in document["totals"]:
        frozen = evidence_queries.receipt(figure["receipt"])
        assert frozen is not None
        assert verify(frozen).ok


def test_the_same_evidence_is_the_same_report() -> None:
    ChangeFactory()
    assert make().pk == make().pk


def test_a_report_stays_when_the_evidence_changes_and_the_next_names_the_difference() -> None:
    change = ChangeFactory(landed_additions=10)
    first = make()
    text = first.document
    Change.objects.filter(pk=change.pk).update(landed_additions=99)
    second = make()
    first.refresh_from_db()
    assert first.document == text
    assert second.previous == first
    difference = report_difference(second)
    assert difference
    assert {"label": "lines added", "unit": "line", "before": 10, "now": 99} in difference["totals"]


def test_a_period_without_data_says_why() -> None:
    document = report_document(make())
    assert document
    assert document["totals"] == []
    assert "Nothing has been collected yet" in document["empty_reason"]
    ChangeFactory(merged_at=START.replace(year=2029))
    document = report_document(make())
    assert document
    assert "2029" in document["empty_reason"]


def test_drafts_appear_in_the_self_review_only_and_labelled() -> None:
    achievement = AchievementFactory()
    AchievementChangeFactory(achievement=achievement)
    peer, own = report_document(make("peer")), report_document(make("self"))
    assert peer and own
    assert peer["achievements"] == []
    assert [row["state"] for row in own["achievements"]] == ["draft"]


def test_queries_do_not_grow_with_the_amount(django_assert_max_num_queries: object) -> None:
    ChangeFactory.create_batch(30)
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        make()


def test_erasing_keeps_the_hash_and_loses_the_content() -> None:
    ChangeFactory()
    report = make()
    services.erase(report=report, actor="system:test", now=timezone.now(), reason="asked for")
    report.refresh_from_db()
    assert (report.document, len(report.sha256)) == ("", 64)
    with pytest.raises(LookupError, match="erased"):
        report_file(report, "md")


def test_only_public_reports_of_shown_repositories_are_public() -> None:
    user = User.objects.create_user("curator")
    change = ChangeFactory()
    report = make(repository=change.repository)
    assert not public_reports().exists()
    services.set_public(report=report, public=True, actor=user)
    assert public_reports().get() == report
    change.repository.is_hidden = True
    change.repository.save()
    assert not public_reports().exists()


def test_command_prints_markdown_and_writes_pdf(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ChangeFactory()
    call_command("report", "year", DAY.isoformat(), stderr=StringIO())
    assert "# What was built" in capsys.readouterr().out
    target = tmp_path / "report.pdf"
    call_command("report", "year", DAY.isoformat(), "--format", "pdf", "--output", str(target), stderr=StringIO())
    assert target.read_bytes().startswith(b"%PDF-")


def test_command_explains_wrong_use() -> None:
    RepositoryFactory(name="made-up/shelf")
    with pytest.raises(CommandError, match="--output"):
        call_command("report", "year", "2031-01-01", "--format", "pdf")
    with pytest.raises(CommandError, match="made-up/shelf"):
        call_command("report", "year", "2031-01-01", "--repository", "nowhere")
    with pytest.raises(CommandError, match="before it begins"):
        call_command("report", "range", "2031-02-01", dt.date(2031, 1, 1).isoformat())


def test_one_saving_stated_in_two_changes_is_listed_once() -> None:
    first = ChangeFactory()
    for change in (first, ChangeFactory(repository=first.repository)):
        ChangeTextFactory(change=change, text="Sorting the shelf takes 2 s instead of 30 s.")
    extract_repository(repository_id=first.repository_id)
    document = report_document(make())
    assert document
    assert [row["quote"] for row in document["claims"]] == ["2 s instead of 30 s"]
    assert [row["phrase"].rstrip(".") for row in document["claims"]] == ["Sorting the shelf takes 2 s instead of 30 s"]
    assert "Sorting the shelf takes 2 s instead of 30 s" in report_file(make(), "md")[0].decode()
