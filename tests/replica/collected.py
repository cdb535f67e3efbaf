"""Fixtures: a replica that the settings point at, and its repository's row (a plugin of tests/conftest.py)."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings

from analysis.collection.github_run import repository_on_github
from analysis.models import Repository
from tests.replica.seed import seeded_repo
from tests.replica.server import Replica
from tests.replica.world import Pulls, World

__all__ = ["edit", "github_repository", "pulls", "replica"]


@pytest.fixture
def replica(settings: Settings) -> Iterator[Replica]:
    world = World()
    seeded_repo(world, pulls=60, heavy=1)
    with Replica(world) as running:
        settings.GITHUB_TOKENS = ["replica-token"]
        settings.GITHUB_API_URL = running.url
        settings.ATTEST_OUTSIDE_ALLOW = [urlsplit(running.url).netloc]
        yield running


@pytest.fixture
def github_repository(replica: Replica) -> Repository:
    return repository_on_github("lighthouse/ledger")


def pulls(replica: Replica) -> Pulls:
    return next(iter(replica.world.repos.values())).pulls


def edit(replica: Replica, number: int, **changes: Any) -> None:
    pulls(replica).edit(number, dt.datetime.now(dt.UTC), **changes)
