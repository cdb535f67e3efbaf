"""Made-up claims: the quote really stands in the made-up text."""

import datetime as dt

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from factory.django import DjangoModelFactory

from analysis.models import Claim, ClaimReading, ClaimReview, ClaimSupport
from tests.factories.collection import ChangeTextFactory

START = dt.datetime(2031, 1, 7, 9, tzinfo=dt.UTC)
SENTENCE = "Building the made-up shelf is 20% faster."
QUOTE = "20% faster"


def curator() -> AbstractBaseUser:
    """The made-up owner who reviews."""
    user, _ = get_user_model().objects.get_or_create(username="made-up-curator")
    return user


class ClaimFactory(DjangoModelFactory[Claim]):
    """A stated claim of 20% in the change's text."""

    class Meta:
        model = Claim

    key = factory.Sequence(lambda n: f"{n:064x}")
    text = factory.SubFactory(ChangeTextFactory, text=SENTENCE)
    change = factory.SelfAttribute("text.change")
    quote = QUOTE
    start = factory.LazyAttribute(lambda row: row.text.text.index(row.quote))
    end = factory.LazyAttribute(lambda row: row.start + len(row.quote))
    metric = "time"
    direction = "better"
    kind = "relative_pct"
    value = 20.0
    unit = "%"
    state = Claim.State.STATED
    method = "grammar 1.0"
    fingerprint = factory.SelfAttribute("key")
    outcome_key = factory.SelfAttribute("fingerprint")


class ClaimReadingFactory(DjangoModelFactory[ClaimReading]):
    class Meta:
        model = ClaimReading

    text = factory.SubFactory(ChangeTextFactory, text=SENTENCE)
    method = "grammar 1.0"
    text_sha256 = factory.SelfAttribute("text.sha256")


class ClaimSupportFactory(DjangoModelFactory[ClaimSupport]):
    class Meta:
        model = ClaimSupport

    claim = factory.SubFactory(ClaimFactory)
    kind = ClaimSupport.Kind.FACT
    ref = "landed_deletions"
    says = "20 lines"


class ClaimReviewFactory(DjangoModelFactory[ClaimReview]):
    class Meta:
        model = ClaimReview

    claim = factory.SubFactory(ClaimFactory)
    decision = Claim.Review.CONFIRMED
    decided_by = factory.LazyFunction(curator)
    decided_at = factory.Sequence(lambda n: START + dt.timedelta(minutes=n))
