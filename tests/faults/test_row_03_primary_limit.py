"""Row 3: the hour's points are spent. The run ends at once with the time of the reset; nothing waits in memory."""

import pytest

from analysis.sources.github.errors import RateLimited
from tests.faults.github_fixtures import scene
from tests.replica.client import Store
from tests.replica.faults import Fault


def test_a_spent_hour_names_its_reset_and_the_next_run_resumes() -> None:
    with scene() as s:
        s.happen(Fault("primary", lambda c: c.index == 2))
        store = Store()
        with pytest.raises(RateLimited) as caught:
            store.run(s.replica)
        reset = s.replica.limits.usage("replica-token", "graphql").reset
        assert 0 <= caught.value.until.timestamp() - reset <= 6
        assert len(s.replica.calls) == 3
        assert len(store.records) == 49
        s.replica.world.clock.advance(caught.value.until.timestamp() - s.replica.world.clock.now())
        s.replica.forget()
        store.run(s.replica)
        assert s.replica.calls[1].variables["after"]
        assert store.fingerprints() == s.faultless
