"""A study of a repository: derived rows without any text, figures with receipts, and a file that can be compared."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from analysis import queries
from analysis import services as analysis
from analysis.models import Repository
from analysis.studies import figures
from analysis.studies.rows import study_of
from evidence.receipts import check
from tests.factories.collection import ChangedFileFactory, ChangeFactory, ChangeTextFactory, RepositoryFactory
from tests.gitstory import Story

SENTENCE = "The made-up list answers in 80 ms instead of 420 ms."
pytestmark = pytest.mark.django_db


@pytest.fixture
def repository() -> Repository:
    """Two pulls that state one outcome, one of them with a price and a damaged amount, and a direct commit."""
    row = RepositoryFactory(key="example.org/made-up/shelf")
    for number in (1, 2):
        change = ChangeFactory(
            repository=row, number=number, key=f"pull:{number}", kind="squash", landed_additions=10,
            proposed_additions=40,
        )  # fmt: skip
        ChangedFileFactory(change=change, path="shelf.py", additions=7)
        ChangedFileFactory(change=change, path="shelf.lock", additions=3, category="generated")
        body = SENTENCE + (" It costs $500 per month." if number == 2 else "")
        ChangeTextFactory(change=change, kind="body", text=body)
    ChangeFactory(repository=row, number=None, key="commit:" + "a" * 40, kind="direct", landed_additions=5)
    analysis.extract_claims(repository_id=row.pk)
    return row


@pytest.fixture
def shipped(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The study of the made-up repository as a shipped file called "shelf"."""
    monkeypatch.setattr(figures, "folder", lambda: tmp_path)
    (tmp_path / "shelf.json").write_text(queries.study_text(study_of(repository)), encoding="utf-8")
    return tmp_path


def test_study_holds_no_word_of_any_text(repository: Repository) -> None:
    text = queries.study_text(study_of(repository))
    assert not any(word in text for word in ("made-up list", "answers", "shelf.py", "contributor"))
    assert json.loads(text) == study_of(repository)


def test_figures_count_over_the_rows(shipped: Path) -> None:
    found = {name: figure.value for name, figure in queries.study_figures("study:shelf").items()}
    expected = {
        "pulls": 2, "direct": 1, "pulls_squash": 2, "landed": 25, "proposed": 80, "lines_made": 6, "lines_all": 20,
        "claims": 2, "claims_stated": 2, "outcomes": 1, "outcomes_again": 1, "with_claims": 2, "amounts": 1,
        "with_amounts": 1, "outcomes_L4": 0,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    assert found["refused"] >= 1


def test_every_figure_has_a_receipt_that_computes_again(shipped: Path) -> None:
    receipts = list(queries.figures_of("study:shelf"))
    assert len(receipts) == len(figures.COUNTS)
    assert all(check(receipt.id, receipt.text).ok for receipt in receipts)


@pytest.mark.parametrize("name", ["study:absent", "study:../shelf", "study:", "study:SHELF"])
def test_study_that_is_not_here_has_no_figures(shipped: Path, name: str) -> None:
    assert queries.study_figures(name) == {}


def test_difference_names_the_change_and_the_field(repository: Repository) -> None:
    kept = study_of(repository)
    changed: dict[str, Any] = json.loads(json.dumps(kept))
    changed["changes"][0]["landed"] = 11
    changed["changes"].pop()
    gone, altered = kept["changes"][-1]["ref"], kept["changes"][0]["ref"]
    lines = queries.study_differences(kept, changed)
    assert sorted(lines) == sorted([f"{gone}: only in the file", f"{altered}: landed differ"])
    assert queries.study_differences(kept, kept) == []


def test_command_writes_and_compares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = Story(tmp_path / "made-up")
    story.commit({"a.py": "x = 1\n"}, "Begin")
    story.finish()
    file = tmp_path / "study.json"
    call_command("study", str(story.path), write=file)
    call_command("study", str(story.path), check=file)
    assert "the same: 1 changes" in capsys.readouterr().out
    again = Story(tmp_path / "elsewhere" / "made-up")
    again.commit({"a.py": "x = 2\n"}, "Go on", parents=[again.commit({"a.py": "x = 1\n"}, "Begin")])
    again.finish()
    with pytest.raises(SystemExit):
        call_command("study", str(again.path), check=file)
    assert "only found now" in capsys.readouterr().out


def test_command_refuses_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no file"):
        call_command("study", "anything", check=tmp_path / "absent.json")
