"""The stages add up exactly, or are unknown with a reason."""

import math
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from analysis.facts.cycle_times import MISSING, ORDER, Pull, Reviewed, cycle_times

T = datetime(2026, 3, 2, 9, tzinfo=UTC)


def at(hours: float) -> datetime:
    return T + timedelta(hours=hours)


WHOLE = Pull(
    first_commit=at(0), opened=at(2), merged=at(30), closed=at(30), is_draft=False,
    turns=[(at(5), "ready")],
    reviews=[
        Reviewed("commented", at(3), by_machine=True), Reviewed("changes_requested", at(8)),
        Reviewed("approved", at(28)), Reviewed("approved", at(40)),
    ],
)  # fmt: skip


def test_the_stages_of_a_whole_pull_add_up() -> None:
    times = cycle_times(WHOLE)
    assert [times.stages[k] for k in times.stages] == [2 * 3600, 3 * 3600, 3 * 3600, 20 * 3600, 2 * 3600]
    assert sum(v for v in times.stages.values() if v is not None) == times.total == 30 * 3600
    assert times.unknown == {}
    assert times.draft_seconds == 3 * 3600
    assert (times.review_rounds, times.machine_reviews) == (2, 1)


def test_a_missing_review_leaves_its_stages_unknown_with_a_reason() -> None:
    times = cycle_times(Pull(first_commit=at(0), opened=at(1), merged=at(4), closed=at(4), is_draft=False))
    assert times.stages["ready→first_review"] is None
    assert times.stages["approved→merged"] is None
    assert times.unknown == {n: MISSING[n] for n in ("first_review", "approved")}
    assert times.total == 4 * 3600
    assert times.draft_seconds == 0


def test_git_alone_knows_commits_and_merge_only() -> None:
    times = cycle_times(Pull(first_commit=at(0), merged=at(4)))
    assert set(times.unknown) == {"opened", "ready", "first_review", "approved"}
    assert times.total == 4 * 3600
    assert times.draft_seconds is None


def test_a_review_by_a_machine_is_no_review() -> None:
    times = cycle_times(Pull(opened=at(0), merged=at(9), is_draft=False, reviews=[Reviewed("approved", at(1), True)]))
    assert times.moments["approved"] is None


HOURS = st.floats(0, 1000, allow_nan=False).map(at)
PULLS = st.builds(
    Pull,
    first_commit=st.none() | HOURS, opened=st.none() | HOURS, merged=st.none() | HOURS, closed=st.none() | HOURS,
    is_draft=st.none() | st.booleans(),
    turns=st.lists(st.tuples(HOURS, st.sampled_from(["ready", "draft"])), max_size=4),
    reviews=st.lists(
        st.builds(Reviewed, st.sampled_from(["approved", "changes_requested", "commented"]), HOURS, st.booleans()),
        max_size=5,
    ),
)  # fmt: skip


@given(PULLS)
def test_whatever_the_order_of_events_no_stage_is_negative_and_the_sum_is_the_total(pull: Pull) -> None:
    times = cycle_times(pull)
    known = [v for v in times.stages.values() if v is not None]
    assert all(v >= 0 for v in known)
    if len(known) == len(ORDER) - 1:
        assert math.isclose(sum(known), times.total or 0, abs_tol=1e-6)
    assert set(times.unknown) == {n for n in ORDER if times.moments[n] is None}
