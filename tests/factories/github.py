"""Made-up rows of what GitHub says."""

import datetime as dt
import hashlib
import zlib

import factory
from factory.django import DjangoModelFactory

from analysis.models import (
    ContributorKey,
    Erasure,
    GitHubRepository,
    Label,
    PullDetail,
    PullEvent,
    RawPayload,
    Review,
    WebhookDelivery,
    WebhookRefusal,
)
from tests.factories.collection import START, ChangeFactory, ContributorFactory, RepositoryFactory


class GitHubRepositoryFactory(DjangoModelFactory[GitHubRepository]):
    class Meta:
        model = GitHubRepository

    repository = factory.SubFactory(RepositoryFactory)
    database_id = factory.Sequence(lambda n: 500_000 + n)
    full_name = factory.Sequence(lambda n: f"made-up/repository-{n}")
    seen_at = START


class ContributorKeyFactory(DjangoModelFactory[ContributorKey]):
    class Meta:
        model = ContributorKey

    contributor = factory.SubFactory(ContributorFactory)
    key = factory.Sequence(lambda n: f"login:{hashlib.sha256(str(n).encode()).hexdigest()}")


class PullDetailFactory(DjangoModelFactory[PullDetail]):
    class Meta:
        model = PullDetail

    change = factory.SubFactory(ChangeFactory)
    external_id = factory.Sequence(lambda n: f"PR_{n}")
    profile = "core"
    state = "merged"
    is_draft = False


class ReviewFactory(DjangoModelFactory[Review]):
    class Meta:
        model = Review

    change = factory.SubFactory(ChangeFactory)
    external_id = factory.Sequence(lambda n: f"PRR_{n}")
    reviewer = factory.SubFactory(ContributorFactory)
    state = "approved"
    submitted_at = START


class PullEventFactory(DjangoModelFactory[PullEvent]):
    class Meta:
        model = PullEvent

    change = factory.SubFactory(ChangeFactory)
    position = factory.Sequence(lambda n: n)
    kind = "ready"
    at = START


class LabelFactory(DjangoModelFactory[Label]):
    class Meta:
        model = Label

    change = factory.SubFactory(ChangeFactory)
    name = factory.Sequence(lambda n: f"label-{n}")


class RawPayloadFactory(DjangoModelFactory[RawPayload]):
    class Meta:
        model = RawPayload

    change = factory.SubFactory(ChangeFactory)
    source = "github"
    sha256 = hashlib.sha256(b"{}").hexdigest()
    size = 2
    body = zlib.compress(b"{}")


class WebhookDeliveryFactory(DjangoModelFactory[WebhookDelivery]):
    class Meta:
        model = WebhookDelivery

    delivery_id = factory.Sequence(lambda n: f"00000000-0000-4000-8000-{n:012d}")
    event = "ping"
    sha256 = hashlib.sha256(b"{}").hexdigest()
    size = 2
    body = zlib.compress(b"{}")
    received_at = START


class WebhookRefusalFactory(DjangoModelFactory[WebhookRefusal]):
    class Meta:
        model = WebhookRefusal

    day = factory.Sequence(lambda n: dt.date(2031, 1, 1) + dt.timedelta(days=n))
    reason = "signature"
    count = 1


class ErasureFactory(DjangoModelFactory[Erasure]):
    class Meta:
        model = Erasure

    identity = factory.Sequence(lambda n: f"login:{hashlib.sha256(str(n).encode()).hexdigest()}")
    erased_at = START
    erased_by = "made-up-operator"
