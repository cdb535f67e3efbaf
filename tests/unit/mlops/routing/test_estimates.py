from hypothesis import given
from hypothesis import strategies as st

from mlops.providers.protocol import Completion, Message
from mlops.routing.estimates import Latencies, bound_in, charge
from mlops.routing.records import TargetSpec

TARGET = TargetSpec("t", "openai", price_in=1_000_000, price_out=2_000_000)
ASKED = (Message("user", "word " * 100),)


def test_a_plausible_count_is_believed() -> None:
    bill = charge(TARGET, ASKED, Completion("answer " * 10, 120, 12), 100)
    assert (bill.amount, bill.usage) == ((120 + 24) * 1000, "reported")


def test_no_count_or_too_low_a_count_is_charged_at_the_bound() -> None:
    most = bound_in(ASKED)
    missing = charge(TARGET, ASKED, Completion("answer"), 100)
    lying = charge(TARGET, ASKED, Completion("answer " * 40, 0, 0), 100)
    assert (missing.usage, missing.tokens_in) == ("estimated", most)
    assert (lying.usage, lying.tokens_in) == ("disputed", most)


def test_too_high_a_count_is_charged_as_it_may_be_billed_and_disputed() -> None:
    bill = charge(TARGET, ASKED, Completion("x", 1_000_000, 5), 100)
    assert bill.usage == "disputed"
    assert bill.amount == 1_000_010 * 1000


@given(st.text(max_size=200), st.integers(0, 10_000) | st.none(), st.integers(0, 10_000) | st.none())
def test_the_charge_is_never_below_the_plausible_minimum(
    text: str, given_in: int | None, given_out: int | None
) -> None:
    bill = charge(TARGET, ASKED, Completion(text, given_in, given_out), 500)
    assert bill.amount >= TARGET.cost(len(ASKED[0].content) // 16, len(text) // 16)


def test_prices_round_up() -> None:
    assert TargetSpec("t", "openai", price_in=37_500).cost(1, 0) == 38


def test_quantiles_start_at_the_prior_and_follow_what_is_seen() -> None:
    book = Latencies()
    target = TargetSpec("t", "openai", prior_latency=2.0)
    assert book.quantiles(target) == (2.0, 6.0)
    for _ in range(200):
        book.add("t", 0.1)
    median, high = book.quantiles(target)
    assert 0.08 < median < 0.12 and high < 0.13
    for _ in range(200):
        book.add("t", 1.0)
    assert 0.8 < book.quantiles(target)[0] < 1.2, "the past fades"
