"""Row 6: the connection is cut in the middle of the JSON. The page is thrown away whole and asked for again."""

import pytest

from analysis.sources.github.errors import Unavailable
from tests.faults.github_fixtures import scene
from tests.replica.client import Store
from tests.replica.faults import Fault


@pytest.mark.parametrize("kind", ["cut", "reset", "html", "charset"])
@pytest.mark.parametrize("size", [0, 1, 3000])
def test_a_broken_answer_is_asked_for_again(kind: str, size: int) -> None:
    with scene() as s:
        s.happen(Fault(kind, lambda c: c.index == 2, bytes=size))
        store = Store()
        store.run(s.replica)
        assert store.fingerprints() == s.faultless
        assert store.written == 130


def test_a_line_that_stays_broken_puts_the_job_off_and_keeps_the_pages() -> None:
    with scene() as s:
        s.happen(Fault("cut", lambda c: c.index >= 2, times=99))
        store = Store()
        with pytest.raises(Unavailable) as caught:
            store.run(s.replica)
        assert caught.value.until.timestamp() > s.replica.world.clock.now()
        assert len(store.records) == 49
        assert len(s.replica.calls) == 2 + 3
