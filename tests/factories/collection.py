"""Made-up repositories, changes and people."""

import datetime as dt
import hashlib
from typing import Any

import factory
from factory.django import DjangoModelFactory

from analysis.models import (
    Change,
    ChangeContributor,
    ChangedFile,
    ChangeLink,
    ChangeText,
    Collection,
    Commit,
    Contributor,
    Provenance,
    Repository,
)

START = dt.datetime(2031, 1, 6, 9, tzinfo=dt.UTC)


def sha1(seed: Any) -> str:
    """A made-up object id of git."""
    return hashlib.sha1(str(seed).encode(), usedforsecurity=False).hexdigest()


class RepositoryFactory(DjangoModelFactory[Repository]):
    class Meta:
        model = Repository

    key = factory.Sequence(lambda n: f"example.org/made-up/repository-{n}")
    name = factory.LazyAttribute(lambda row: row.key.removeprefix("example.org/"))
    default_branch = "main"


class ContributorFactory(DjangoModelFactory[Contributor]):
    class Meta:
        model = Contributor

    identity = factory.Sequence(lambda n: f"hmac:{hashlib.sha256(str(n).encode()).hexdigest()[:40]}")
    display_name = factory.Sequence(lambda n: f"Person {n}")


class ChangeFactory(DjangoModelFactory[Change]):
    """A merged pull request; ``direct=True`` makes a direct commit."""

    class Meta:
        model = Change

    class Params:
        direct = factory.Trait(
            number=None, kind=Change.Kind.DIRECT, key=factory.LazyAttribute(lambda row: f"commit:{row.merge_commit}")
        )

    repository = factory.SubFactory(RepositoryFactory)
    number = factory.Sequence(lambda n: n + 1)
    key = factory.LazyAttribute(lambda row: f"pull:{row.number}")
    kind = Change.Kind.MERGE
    certainty = Change.Certainty.CERTAIN
    merged = True
    title = factory.Sequence(lambda n: f"Sort the made-up shelf {n}")
    title_source = "merge-body"
    merge_commit = factory.Sequence(lambda n: sha1(f"merge {n}"))
    base_sha = factory.Sequence(lambda n: sha1(f"base {n}"))
    head_sha = factory.Sequence(lambda n: sha1(f"head {n}"))
    commit_count = 2
    landed_additions = 30
    landed_deletions = 4
    landed_files = 2
    merged_at = factory.Sequence(lambda n: START + dt.timedelta(hours=n))
    landed_at = factory.SelfAttribute("merged_at")
    sorted_at = factory.SelfAttribute("merged_at")
    first_commit_at = factory.LazyAttribute(lambda row: row.merged_at - dt.timedelta(hours=5))
    last_commit_at = factory.LazyAttribute(lambda row: row.merged_at - dt.timedelta(hours=1))
    content_sha256 = factory.LazyAttribute(lambda row: hashlib.sha256(row.title.encode()).hexdigest())


class ChangeContributorFactory(DjangoModelFactory[ChangeContributor]):
    class Meta:
        model = ChangeContributor

    change = factory.SubFactory(ChangeFactory)
    contributor = factory.SubFactory(ContributorFactory)
    role = ChangeContributor.Role.AUTHOR
    commits = 1


class ChangedFileFactory(DjangoModelFactory[ChangedFile]):
    class Meta:
        model = ChangedFile

    change = factory.SubFactory(ChangeFactory)
    path = factory.Sequence(lambda n: f"shelf/part_{n}.py")
    status = "modified"
    additions = 15
    deletions = 2
    category = ChangedFile.Category.SOURCE
    language = "Python"


class ChangeTextFactory(DjangoModelFactory[ChangeText]):
    class Meta:
        model = ChangeText

    change = factory.SubFactory(ChangeFactory)
    kind = ChangeText.Kind.BODY
    text = "Sorting the shelf takes 2 s instead of 30 s."
    sha256 = factory.LazyAttribute(lambda row: hashlib.sha256(row.text.encode()).hexdigest())
    source = "merge-body"


class CollectionFactory(DjangoModelFactory[Collection]):
    class Meta:
        model = Collection

    repository = factory.SubFactory(RepositoryFactory)
    source = Collection.Source.GIT
    state = Collection.State.COMPLETE
    held = factory.LazyFunction(lambda: {"changes": 1})
    stored = factory.LazyFunction(lambda: {"changes": 1})
    finished_at = START


class CommitFactory(DjangoModelFactory[Commit]):
    class Meta:
        model = Commit

    change = factory.SubFactory(ChangeFactory)
    sha = factory.Sequence(lambda n: sha1(f"commit {n}"))
    authored_at = START
    committed_at = START


class ChangeLinkFactory(DjangoModelFactory[ChangeLink]):
    class Meta:
        model = ChangeLink

    change = factory.SubFactory(ChangeFactory)
    kind = ChangeLink.Kind.REVERTS
    key = "pull:1"


class ProvenanceFactory(DjangoModelFactory[Provenance]):
    class Meta:
        model = Provenance

    change = factory.SubFactory(ChangeFactory)
    source = Collection.Source.GIT
    fingerprint = factory.Sequence(lambda n: hashlib.sha256(str(n).encode()).hexdigest())
    version = "git 1"
