from collections.abc import Iterator

import pytest

from mlops.providers.loopback import LoopbackServer
from tests.unit.mlops.routing import kit


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    """The scripted server; the clients that a test opened towards it are closed afterwards."""
    with LoopbackServer() as running:
        yield running
    while kit.OPEN:
        kit.OPEN.pop().close()
