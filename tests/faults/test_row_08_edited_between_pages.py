"""Row 8: pulls are edited, opened and deleted between two pages. Whatever happens, the newest state is stored."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faults.github_fixtures import Scene, scene
from tests.replica.client import Store
from tests.replica.faults import Fault


def edit(s: Scene, number: int, title: str) -> None:
    """Edit at the replica's present time, which moves on by a second."""
    s.replica.world.clock.advance(1)
    s.pulls.edit(number, dt.datetime.fromtimestamp(s.replica.world.clock.now(), dt.UTC), title=title)


def truth(s: Scene) -> dict[str, Any]:
    """Title of every pull that the replica holds."""
    numbers = s.pulls.numbers("CREATED_AT", descending=False)
    return {f"pull:{n}": (s.pulls.get(n) or {})["title"] for n in numbers}


@pytest.mark.parametrize("number", [1, 40, 60, 130])
def test_an_edit_between_two_pages_is_met_in_the_same_run(number: int) -> None:
    with scene() as s:
        s.happen(Fault(when=lambda c: c.index == 2, before=lambda: edit(s, number, "Edited meanwhile")))
        store = Store()
        store.run(s.replica)
        assert {k: r.title for k, r in store.records.items()} == truth(s)


CHANGES = st.lists(st.tuples(st.integers(1, 8), st.sampled_from(["edit", "delete"]), st.integers(1, 130)), max_size=8)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=CHANGES)
def test_any_edits_and_deletions_converge(changes: list[tuple[int, str, int]]) -> None:
    with scene() as s:
        for call, what, number in changes:
            if what == "edit":
                act = lambda n=number, c=call: n in s.pulls and edit(s, n, f"Edited at {c}")  # noqa: E731
            else:
                act = lambda n=number: s.pulls.delete(n)  # noqa: E731
            s.happen(Fault(when=lambda c, i=call: c.index >= i, before=act))
        store = Store()
        store.run(s.replica)
        s.replica.script.clear()
        store.run(s.replica)
        assert {k: r.title for k, r in store.records.items()} == truth(s)
