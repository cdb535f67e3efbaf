"""The servers that tests and benchmarks start: one that does not come up leaves no other behind."""

from contextlib import ExitStack

import pytest

from tests.servers import NoServer, Redis, started

pytestmark = pytest.mark.servers


class Absent(Redis):
    def start(self) -> "Redis":
        raise NoServer("made up")


def test_a_server_that_does_not_come_up_takes_the_others_along() -> None:
    first, second = Redis(), Absent()
    with pytest.raises(NoServer, match="made up"), ExitStack() as servers:
        assert started(servers, first).process is not None
        started(servers, second)
    assert first.process is None
    assert not first.folder.exists() and not second.folder.exists()
