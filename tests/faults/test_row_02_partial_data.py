"""Row 2: status 200 with errors and partial data. Good nodes are kept, bad ones are asked for again, then named."""

from tests.faults.github_fixtures import NODES, scene
from tests.replica.client import Store
from tests.replica.faults import Fault


def test_a_pull_that_a_page_failed_to_give_is_fetched_alone() -> None:
    with scene() as s:
        s.happen(Fault("partial", lambda c: c.operation == "PullsCore", paths=((*NODES, 4),)))
        store = Store()
        store.run(s.replica)
        assert store.fingerprints() == s.faultless
        assert [len(c.variables["ids"]) for c in s.replica.calls if c.operation == "ByIdCore"] == [1]


def test_a_pull_that_fails_alone_too_is_listed_and_the_others_are_kept() -> None:
    with scene() as s:
        s.happen(
            Fault("partial", lambda c: c.operation == "PullsCore", paths=((*NODES, 4),)),
            Fault("partial", lambda c: c.operation == "ByIdCore", paths=(("nodes", 0),)),
        )
        store = Store()
        store.run(s.replica)
        assert list(store.unreadable) == ["pull:126"]
        assert len(store.records) == 129
        store.run(s.replica)
        assert store.fingerprints() == s.faultless
