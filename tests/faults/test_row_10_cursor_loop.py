"""Row 10: the cursor goes in circles, or has expired. The pass starts again once, then the job is put off."""

import pytest

from analysis.sources.github.errors import CursorLost
from tests.faults.github_fixtures import scene
from tests.replica.client import Store
from tests.replica.faults import Fault


@pytest.mark.parametrize("kind", ["same_cursor", "bad_cursor"])
def test_a_loop_or_an_expired_cursor_starts_again_and_loses_nothing(kind: str) -> None:
    with scene() as s:
        s.happen(Fault(kind, lambda c: bool(c.variables.get("after"))))
        store = Store()
        store.run(s.replica)
        assert store.fingerprints() == s.faultless


def test_an_endless_loop_is_left() -> None:
    with scene() as s:
        s.happen(Fault("same_cursor", lambda c: bool(c.variables.get("after")), times=99))
        store = Store()
        with pytest.raises(CursorLost):
            store.run(s.replica)
        assert len(s.replica.calls) < 12
        s.replica.script.clear()
        store.run(s.replica)
        assert store.fingerprints() == s.faultless
