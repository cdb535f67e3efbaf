"""Made-up predicted types and reviews."""

import datetime as dt
import hashlib

import factory
from django.contrib.auth.models import User
from factory.django import DjangoModelFactory

from analysis.models import ChangeType, TypeReview
from tests.factories.collection import ChangeFactory


class ReviewerFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"reviewer-{n}")


class ChangeTypeFactory(DjangoModelFactory[ChangeType]):
    class Meta:
        model = ChangeType

    change = factory.SubFactory(ChangeFactory)
    version = "rules-1"
    type = "fix"
    probability = 0.7
    input_sha256 = factory.Sequence(lambda n: hashlib.sha256(f"input {n}".encode()).hexdigest())


class TypeReviewFactory(DjangoModelFactory[TypeReview]):
    class Meta:
        model = TypeReview

    change = factory.SubFactory(ChangeFactory)
    decision = TypeReview.Decision.ACCEPTED
    type = "fix"
    predicted = "fix"
    reviewed_by = factory.SubFactory(ReviewerFactory)
    reviewed_at = dt.datetime(2031, 2, 3, 10, tzinfo=dt.UTC)
