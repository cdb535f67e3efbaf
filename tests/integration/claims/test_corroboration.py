"""A claim that a changed benchmark record repeats is corroborated, with a link to the record."""

from pathlib import Path

import pytest
from pytest_django import Settings

from analysis.collection.runs import collect_git, find_repository
from analysis.models import Claim, ClaimSupport, Repository
from analysis.services import extract_claims
from tests.gitstory import Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def repository(tmp_path: Path, settings: Settings) -> Repository:
    settings.VAR_DIR = tmp_path / "var"
    story = Story(tmp_path / "shelf")
    story.commit({"bench/size.snap": "shelf.js  642.46 kB\n", "a.py": "x = 1\n"}, "Begin")
    story.commit(
        {"bench/size.snap": "shelf.js  612.40 kB\n", "a.py": "x = 2\n"},
        "Fold constants\n\nThe output shrinks from 642.46 kB to 612.40 kB. Parsing went from 18.31 ms to 12.02 ms.\n",
    )
    story.finish()
    found, located = find_repository(str(story.path), allow_local=True)
    return collect_git(found, located).repository


def test_record_in_the_same_change_corroborates(repository: Repository) -> None:
    counts = extract_claims(repository_id=repository.pk)
    assert counts["supported"] == 1
    states = {claim.from_value: claim.state for claim in Claim.objects.all()}
    assert states == {642.46: "corroborated", 18.31: "stated"}
    support = ClaimSupport.objects.get()
    assert support.ref.endswith(":bench/size.snap")
    assert support.says == "- shelf.js  642.46 kB\n+ shelf.js  612.40 kB"


def test_second_reading_keeps_the_support(repository: Repository) -> None:
    extract_claims(repository_id=repository.pk)
    before = list(Claim.objects.order_by("pk").values_list("key", "state"))
    extract_claims(repository_id=repository.pk)
    assert list(Claim.objects.order_by("pk").values_list("key", "state")) == before


def test_without_the_mirror_nothing_is_supported(repository: Repository) -> None:
    Repository.objects.update(url="/nowhere/at/all")
    counts = extract_claims(repository_id=repository.pk)
    assert counts["supported"] == 0
    assert set(Claim.objects.values_list("state", flat=True)) == {"stated"}
