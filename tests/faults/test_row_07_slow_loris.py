"""Row 7: an answer that trickles. The deadline is for the whole answer, so that a drip cannot hold a worker."""

import time

import pytest

from analysis.sources.github.errors import Unavailable
from tests.faults.github_fixtures import scene
from tests.replica.client import Store
from tests.replica.faults import Fault


def test_a_trickle_ends_at_the_deadline_and_is_asked_for_again() -> None:
    with scene(30) as s:
        s.happen(Fault("drip", lambda c: c.index == 1, seconds=0.05))
        store = Store()
        store.run(s.replica, deadline=0.5)
        assert store.fingerprints() == s.faultless


def test_trickles_only_put_the_job_off() -> None:
    with scene(30) as s:
        s.happen(Fault("drip", times=9, seconds=0.05))
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            Store().run(s.replica, deadline=0.3)
        assert time.monotonic() - begun < 30  # three deadlines, not the hours that the drip would take
