"""Which changes are one piece of work."""

import datetime as dt

from analysis.achievements.grouping import LARGEST, LONGEST, Work, group

START = dt.datetime(2031, 3, 1, tzinfo=dt.UTC)


def work(number: int, day: float = 0, paths: str = "", **more: object) -> Work:
    at = START + dt.timedelta(days=day)
    return Work(number, f"#{number}", at, frozenset(paths.split()), **more)  # type: ignore[arg-type]


def members(*works: Work) -> list[tuple[int, ...]]:
    return [found.members for found in group(works)]


def test_unrelated_changes_stay_apart() -> None:
    assert members(work(1, 0, "a.py"), work(2, 1, "b.py")) == [(1,), (2,)]


def test_same_diff_landed_twice_is_one_work_with_its_reason() -> None:
    [found] = group([work(1), work(2, 30, same_as=1)])
    assert found.members == (1, 2)
    assert [link.reason for link in found.links] == ["#2 lands the same diff as #1"]


def test_stacked_changes_are_one_work() -> None:
    assert members(work(1, head_sha="aa"), work(2, 1, base_sha="aa", head_sha="bb")) == [(1, 2)]


def test_empty_shas_link_nothing() -> None:
    assert members(work(1), work(2, 1)) == [(1,), (2,)]


def test_changes_naming_one_issue_are_one_work() -> None:
    one = frozenset({"made-up/repo#7"})
    assert members(work(1, 0, issues=one), work(2, 40, issues=one)) == [(1, 2)]


def test_shared_uncommon_files_link_within_a_fortnight_only() -> None:
    others = [work(100 + n, n, f"other{n}.py") for n in range(20)]
    near = members(work(1, 0, "x.py y.py"), work(2, 5, "x.py y.py z.py"), *others)
    far = members(work(1, 0, "x.py y.py"), work(2, 20, "x.py y.py z.py"), *others)
    assert (1, 2) in near
    assert (1, 2) not in far


def test_a_file_that_everyone_touches_links_nobody() -> None:
    works = [work(n, n, f"own{n}.py CHANGES.txt") for n in range(40)]
    assert all(len(found) == 1 for found in members(*works))


def test_groups_are_bounded_in_size_and_time() -> None:
    chain = [work(n, n * 2.0, issues=frozenset({"made-up/repo#1"})) for n in range(200)]
    found = group(chain)
    by_id = {item.id: item for item in chain}
    assert max(len(one.members) for one in found) <= LARGEST
    assert all(by_id[one.members[-1]].at - by_id[one.members[0]].at <= LONGEST for one in found)
    assert sorted(id_ for one in found for id_ in one.members) == list(range(200))


def test_order_of_the_input_is_irrelevant() -> None:
    works = [work(n, n / 3, f"p{n % 5}.py q{n % 7}.py") for n in range(60)]
    assert group(works) == group(reversed(works))
