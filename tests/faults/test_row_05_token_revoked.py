"""Row 5: the token is revoked in mid-run (401). The run stops, says to connect again, and keeps its pages."""

import pytest

from analysis.sources.github.errors import TokenRefused
from tests.faults.github_fixtures import scene
from tests.replica.client import Store
from tests.replica.faults import Fault
from tests.replica.world import Token


def test_a_revoked_token_stops_the_run_and_keeps_what_was_collected() -> None:
    with scene() as s:
        s.happen(Fault("unauthorized", lambda c: c.index >= 2, times=99))
        store = Store()
        with pytest.raises(TokenRefused) as caught:
            store.run(s.replica)
        assert not caught.value.retry
        assert "Make a new one" in str(caught.value)
        assert len(store.records) == 49
        assert len(s.replica.calls) == 3
        s.replica.script.clear()
        store.run(s.replica)
        assert store.fingerprints() == s.faultless


def test_a_second_token_goes_on_in_the_same_run() -> None:
    with scene() as s:
        s.replica.world.tokens["old"] = Token(login="old", limit=9000)
        s.happen(Fault("unauthorized", lambda c: c.token == "old" and c.index >= 1, times=99))
        store = Store()
        store.run(s.replica, tokens=("old", "replica-token"))
        assert store.fingerprints() == s.faultless
