"""Linking names of one person by hand, and the admin's lists of what GitHub says."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from analysis import services
from analysis.models import Contributor
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
