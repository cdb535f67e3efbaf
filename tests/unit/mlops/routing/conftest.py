from collections.abc import Iterator

import pytest

from mlops.providers.loopback import LoopbackServer
from tests.unit.mlops.routing import kit


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    yield from kit.running_server()
