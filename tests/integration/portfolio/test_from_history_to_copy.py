"""The whole way, once: a git history is collected, drafted, approved by a person, told, reported, signed and copied.

Each step works on what the one before it left, through the doors that commands and desk use; what each step does in
every case is tested beside it.
"""

import datetime as dt
import json
import random
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from analysis import queries
from analysis import services as analysis
from analysis.models import Achievement, Claim, Contributor, Report, Repository
from analysis.reports import verify_bundle
from evidence.models import Receipt
from evidence.services import verify
from portfolio import services
from portfolio.models import CaseStudy
from portfolio.publishing.documents import MISSING
from tests.factories.portfolio import OwnerFactory, ProfileFactory
from tests.gitstory import GITHUB, Story, git, numbered
from tests.integration.portfolio.test_export_site import crawl, served
from tests.pdf import empty_boxes

__all__ = ["served"]
pytestmark = pytest.mark.django_db
SAVING = "The list answers in 80 ms instead of 420 ms on the staging data."
DAY = dt.date(2023, 11, 15)  # the history begins on the day before
ADDED = 20 + 12 + 9 + 7 + 3  # lines that reached the default branch


@pytest.fixture
def owner(settings: Settings, tmp_path: Path) -> Any:
    cache.clear()
    settings.VAR_DIR, settings.ATTEST_SIGNING_KEY = tmp_path / "var", str(tmp_path / "key")
    return OwnerFactory()


def _history(path: Path) -> Story:
    """Two pulls of one issue that state the same saving, a pull about something else, and a direct commit."""
    story = Story(path)
    tip = story.commit({"app.py": numbered(20)}, "Begin")
    pulls = (
        ("🚀 Read the index once", {"index.py": numbered(12)}, f"The index was read twice.\n\n{SAVING}\n\nFixes #77"),
        ("Keep the index for the request", {"index.py": numbered(21)}, f"It was dropped.\n\n{SAVING}\n\nFixes #77"),
        ("Write down how to begin", {"docs/begin.md": numbered(7)}, "A page for newcomers."),
    )
    for number, (title, files, body) in enumerate(pulls, start=1):
        head = story.commit(files, title, parents=[tip], branch=f"work-{number}")
        story.pull(number, head)
        tip = story.commit(files, f"{title} (#{number})\n\n{body}", parents=[tip], committer=GITHUB)
    story.commit({"app.py": numbered(23)}, "Mend the end", parents=[tip])
    return story.finish()


def _collected(story: Story, owner: Any) -> Repository:
    ledger = analysis.collect(source=str(story.path), actor=owner)[0]
    assert (ledger.state, ledger.held, ledger.stored["changes"]) == ("complete", ledger.stored, 5)
    analysis.set_owner(contributors=list(Contributor.objects.filter(kind="human")), owner=True, actor=owner)
    for stage in (analysis.compute_facts, analysis.extract_claims, analysis.draft_achievements):
        stage(repository_id=ledger.repository_id)
    return ledger.repository


def _published(achievement: Achievement, owner: Any) -> Achievement:
    for state in ("in_review", "approved", "published"):
        achievement = analysis.move_achievement(
            achievement_id=achievement.pk, version=achievement.version, state=state, actor=owner, now=timezone.now()
        )
    return achievement


def _told(achievement: Achievement, owner: Any) -> CaseStudy:
    """A case study from its draft: the person takes out what no source speaks of, and publishes."""
    text = services.draft_text(achievement=achievement, kind="case_study", actor=owner)
    assert all(item["sources"] or item["how"] == "missing" for item in text.sentences)
    assert [item["text"] for item in text.sentences].count(SAVING) == 1
    services.accept_text(text=text, actor=owner)
    study = CaseStudy.objects.get()
    with pytest.raises(services.NotReady, match="still says what is missing"):
        services.publish(document=study, actor=owner)
    gaps = {name: "" for name in study.TEXTS if getattr(study, name).lstrip().startswith(MISSING)}
    services.write(document=study, actor=owner, fields=gaps)
    services.publish(document=study, actor=owner)
    return study


def _reported(owner: Any) -> tuple[Report, dict[str, Any]]:
    """A frozen yearly report, the same in each of its formats."""
    report = analysis.make_report(reader="peer", period="year", day=DAY, actor=owner)
    analysis.set_report_public(report=report, public=True, actor=owner)
    files = {form: queries.report_file(report, form)[0] for form in ("md", "json", "pdf")}
    document = json.loads(files["json"])
    words = files["md"].decode()
    assert document["sha256"] == report.sha256 and report.sha256 in words
    assert files["pdf"].startswith(b"%PDF-") and empty_boxes(files["pdf"]) == 0
    totals = {figure["label"]: figure["value"] for figure in document["totals"]}
    assert (totals["changes landed"], totals["lines added"]) == (5, ADDED)
    assert "lines added: 51 lines" in words and words.count(SAVING) == 1
    for row in document["appendix"]:
        assert verify(Receipt.objects.get(pk=row["receipt"])).ok and row["receipt"] in words
    assert report.document == Report.objects.get().document
    return report, document


def _signed(folder: Path) -> dict[str, Any]:
    """A bundle that a bare Python accepts, and with a bit turned refuses; its payload."""
    out = StringIO()
    call_command("bundle", str(folder), "--make-key", stdout=out, stderr=StringIO())
    command = [sys.executable, "-I", "-S", "verify_bundle.py", "bundle.json", out.getvalue().strip()]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    signed = (folder / "bundle.json").read_bytes()
    chance = random.Random(7)
    for place in chance.sample(range(len(signed)), 25):
        flipped = bytearray(signed)
        flipped[place] ^= 1 << chance.randrange(8)
        assert verify_bundle.check(bytes(flipped))[0], f"the flipped byte {place} was accepted"
    (folder / "bundle.json").write_bytes(flipped)
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert said.returncode == 1, said.stdout
    payload: dict[str, Any] = json.loads(json.loads(signed)["payload"])
    return payload


def test_from_a_history_to_a_signed_bundle_and_a_copy(owner: Any, tmp_path: Path, served: tuple[Path, str]) -> None:
    story = _history(tmp_path / "shelf")
    assert len(git(story.path, "show", "main:index.py").splitlines()) == 21
    repository = _collected(story, owner)
    outcomes = Claim.objects.filter(is_current=True).values_list("outcome_key", flat=True)
    assert len(outcomes) == 2 and len(set(outcomes)) == 1
    draft = Achievement.objects.get(changes__number=1)
    assert draft.state == "draft" and draft.reasons
    assert {1, 2} <= set(draft.changes.values_list("number", flat=True))

    achievement = _published(draft, owner)
    study = _told(achievement, owner)
    report, document = _reported(owner)
    assert [row["title"] for row in document["achievements"]] == [achievement.title]
    payload = _signed(tmp_path / "bundle")
    own = {figure["receipt"] for row in document["achievements"] for figure in row["figures"]}
    assert own == {figure["receipt"] for figure in payload["figures"]}

    services.publish_profile(profile=ProfileFactory(outcomes=""), actor=owner)
    folder, address = served
    services.export_site(folder=folder, actor=owner)
    pages, wrong = crawl(address + "index.html")
    assert wrong == []
    names = {urlsplit(url).path.removeprefix("/some/where/") for url in pages}
    wanted = {f"work/{study.slug}/index.html", f"reports/{report.pk}/index.html",
              f"evidence/{repository.key}/pull/1/index.html"}  # fmt: skip
    assert wanted | {f"receipts/{receipt}/index.html" for receipt in own} <= names
