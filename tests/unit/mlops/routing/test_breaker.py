from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mlops.routing.breaker import MAX_COOL_DOWN, PROBE_LEASE, Breaker, MemoryBreakers, after_failure, after_success


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_three_failures_in_a_row_open_it_and_one_probe_closes_it() -> None:
    clock = Clock()
    store = MemoryBreakers(clock)
    for _ in range(3):
        assert store.permit("t")
        store.failure("t", "timeout")
    assert not store.permit("t")
    clock.now += 6
    assert store.permit("t")
    assert not store.permit("t"), "only one caller holds the probe"
    store.success("t")
    assert store.permit("t") and store.permit("t")


def test_a_failed_probe_doubles_the_wait_up_to_a_limit() -> None:
    breaker = Breaker("half_open")
    waits = []
    for _ in range(10):
        breaker = replace(after_failure(breaker, "timeout"), state="half_open")
        waits.append(breaker.wait)
    assert waits[:3] == [10.0, 20.0, 40.0]
    assert waits[-1] == MAX_COOL_DOWN


def test_a_probe_that_never_reports_does_not_stick() -> None:
    clock = Clock()
    store = MemoryBreakers(clock)
    store.failure("t", "auth")
    clock.now += MAX_COOL_DOWN + 1
    assert store.permit("t")
    clock.now += PROBE_LEASE + 1
    assert store.permit("t")


def test_every_second_call_failing_opens_and_one_in_four_does_not() -> None:
    def run(pattern: str) -> str:
        breaker = Breaker()
        for letter in pattern:
            breaker = after_failure(breaker, "server") if letter == "F" else after_success(breaker)
            if breaker.state == "open":
                break
        return breaker.state

    assert run("FS" * 40) == "open"
    assert run("FSSS" * 40) == "closed"


def test_harmless_failures_leave_it_alone_and_a_wait_is_honoured() -> None:
    assert after_failure(Breaker(), "refused") == Breaker()
    asked = after_failure(Breaker(), "rate_limited", 17.0)
    assert (asked.state, asked.wait, asked.score) == ("open", 17.0, 0.0)


@given(st.lists(st.sampled_from(["ok", "timeout", "auth", "rate_limited", "refused", "wait"]), max_size=60))
def test_it_is_never_stuck(events: list[str]) -> None:
    clock = Clock()
    store = MemoryBreakers(clock)
    for event in events:
        if event == "wait":
            clock.now += 3
        elif store.permit("t"):
            if event == "ok":
                store.success("t")
            else:
                store.failure("t", event)
    clock.now += MAX_COOL_DOWN + 1
    assert store.permit("t")
