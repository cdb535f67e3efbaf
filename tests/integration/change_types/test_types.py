"""Predicted types of collected changes: incremental, versioned, reviewed, exported."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from analysis import services
from analysis.change_types import store
from analysis.change_types.classify import NETWORK_VERSION
from analysis.models import Change, ChangeType, Repository, TypeReview
from mlops import services as mlops
from tests.factories.change_types import ChangeTypeFactory, TypeReviewFactory
from tests.factories.collection import ChangedFileFactory, ChangeFactory, RepositoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> None:
    mlops.forget_live()


@pytest.fixture
def repository() -> Repository:
    repository = RepositoryFactory.create()
    for title, path in (
        ("fix: close the file", "src/a.py"),
        ("Say how", "docs/a.md"),
        ("Bump x from 1 to 2", "uv.lock"),
    ):
        ChangedFileFactory.create(change=ChangeFactory.create(repository=repository, title=title), path=path)
    return repository


def types_of(repository: Repository) -> list[str]:
    rows = ChangeType.objects.filter(change__repository=repository, is_current=True).order_by("change_id")
    return list(rows.values_list("type", flat=True))


def test_rules_answer_before_any_model_is_registered(repository: Repository) -> None:
    assert services.predict_types(repository_id=repository.pk) == 3
    assert types_of(repository) == ["fix", "docs", "dependency"]
    assert set(ChangeType.objects.values_list("version", "degraded")) == {("rules", False)}


def test_a_second_run_writes_nothing_and_a_new_title_only_its_own(repository: Repository) -> None:
    services.predict_types(repository_id=repository.pk)
    assert services.predict_types(repository_id=repository.pk) == 0
    Change.objects.filter(title="Say how").update(title="Speed up startup by half")
    assert services.predict_types(repository_id=repository.pk) == 1
    assert ChangeType.objects.count() == 4


def test_a_new_champion_is_asked_about_everything(repository: Repository) -> None:
    services.predict_types(repository_id=repository.pk)
    mlops.start()
    mlops.forget_live()
    assert services.predict_types(repository_id=repository.pk) == 3
    assert set(ChangeType.objects.filter(is_current=True).values_list("version", flat=True)) == {NETWORK_VERSION}
    assert types_of(repository) == ["fix", "docs", "dependency"]


def test_review_stands_and_is_exported(repository: Repository) -> None:
    owner = User.objects.create(username="owner")
    services.predict_types(repository_id=repository.pk)
    first, second, third = Change.objects.filter(repository=repository).order_by("id")
    services.review_type(change=first, type_="fix", actor=owner)
    services.review_type(change=second, type_="test", actor=owner, note="it documents a test")
    services.review_type(change=third, type_="", actor=owner)
    assert list(TypeReview.objects.order_by("change_id").values_list("decision", flat=True)) == [
        "accepted", "corrected", "rejected",
    ]  # fmt: skip
    assert store.type_of(second) == ("test", "reviewed")
    rows = list(store.export_labels())
    assert [row["label"] for row in rows] == ["fix", "test", ""]
    assert rows[0]["text"] == "close the file"
    with pytest.raises(ValueError, match="none of the ten"):
        services.review_type(change=first, type_="magic", actor=owner)


def test_constraints_hold() -> None:
    first = ChangeTypeFactory.create()
    for wrong in (
        {"change": first.change, "version": "other"},
        {"probability": 1.5},
        {"type": "", "probability": 0.5},
        {"type": "magic"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ChangeTypeFactory.create(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        TypeReviewFactory.create(decision="accepted", type="docs", predicted="fix")
