"""Made-up texts, people and visitors of the public site."""

import datetime as dt

import factory
from django.contrib.auth import get_user_model
from factory.django import DjangoModelFactory

from portfolio.models import (
    CaseStudy,
    ContactMessage,
    Demo,
    FormerAddress,
    Incident,
    Mention,
    Page,
    PageCount,
    Position,
    Post,
    Profile,
    Revision,
    SearchEntry,
    ServingHour,
    Skill,
    SkillEvidence,
    StatusRecord,
    TextDraft,
)

MOMENT = dt.datetime(2031, 2, 3, 10, tzinfo=dt.UTC)


class OwnerFactory(DjangoModelFactory):
    """The one who may sign in and publish."""

    class Meta:
        model = get_user_model()
        django_get_or_create = ("username",)

    username = "owner"
    is_staff = True
    is_superuser = True


class ProfileFactory(DjangoModelFactory[Profile]):
    class Meta:
        model = Profile

    name = "Ada Example"
    role = "Software engineer"
    since = 2014
    place = "Lisbon"
    statement = "I make slow things quick and keep them so."


class PositionFactory(DjangoModelFactory[Position]):
    class Meta:
        model = Position

    title = factory.Sequence(lambda n: f"Engineer {'I' * (n % 5 + 1)}")
    organisation = factory.Sequence(lambda n: f"Made-up Works {chr(65 + n % 26)}")
    start = dt.date(2019, 3, 1)
    summary = "Built and ran the importers."
    approved = True


class SkillFactory(DjangoModelFactory[Skill]):
    class Meta:
        model = Skill

    slug = factory.Sequence(lambda n: f"skill-{n}")
    name = "PostgreSQL"


class SkillEvidenceFactory(DjangoModelFactory[SkillEvidence]):
    class Meta:
        model = SkillEvidence

    skill = factory.SubFactory(SkillFactory)
    ref = factory.Sequence(lambda n: f"change:example.org/made-up/repository#{n}")


class PostFactory(DjangoModelFactory[Post]):
    class Meta:
        model = Post

    slug = factory.Sequence(lambda n: f"post-{n}")
    title = "On reading twice"
    summary = "Why the importer now reads once."
    body = "The importer read each file twice.\n\n## What was tried\n\nReading once."
    tags = factory.LazyFunction(lambda: ["importers"])


class PageFactory(DjangoModelFactory[Page]):
    class Meta:
        model = Page

    slug = factory.Sequence(lambda n: f"page-{n}")
    title = "Uses"
    body = "A keyboard and patience."


class CaseStudyFactory(DjangoModelFactory[CaseStudy]):
    class Meta:
        model = CaseStudy

    slug = factory.Sequence(lambda n: f"study-{n}")
    title = "One pass instead of two"
    summary = "An importer that reads each file once."
    context = "Imports were slow."
    constraint = "The format could not change."
    options = "Caching, or reading once."
    decision = "Reading once."
    evidence = "The changes below."
    result = "Imports became quicker."
    what_failed = "The first attempt lost line numbers."
    my_part = "Design and code."
    not_proven = "How much waiting it saved."


class RevisionFactory(DjangoModelFactory[Revision]):
    class Meta:
        model = Revision

    kind = "post"
    slug = factory.Sequence(lambda n: f"revised-{n}")
    number = 1
    content = factory.LazyFunction(lambda: {"title": "T", "summary": "", "body": "B", "tags": [], "series": ""})
    sha256 = "0" * 64
    published_at = MOMENT
    published_by = factory.SubFactory(OwnerFactory)


class MentionFactory(DjangoModelFactory[Mention]):
    class Meta:
        model = Mention

    source = factory.Sequence(lambda n: f"https://elsewhere.example/{n}")
    kind = "post"
    document = factory.LazyFunction(lambda: PostFactory().pk)
    received_at = MOMENT


class FormerAddressFactory(DjangoModelFactory[FormerAddress]):
    class Meta:
        model = FormerAddress

    kind = "post"
    slug = factory.Sequence(lambda n: f"before-{n}")
    current = factory.Sequence(lambda n: f"after-{n}")


class DemoFactory(DjangoModelFactory[Demo]):
    class Meta:
        model = Demo

    slug = factory.Sequence(lambda n: f"demo-{n}")
    health = Demo.Health.OK
    milliseconds = 12
    checked_at = MOMENT


class ContactMessageFactory(DjangoModelFactory[ContactMessage]):
    class Meta:
        model = ContactMessage

    name = "A visitor"
    reply_to = "visitor@example.org"
    text = "Good morning."
    received_at = MOMENT


class PageCountFactory(DjangoModelFactory[PageCount]):
    class Meta:
        model = PageCount

    day = dt.date(2031, 2, 3)
    path = factory.Sequence(lambda n: f"/writing/post-{n}/")
    views = 3


class SearchEntryFactory(DjangoModelFactory[SearchEntry]):
    class Meta:
        model = SearchEntry

    kind = "post"
    key = factory.Sequence(lambda n: f"post-{n}")
    url = factory.LazyAttribute(lambda row: f"/writing/{row.key}/")
    title = "On reading twice"
    body = "The importer read each file twice."


class TextDraftFactory(DjangoModelFactory[TextDraft]):
    class Meta:
        model = TextDraft

    kind = "cv_bullet"
    subject = factory.Sequence(lambda n: f"achievement:example.org/made-up/repository#{n}")
    title = "Sort the made-up shelf"
    sentences = factory.LazyFunction(list)
    markdown = "Sorted."
    plain = "Sorted."
    evidence_sha256 = "0" * 64
    answered_by = "local-extractive"
    made_at = MOMENT


class ServingHourFactory(DjangoModelFactory[ServingHour]):
    class Meta:
        model = ServingHour

    hour = factory.Sequence(lambda n: MOMENT + dt.timedelta(hours=n))
    requests = 16
    times = factory.LazyFunction(lambda: [1] * 16)
    probes = 60


class IncidentFactory(DjangoModelFactory[Incident]):
    class Meta:
        model = Incident

    title = "The importer stood still"
    story = "A disk was full. It was noticed by the queue's age, and room was made."
    started_at = MOMENT
    is_published = True


class StatusRecordFactory(DjangoModelFactory[StatusRecord]):
    class Meta:
        model = StatusRecord

    kind = "serving"
    recorded_at = MOMENT
    receipts = factory.LazyFunction(list)
