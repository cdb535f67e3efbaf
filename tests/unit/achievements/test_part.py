"""The owner's part in a piece of work."""

from analysis.achievements.part import Participation, part_of


def author(who: int, commits: int, *, owner: bool = False, kind: str = "human", role: str = "author") -> Participation:
    return Participation(who, kind, role, commits, owner)


def test_unknown_without_a_marked_owner() -> None:
    assert part_of([author(1, 3)]).name == "unknown"


def test_solo_when_no_colleague_wrote_a_commit() -> None:
    part = part_of([author(1, 3, owner=True), author(2, 3, kind="ai", role="co_author")])
    assert (part.name, part.assistants, part.colleagues) == ("solo", 1, 0)


def test_bots_share_no_credit() -> None:
    assert part_of([author(1, 1, owner=True), author(9, 50, kind="bot")]).name == "solo"


def test_led_and_contributed_by_share_of_commits() -> None:
    assert part_of([author(1, 6, owner=True), author(2, 4)]).name == "led"
    assert part_of([author(1, 5, owner=True), author(2, 5)]).name == "contributed"


def test_reviewing_is_its_own_part() -> None:
    part = part_of([author(2, 5), Participation(1, "human", "reviewer", 0, True)])
    assert (part.name, part.own_commits) == ("reviewed", 0)


def test_owner_without_commits_or_reviews_has_none() -> None:
    assert part_of([author(2, 5), Participation(1, "human", "merger", 0, True)]).name == "none"
