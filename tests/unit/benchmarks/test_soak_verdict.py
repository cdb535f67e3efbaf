"""The soak's judge: what it excuses, and that everything else breaks it."""

from typing import Any

import pytest

from benchmarks.soak.chaos import KILLED_WEB, Kill
from benchmarks.soak.verdict import Sample, judge, slope, unexcused
from benchmarks.soak.visitors import Failure, Seen

KILLS = [Kill(KILLED_WEB, 100.0, 100.01, 100.5), Kill("PostgreSQL", 200.0, 201.0, 202.0)]


@pytest.mark.parametrize(
    ("failure", "excused"),
    [
        (Failure(99.5, 100.2, "under way at the kill", cut=True), True),
        (Failure(99.5, 100.2, "an error page, which no kill explains"), False),
        (Failure(99.0, 99.9, "cut before the kill", cut=True), False),
        (Failure(100.3, 100.6, "sent after the kill", cut=True), False),
        (Failure(99.5, 103.0, "cut long after it", cut=True), False),
        (Failure(199.0, 200.5, "the database was away"), True),
        (Failure(205.0, 212.0, "the database has been back for long"), False),
    ],
)
def test_only_an_absent_database_and_a_killed_process_excuse(failure: Failure, excused: bool) -> None:
    assert (unexcused([failure], KILLS) == []) is excused


def seen(**changed: Any) -> Seen:
    return Seen(requests=1000, latencies=[0.1] * 1000, **changed)


def samples(worker: int = 10**8) -> list[Sample]:
    return [Sample(float(second), 10**8, worker) for second in range(10)]


def test_a_faultless_run_breaks_nothing() -> None:
    found = judge(seen(), KILLS, {"broken": []}, samples())
    assert found["broken"] == [] and found["errors"] == 0 and found["web memory slope MB a minute"] == 0


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"seen": seen(wrong=["/ lacks its title"])}, "wrong page"),
        ({"seen": seen(errors=[Failure(1.0, 2.0, "/: 500")])}, "failed without a cause: /: 500"),
        ({"seen": seen(errors=[Failure(199.0, 200.5, "/: 503")] * 6)}, "0.60% of the requests failed"),
        ({"kills": [Kill("Redis", 1.0, 2.0, 13.0)]}, "Redis took 11.0 s"),
        ({"done": {"broken": ["a job is lost"]}}, "a job is lost"),
        ({"memory": samples(worker=0)}, "the spared worker ended by itself"),
    ],
)
def test_each_invariant_breaks_it(given: dict[str, Any], word: str) -> None:
    whole = {"seen": seen(), "kills": [], "done": {"broken": []}, "memory": samples()}
    assert any(word in text for text in judge(**{**whole, **given})["broken"])


def test_slope_is_in_megabytes_a_minute_after_the_warm_up() -> None:
    at = [float(second) for second in range(100)]
    warm = [10**6 * second if second < 30 else 10**9 + 500_000 * second for second in range(100)]
    assert slope(at, warm) == pytest.approx(30.0)
