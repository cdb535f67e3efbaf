"""Linking names of one person by hand, and the admin's lists of what GitHub says."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from analysis import services
from analysis.collection import people
from analysis.collection.contributors import ContributorBook
from analysis.models import Contributor
from analysis.sources.people import person
from evidence.models import AuditEntry
from tests.factories.collection import ContributorFactory
from tests.factories.github import (
    ErasureFactory,
    GitHubRepositoryFactory,
    PullDetailFactory,
    ReviewFactory,
    WebhookDeliveryFactory,
    WebhookRefusalFactory,
)
from tests.gitstory import Story

pytestmark = pytest.mark.django_db


def test_several_names_are_linked_to_the_account_and_unlinked_again() -> None:
    first, account, third = ContributorFactory(), ContributorFactory(github_id=9001), ContributorFactory()
    main = services.link_contributors(contributors=[first, account, third], actor="system:test")
    assert main == account
    assert list(account.aliases.order_by("pk")) == [first, third]
    assert AuditEntry.objects.filter(action="collection.link_person").count() == 2
    services.unlink_contributors(contributors=[first], actor="system:test")
    assert Contributor.objects.get(pk=first.pk).same_as is None
    assert services.link_contributors(contributors=[first], actor="system:test") is None


def test_what_was_unlinked_by_hand_stays_apart(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path / "var"
    story = Story(tmp_path / "mapped")
    story.commit({"a.py": "x = 1\n"}, "Begin", author=("ada", "ada@old.example"))
    names = "Ada Example <ada@example.org> <ada@old.example>\n"
    story.commit({".mailmap": names}, "Say who is who", author=("Ada Example", "ada@example.org"))
    story.finish()
    services.collect(source=str(story.path))
    [linked] = Contributor.objects.exclude(same_as=None)
    main = linked.same_as
    services.unlink_contributors(contributors=[linked], actor="system:test")
    story.commit({"b.py": "y = 1\n"}, "Go on", author=("ada", "ada@old.example"))
    story.finish()
    assert services.collect(source=str(story.path))[0].state == "complete"
    linked.refresh_from_db()
    assert (linked.same_as, linked.link_decided) == (None, True)
    assert main is not None and not Contributor.objects.get(pk=main.pk).link_decided
    services.link_contributors(contributors=[linked, main], actor="system:test")
    assert Contributor.objects.exclude(same_as=None).count() == 1


@pytest.mark.parametrize("decided", [False, True])
def test_an_account_is_joined_unless_it_was_said_otherwise(decided: bool) -> None:
    nameless, account = ContributorFactory(link_decided=decided), ContributorFactory(github_id=9002)
    people._join({nameless.pk: account.pk})
    nameless.refresh_from_db()
    assert nameless.same_as == (None if decided else account)


@pytest.mark.parametrize(
    ("model", "make"),
    [
        ("githubrepository", GitHubRepositoryFactory), ("pulldetail", PullDetailFactory), ("review", ReviewFactory),
        ("webhookdelivery", WebhookDeliveryFactory), ("webhookrefusal", WebhookRefusalFactory),
        ("erasure", ErasureFactory),
    ],
)  # fmt: skip
def test_the_admin_lists_and_shows_each(admin_user: User, client: Client, model: str, make: type) -> None:
    client.force_login(admin_user)
    row = make()
    assert client.get(reverse(f"admin:analysis_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:analysis_{model}_change", args=[row.pk])).status_code == 200


def test_the_mailmap_of_a_repository_links_its_people_once(tmp_path: Path, settings: Settings) -> None:
    settings.VAR_DIR = tmp_path / "var"
    story = Story(tmp_path / "mapped")
    story.commit({"a.py": "x = 1\n"}, "Begin", author=("ada", "ada@old.example"))
    story.commit({"a.py": "x = 2\n"}, "Go on", author=("Ada Example", "ada@example.org"))
    story.commit({"b.py": "y = 1\n"}, "Help", author=("Bo", "bo@example.org"))
    names = "Ada Example <ada@example.org> <ada@old.example>\nNobody <no@example.org> <none@example.org>\n"
    story.commit({".mailmap": names}, "Say who is who", author=("Ada Example", "ada@example.org"))
    story.finish()
    ledgers = services.collect(source=str(story.path))
    book = ContributorBook()
    old, main = (
        Contributor.objects.get(identity=book.key_of(person("", address)))
        for address in ("ada@old.example", "ada@example.org")
    )
    assert (old.same_as, main.same_as) == (main, None)
    assert Contributor.objects.exclude(same_as=None).count() == 1
    assert ledgers[0].state == "complete"
    assert services.collect(source=str(story.path))[0].written == 0
