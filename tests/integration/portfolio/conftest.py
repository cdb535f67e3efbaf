"""A small site with one of each: a repository with facts and claims, an owner, texts in every state."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache

from analysis import services as analysis
from analysis.models import Change, Repository
from portfolio import services
from portfolio.models import CaseStudy, Post
from tests.factories.collection import ChangedFileFactory, ChangeFactory, ChangeTextFactory, RepositoryFactory
from tests.factories.kept import Kept
from tests.factories.portfolio import CaseStudyFactory, OwnerFactory, PositionFactory, PostFactory, ProfileFactory

KEY = "example.org/made-up/index"
BODY = "The list answers in 80 ms instead of 420 ms on the staging data.\nFixes #77."


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """Facets, limits and the profile are kept in memory: no test sees another's."""
    cache.clear()
    yield
    cache.clear()


@dataclass
class Site:
    """What the tests name."""

    owner: Any
    repository: Repository
    changes: list[Change]
    study: CaseStudy
    post: Post
    change_url: str


def make_changes(repository: Repository, count: int) -> list[Change]:
    """Landed pull requests with two files and a body that claims something."""
    changes = []
    for index in range(count):
        change = ChangeFactory(
            repository=repository, title=f"Read the index once, part {index}", landed_additions=12, landed_deletions=3,
            landed_files=2, language="Python", size_class="S",
        )  # fmt: skip
        ChangedFileFactory(change=change, path="app/index.py", additions=9, deletions=3)
        ChangedFileFactory(change=change, path="tests/test_index.py", additions=3, deletions=0, category="test")
        ChangeTextFactory(change=change, kind="title", text=change.title)
        ChangeTextFactory(change=change, kind="body", text=BODY)
        changes.append(change)
    return changes


def make_site() -> None:
    owner = OwnerFactory()
    repository = RepositoryFactory(key=KEY, name="made-up/index")
    changes = make_changes(repository, 4)
    analysis.compute_facts(repository_id=repository.pk)
    analysis.extract_claims(repository_id=repository.pk)
    analysis.predict_types(repository_id=repository.pk)
    ref = f"change:{repository.key}#{changes[0].number}"
    profile = ProfileFactory(outcomes=f"The index is read once: [[figure {ref} landed_additions]] did it.")
    services.publish_profile(profile=profile, actor=owner)
    study = CaseStudyFactory(slug="one-pass", evidence=f"It took [[figure {ref} landed_additions]]: [[change {ref}]].")
    services.publish(document=study, actor=owner)
    post = PostFactory(slug="reading-twice", body="See [[date 2031-01]].\n\n```python\nx = 1\n```\n")
    services.publish(document=post, actor=owner)
    PositionFactory()


kept = Kept(make_site)


@pytest.fixture
def site(db: None) -> Site:
    """A site that has one of each."""
    kept.provide()
    cache.clear()
    repository = Repository.objects.get(key=KEY)
    changes = list(repository.changes.order_by("number"))
    study, post = CaseStudy.objects.get(slug="one-pass"), Post.objects.get(slug="reading-twice")
    owner = get_user_model().objects.get(username="owner")
    return Site(owner, repository, changes, study, post, f"/evidence/{KEY}/pull/{changes[0].number}/")
