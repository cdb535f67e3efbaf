"""`manage.py achievements`: what scripts do, a person answering for each decision; and the exports."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from analysis import services
from analysis.models import Achievement, Contributor
from evidence.models import AuditEntry
from tests.factories.achievements import AchievementChangeFactory, AchievementFactory
from tests.factories.collection import ChangeContributorFactory, ChangeFactory, ChangeTextFactory, ContributorFactory

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("achievements", *map(str, arguments), stdout=out)
    return out.getvalue()


def published(title: str = "=Sort the shelf", text: str = "Sorting takes 2 s instead of 30 s.") -> Achievement:
    User.objects.get_or_create(username="curator", is_superuser=True, is_staff=True)
    made = AchievementFactory(title=title)
    first = ChangeFactory()
    for change in (first, ChangeFactory(repository=first.repository)):
        ChangeTextFactory(change=change, text=text)
        AchievementChangeFactory(achievement=made, change=change)
    services.extract_claims(repository_id=first.repository_id)
    run("publish", made.pk, "--as", "curator")
    return made


def test_decisions_are_a_persons_and_written_down() -> None:
    made = published()
    made.refresh_from_db()
    assert (made.state, made.published_by.username) == ("published", "curator")  # type: ignore[union-attr]
    assert AuditEntry.objects.filter(action="achievements.move_to_published").count() == 1
    assert f"{made.pk}\tpublished" in run("list", "--state", "published")
    with pytest.raises(CommandError, match="no account that may decide"):
        run("retire", made.pk, "--as", "nobody")
    User.objects.create_user("reader", is_staff=True)
    with pytest.raises(CommandError, match="no account that may decide"):
        run("retire", made.pk, "--as", "reader")
    with pytest.raises(CommandError, match="no achievement '99'"):
        run("retire", "99", "--as", "curator")


def test_owner_is_marked_and_untouched_drafts_follow() -> None:
    me, change = ContributorFactory(display_name="Made-up Me"), ChangeFactory(title="ABC-7: lay")
    other = ChangeFactory(repository=change.repository, title="ABC-7: sort")
    for each in (change, other):
        ChangeContributorFactory(change=each, contributor=me)
    services.draft_achievements(repository_id=change.repository_id)
    assert Achievement.objects.get().part == "unknown"
    assert "Made-up Me\t2" in run("owner")
    run("owner", "Made-up Me")
    assert Contributor.objects.get(pk=me.pk).is_owner
    assert Achievement.objects.get().part == "solo"
    assert AuditEntry.objects.filter(action="collection.mark_owner").count() == 1
    with pytest.raises(CommandError, match="Not everybody"):
        run("owner", "Nobody")


def test_exports_hold_what_is_published_with_receipts_and_each_outcome_once(tmp_path: Path) -> None:
    made = published()
    AchievementFactory(title="Only a draft")
    assert run("export", tmp_path).startswith("1 achievements, 1 outcomes, 2 markdown")
    [row] = [json.loads(line) for line in (tmp_path / "achievements.ndjson").read_text().splitlines()]
    assert row["key"] == made.key and len(row["changes"]) == 2
    assert all(len(figure["receipt"]) == 64 for figure in row["figures"])
    with (tmp_path / "achievements.csv").open(newline="") as file:
        [line] = list(csv.DictReader(file))
    assert line["title"] == "'=Sort the shelf", "a spreadsheet must not run it"
    assert line["changes landed"] == "2" and len(line["changes landed: receipt"]) == 64
    with (tmp_path / "outcomes.csv").open(newline="") as file:
        assert [item["quote"] for item in csv.DictReader(file)] == ["2 s instead of 30 s"]
    index = (tmp_path / "markdown/index.md").read_text()
    assert "(sort-the-shelf.md)" in index and "Only a draft" not in index
    assert "receipt `" in (tmp_path / "markdown/sort-the-shelf.md").read_text()
