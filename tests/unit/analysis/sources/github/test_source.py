"""Collections from the replica: complete, resumable, cheap when nothing is new."""

import datetime as dt
from collections.abc import Iterator

import pytest

from analysis.sources.github.details import Count, GitHubPullDetails
from analysis.sources.github.errors import RateLimited
from analysis.sources.records import ChangeRecord, Source
from tests.replica.client import Store
from tests.replica.faults import Fault
from tests.replica.seed import seeded_repo
from tests.replica.server import Replica
from tests.replica.world import Clock, Repo, Token, World

LATER = dt.datetime(2027, 1, 16, tzinfo=dt.UTC)


@pytest.fixture
def replica() -> Iterator[Replica]:
    world = World(Clock(start=1_800_000_000))
    seeded_repo(world, pulls=130, heavy=1)
    with Replica(world) as running:
        yield running


def only(replica: Replica) -> Repo:
    return next(iter(replica.world.repos.values()))


def record(store: Store, number: int) -> ChangeRecord:
    return store.records[f"pull:{number}"]


def details(store: Store, number: int) -> GitHubPullDetails:
    found = record(store, number).details
    assert isinstance(found, GitHubPullDetails)
    return found


def test_a_run_holds_every_pull_and_says_its_price_first(replica: Replica) -> None:
    store = Store()
    source = store.run(replica)
    assert isinstance(source, Source)
    assert store.numbers == list(range(1, 131))
    assert source.describe().held["pulls"] == 130
    assert source.describe().licence == "MIT"
    # The heavy pull has 110 reviews: one more call than the price of plain pages.
    assert source.price() == (5, 5)
    assert source.spent() == (6, 6) == (replica.points, len(replica.calls))


def test_a_second_run_with_nothing_new_asks_once_and_yields_nothing(replica: Replica) -> None:
    store = Store()
    store.run(replica)
    replica.forget()
    written = store.written
    store.run(replica)
    assert (len(replica.calls), store.written) == (1, written)


def test_a_changed_pull_is_the_only_one_written(replica: Replica) -> None:
    store = Store()
    store.run(replica)
    only(replica).pulls.edit(7, LATER, title="Cache the tide tables", state="CLOSED")
    replica.forget()
    written = store.written
    store.run(replica)
    assert store.written == written + 1
    assert len(replica.calls) == 2
    assert record(store, 7).title == "Cache the tide tables"


def test_long_lists_are_followed_to_their_end(replica: Replica) -> None:
    store = Store()
    store.run(replica, profile="full")
    heavy = details(store, 1)
    assert heavy.counts["reviews"] == Count(110, 110)
    assert heavy.counts["commits"] == Count(120, 120)
    assert heavy.counts["files"] == Count(130, 130)
    assert len({r.external_id for r in heavy.reviews}) == 110
    proposed = record(store, 1).proposed
    assert proposed is not None
    assert proposed.files is not None
    assert sum(f.additions or 0 for f in proposed.files) == proposed.additions
    assert not record(store, 1).incomplete


def test_a_run_stopped_by_the_limit_goes_on_where_it_was(replica: Replica) -> None:
    whole = Store()
    whole.run(replica)
    replica.world.tokens["small"] = Token(login="small", limit=2)
    store = Store()
    with pytest.raises(RateLimited):
        store.run(replica, tokens=("small",))
    assert len(store.numbers) == 49
    replica.world.tokens["small"].limit = 5000
    replica.world.clock.advance(3700)
    replica.forget()
    store.run(replica, tokens=("small",))
    assert store.fingerprints() == whole.fingerprints()
    assert replica.calls[1].variables["after"]


def test_another_token_takes_over(replica: Replica) -> None:
    replica.world.tokens["small"] = Token(login="small", limit=2)
    store = Store()
    store.run(replica, tokens=("small", "replica-token"))
    assert store.numbers == list(range(1, 131))
    assert {c.token for c in replica.calls} == {"small", "replica-token"}


def test_a_deleted_pull_is_reported_gone(replica: Replica) -> None:
    store = Store()
    store.run(replica)
    only(replica).pulls.delete(40)
    store.run(replica)
    assert list(store.gone) == ["pull:40"]
    assert 40 not in store.numbers


def test_repair_fetches_just_what_is_missing(replica: Replica) -> None:
    store = Store()
    store.run(replica)
    whole = store.fingerprints()
    del store.records["pull:12"]
    replica.forget()
    store.run(replica, repair=frozenset({"pull:13"}))
    assert store.fingerprints() == whole
    asked = [c for c in replica.calls if c.operation == "ByIdCore"]
    assert [len(c.variables["ids"]) for c in asked] == [2]


def test_a_page_too_heavy_for_github_is_halved_and_none_is_skipped(replica: Replica) -> None:
    replica.script.add(Fault("status", lambda c: c.size > 12, times=99, status=504, points=2))
    store = Store()
    store.run(replica)
    assert store.numbers == list(range(1, 131))
    assert '"size": 12' in store.cursor or '"size": 15' in store.cursor


def test_a_failed_list_is_asked_for_once_more_and_then_named(replica: Replica) -> None:
    nodes = ("repository", "pullRequests", "nodes")
    replica.script.add(
        Fault("partial", lambda c: c.operation == "PullsCore", paths=((*nodes, 2, "reviews"), (*nodes, 3, "labels"))),
        Fault("partial", lambda c: bool(c.variables.get("reviews")), paths=(("node", "reviews"),)),
    )
    store = Store()
    store.run(replica)
    assert store.numbers == list(range(1, 131))
    assert {k: r.incomplete for k, r in store.records.items() if r.incomplete} == {"pull:128": ("reviews",)}
    store.run(replica, repair=frozenset({"pull:128"}))
    assert not record(store, 128).incomplete


def test_how_it_landed_is_read_from_the_merge_commit(replica: Replica) -> None:
    store = Store()
    store.run(replica)
    kinds = {(r.kind, r.merged, r.certainty) for r in store.records.values()}
    assert kinds == {("squash", True, "likely"), ("unlanded_or_unknown", False, "certain")}


def test_a_bot_is_told_apart(replica: Replica) -> None:
    store = Store()
    store.run(replica)
    kinds = {r.reviewer.kind for n in range(1, 131) for r in details(store, n).reviews if r.reviewer}
    assert kinds == {"human", "bot"}
