"""Row 1: GitHub answers 502 to a page of 49. The page is halved, the cursor stays, nothing is skipped."""

import pytest

from analysis.sources.github.errors import Unavailable
from tests.faults.github_fixtures import scene
from tests.replica.client import Store
from tests.replica.faults import Fault


def test_a_502_halves_the_page_and_resumes_at_the_same_cursor() -> None:
    with scene() as s:
        s.happen(Fault("status", lambda c: c.index == 2, status=502, points=3))
        store = Store()
        store.run(s.replica)
        pages = [c for c in s.replica.calls if c.operation == "PullsCore"]
        assert [c.size for c in pages[:3]] == [49, 49, 24]
        assert pages[1].variables["after"] == pages[2].variables["after"] is not None
        assert store.fingerprints() == s.faultless


def test_nine_in_a_row_do_not_end_the_collection() -> None:
    with scene() as s:
        s.happen(Fault("status", lambda c: c.operation == "PullsCore", times=9, status=502))
        store = Store()
        with pytest.raises(Unavailable) as caught:
            store.run(s.replica)
        assert caught.value.retry
        assert len(s.replica.calls) == 1 + 8  # 49, 24, 12, 6, 3 pulls, and three times a single one
        store.run(s.replica)
        assert store.fingerprints() == s.faultless
