"""The order of waiting, and the choice of tokens."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from analysis.sources.github.errors import RateLimited, TokenRefused
from analysis.sources.github.limits import budget, is_limit, wait_for
from analysis.sources.github.pages import PageSize
from analysis.sources.github.tokens import TokenPool

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RESET = NOW + timedelta(minutes=40)
SPENT = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(RESET.timestamp()))}


class Always(random.Random):
    def random(self) -> float:
        return 0.5


def test_retry_after_counts_before_the_hour() -> None:
    wait = wait_for(SPENT | {"retry-after": "60"}, NOW, 0, Always())
    assert wait.until == NOW + timedelta(seconds=60 * 1.05)
    assert not wait.hourly


def test_a_spent_hour_waits_for_its_reset() -> None:
    wait = wait_for(SPENT, NOW, 3, Always())
    assert RESET < wait.until <= RESET + timedelta(seconds=6)
    assert wait.hourly


@pytest.mark.parametrize(("strikes", "minutes"), [(0, 1), (1, 2), (2, 4), (5, 32)])
def test_a_secondary_limit_waits_a_minute_and_then_twice_as_long(strikes: int, minutes: int) -> None:
    wait = wait_for({}, NOW, strikes, Always())
    assert wait.until == NOW + timedelta(minutes=minutes) * 1.05


@pytest.mark.parametrize("headers", [{}, {"x-ratelimit-remaining": "x", "x-ratelimit-reset": "y"}])
def test_headers_that_say_nothing_are_no_budget(headers: dict[str, str]) -> None:
    assert budget(headers) == (None, None)


@pytest.mark.parametrize(
    ("status", "headers", "body", "limited"),
    [
        (200, {}, {"errors": [{"type": "RATE_LIMITED", "message": "x"}]}, True),
        (200, {}, {"errors": [{"message": "You have exceeded a secondary rate limit."}]}, True),
        (403, {}, {"message": "You have exceeded a secondary rate limit"}, True),
        (403, SPENT, {"message": "Forbidden"}, True),
        (403, {}, {"message": "Resource not accessible"}, False),
        (429, {}, None, True),
        (200, {}, {"data": {}}, False),
    ],
)
def test_what_is_a_limit(status: int, headers: dict[str, str], body: object, limited: bool) -> None:
    assert is_limit(status, headers, body) is limited


def test_the_token_with_the_most_left_goes_first_and_all_spent_means_wait_for_the_first() -> None:
    pool = TokenPool(["one", "two"], lambda: NOW)
    first = pool.choose()
    pool.told(first, 10, RESET)
    second = pool.choose()
    assert second is not first
    pool.told(second, 500, RESET + timedelta(minutes=5))
    assert pool.choose() is second
    pool.told(second, 3, RESET + timedelta(minutes=5))
    with pytest.raises(RateLimited) as caught:
        pool.choose(price=50)
    assert caught.value.until == RESET
    assert "it can be asked again at 2026-03-01 12:40:00 UTC" in str(caught.value)


def test_a_token_never_shows_itself() -> None:
    pool = TokenPool(["ghp_made_up_secret"], lambda: NOW)
    assert "made_up" not in repr(pool.choose())
    pool.choose().refused = True
    with pytest.raises(TokenRefused) as caught:
        pool.choose()
    assert "made_up" not in str(caught.value)
    assert "GITHUB_TOKEN" in str(caught.value)


def test_pages_halve_at_once_and_grow_slowly() -> None:
    page = PageSize()
    sizes = []
    for good in (False, False, True, True, True, True, True, True):
        if good:
            page.went_well()
        else:
            page.shrink()
        sizes.append(page.size)
    assert sizes == [24, 12, 12, 12, 15, 15, 15, 18]
    assert not PageSize(1).shrink()
