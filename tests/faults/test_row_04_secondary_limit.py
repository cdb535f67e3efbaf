"""Row 4: a secondary limit, with and without Retry-After. It is honoured with jitter, and no call is wasted."""

import pytest

from analysis.sources.github.errors import RateLimited, Unavailable
from analysis.sources.github.limits import STRIKES
from tests.faults.github_fixtures import scene
from tests.replica.client import Store, api_of
from tests.replica.faults import Fault


@pytest.mark.parametrize("status", [200, 403, 429])
def test_retry_after_is_honoured(status: int) -> None:
    with scene() as s:
        s.happen(Fault("retry_after", lambda c: c.index == 1, status=status, seconds=60))
        store = Store()
        with pytest.raises(RateLimited) as caught:
            store.run(s.replica)
        waited = caught.value.until.timestamp() - s.replica.world.clock.now()
        assert 60 <= waited <= 66
        assert len(s.replica.calls) == 2
        s.replica.world.clock.advance(waited)
        store.run(s.replica)
        assert store.fingerprints() == s.faultless


def test_without_a_hint_the_wait_doubles_over_runs_and_ends_after_a_set_number() -> None:
    with scene() as s:
        s.happen(Fault("secondary", lambda c: True, times=STRIKES))
        waits = []
        with api_of(s.replica) as api:
            for _ in range(STRIKES):
                with pytest.raises((RateLimited, Unavailable)) as caught:
                    api.call("repository", {"owner": "lighthouse", "name": "ledger"})
                waits.append(caught.value.until.timestamp() - s.replica.world.clock.now())
                s.replica.world.clock.advance(waits[-1])
            assert len(s.replica.calls) == STRIKES
        for strike, wait in enumerate(waits):
            assert min(60 * 2**strike, 7200) <= wait <= min(60 * 2**strike * 1.1, 7200)
        assert isinstance(caught.value, Unavailable)
        assert "another program" in str(caught.value)


def test_strikes_are_kept_in_the_cursor() -> None:
    with scene() as s:
        s.happen(Fault("secondary", lambda c: c.operation == "PullsCore"))
        store = Store()
        with pytest.raises(RateLimited):
            store.run(s.replica)
        assert '"strikes": 1' in store.cursor
