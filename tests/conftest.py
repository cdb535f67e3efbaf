"""What every test may use. No test reaches beyond loopback."""

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from tests.servers import Postgres, Redis

pytest_plugins = ["tests.append_only", "tests.replica.collected"]

# The suite draws the same examples each time and times none of them; the long suite's fuzzing draws its own.
hypothesis_settings.register_profile("suite", derandomize=True, deadline=None, database=None)
hypothesis_settings.load_profile("suite")

_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address: Any) -> Any:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = str(address[0])
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise RuntimeError(f"a test tried to reach {host}: only loopback is allowed")
    return _connect(self, address)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every connection of the test process stays on loopback."""
    monkeypatch.setattr(socket.socket, "connect", _loopback_only)


@pytest.fixture(autouse=True)
def nothing_waits_to_be_recorded() -> Iterator[None]:
    """What a test served is not written by the next one, whose database does not know its versions."""
    yield
    if "mlops.serving.recorder" in sys.modules:
        sys.modules["mlops.serving.recorder"].recorder.drop()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The suite's shared Redis; a test that kills one takes `own_redis`."""
    return os.environ["REDIS_URL"]


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    server = Redis().start()
    yield server
    server.remove()


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL that the test may stop, kill and restart (under two seconds to start)."""
    server = Postgres().start()
    yield server
    server.remove()


SERVERS = {"redis_url", "own_redis", "own_postgres"}
DATABASES = {"db", "transactional_db", "live_server"}
NEEDS = ("servers", "browser", "django_db")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that takes a real server belongs to the PostgreSQL leg only; one that takes nothing runs in one leg.

    A test whose module marks it as one of servers starts its own. It is never pure: it would run in neither leg.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if SERVERS & fixtures:
            item.add_marker("servers")
        elif not (DATABASES & fixtures or any(item.get_closest_marker(need) for need in NEEDS)):
            item.add_marker("pure")
