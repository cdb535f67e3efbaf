"""Row 33: a target whose address leads inside is refused before anything is sent, and the call still ends well."""

from collections.abc import Iterator

import pytest

from evidence.outside import Policy, client
from mlops.providers.loopback import LoopbackServer
from mlops.providers.openai_compatible import OpenAICompatible
from mlops.routing.records import TargetSpec
from tests.unit.mlops.routing.kit import GIVEN, LOCAL, OPEN, POLICY, TASK, remote, router, running_server


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    yield from running_server()


@pytest.mark.parametrize(
    "host",
    ["127.1", "[::ffff:10.0.0.1]", "169.254.169.254", "2130706433", "0x7f000001", "localhost", "[::1]", "10.0.0.1"],
)
def test_an_inner_address_is_refused_before_a_connection(server: LoopbackServer, host: str) -> None:
    address = f"http://{host}:{server.port}/v1"
    spec = TargetSpec("dear", "openai", model="dear", base_url=address, prior_quality=0.9, timeout=1.0)
    one = router(server, [spec, LOCAL])
    OPEN.append(OpenAICompatible(address, "", lambda: client(Policy())))
    provider = OPEN[-1]
    one.provider_for = lambda _spec: provider
    routed = one.route(TASK, GIVEN, POLICY)
    assert routed.decision.attempts[0].outcome == "unsafe_address"
    assert routed.answer.target == "local-extractive"
    assert server.calls.total() == 0 and server.requests == []


def test_a_redirect_to_the_inside_is_not_followed(server: LoopbackServer) -> None:
    server.script("dear", ["redirect:http://169.254.169.254/latest/meta-data/"])
    routed = router(server, [remote("dear", server), LOCAL]).route(TASK, GIVEN, POLICY)
    assert [attempt.outcome for attempt in routed.decision.attempts] == ["refused", "ok"]
    assert server.calls.total() == 1
