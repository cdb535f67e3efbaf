"""What follows each other and reads alike stands as one line of the list of decisions."""

from types import SimpleNamespace

from portfolio.pages.machine import alike


def decided(at: int, **changed: str) -> SimpleNamespace:
    told = {"task": "playground", "answered_by": "demo-large", "origin": "loopback", "status": "answered", "reason": ""}
    return SimpleNamespace(created_at=at, **{**told, **changed})


def test_only_neighbours_are_folded_and_the_newest_stands_for_them() -> None:
    decisions = [decided(9), decided(8), decided(7, answered_by="local-rules"), decided(6), decided(5), decided(4)]
    found = [(group.newest.created_at, group.before, group.since) for group in alike(decisions)]
    assert found == [(9, 1, 8), (7, 0, None), (6, 2, 4)]


def test_the_list_has_an_end() -> None:
    assert len(alike(decided(at, task=str(at)) for at in range(40))) == 10
    assert alike([]) == []
