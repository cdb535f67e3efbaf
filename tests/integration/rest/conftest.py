"""A cast of callers for every permission test: nobody, a key without scope, a key with one, staff, superuser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from portfolio.access import services
from portfolio.access.models import Scope


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Drawing up the cases of the long contract takes seconds in each worker, which a run without it does not pay."""
    left_out = "not long" in config.option.markexpr and collection_path.name == "test_contract_at_length.py"
    return True if left_out else None


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_user("curator", password="made-up", is_staff=True)


@pytest.fixture
def outsider(db: None) -> User:
    return User.objects.create_user("outsider", password="made-up")


@pytest.fixture
def client_with(staff: User) -> Callable[..., APIClient]:
    """A client with a staff member's key that has these scopes."""

    def make(*scopes: str, owner: User = staff) -> APIClient:
        _, text = services.create_key(actor=owner, name="test", scopes=scopes, now=timezone.now())
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return client

    return make


@pytest.fixture
def reader(client_with: Callable[..., APIClient]) -> APIClient:
    return client_with(Scope.READ_PRIVATE)


@pytest.fixture
def anyone() -> APIClient:
    return APIClient()
