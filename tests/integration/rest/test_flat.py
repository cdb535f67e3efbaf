"""What is read quickly is what DRF's own walk over the fields gives."""

from typing import Any

import pytest
from django.test import RequestFactory
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from portfolio.rest.evidence_resources import ChangeSerializer, CollectionSerializer, RepositorySerializer
from portfolio.rest.outcome_resources import AchievementSerializer, ReportSerializer
from portfolio.rest.text_resources import PostSerializer
from portfolio.rest.views import SparseSerializer
from portfolio.rest.work_resources import JobSerializer
from tests.factories.achievements import AchievementFactory
from tests.factories.collection import ChangeFactory, ChangeTextFactory, CollectionFactory, RepositoryFactory
from tests.factories.jobs import JobFactory
from tests.factories.portfolio import PostFactory
from tests.factories.reports import ReportFactory

pytestmark = pytest.mark.django_db
SHOWN = [
    (ChangeSerializer, ChangeFactory), (CollectionSerializer, CollectionFactory), (JobSerializer, JobFactory),
    (RepositorySerializer, RepositoryFactory), (AchievementSerializer, AchievementFactory),
    (ReportSerializer, ReportFactory), (PostSerializer, PostFactory),
]  # fmt: skip


def both(kind: type[SparseSerializer], row: Any, query: str = "") -> tuple[bytes, bytes]:
    """The record's bytes as they are answered, and as DRF would answer them."""
    request = Request(RequestFactory().get(f"/{query}"))
    request.user = None  # type: ignore[assignment]  # nobody
    ours = kind(row, context={"request": request}).data
    whole = kind(row, context={"request": request})
    built = serializers.ModelSerializer.get_fields(whole)
    whole.get_fields = lambda: {name: built[name] for name in whole.shown}  # type: ignore[method-assign]  # all of DRF's
    theirs = serializers.ModelSerializer.to_representation(whole, row)
    return JSONRenderer().render(ours), JSONRenderer().render(theirs)


@pytest.mark.parametrize(("kind", "factory"), SHOWN)
def test_a_record_reads_as_by_drf(kind: type[SparseSerializer], factory: Any) -> None:
    made = factory()
    for row in (made, type(made)._default_manager.get(pk=made.pk)):
        ours, theirs = both(kind, row)
        assert ours == theirs


@pytest.mark.parametrize("query", ["?fields=id,title,merged_at", "?include=texts,files,facts,reviews"])
def test_a_chosen_part_reads_as_by_drf(query: str) -> None:
    text = ChangeTextFactory()
    ours, theirs = both(ChangeSerializer, text.change, query)
    assert ours == theirs
    assert (b'"texts":[{' in ours) == ("include" in query)


def test_two_requests_share_fields_and_nothing_else() -> None:
    first, second = ChangeFactory(title="One"), ChangeFactory(title="Two")
    assert b"One" in both(ChangeSerializer, first)[0]
    assert b"One" not in both(ChangeSerializer, second)[0]
