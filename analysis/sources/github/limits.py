"""When to ask again: GitHub's rules for an answer that refuses, in their order, as one pure function.

1. `Retry-After` counts first. 2. Else, if nothing remains of the hour, wait for `x-ratelimit-reset`. 3. Else (a
secondary limit without a hint) wait a minute, doubled for each refusal in a row, and give up after `STRIKES`.
A little jitter is added, never taken away, so that several workers do not come back at once.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

STRIKES = 7
JITTER = 0.1
LONGEST = timedelta(hours=2)


@dataclass(frozen=True)
class Wait:
    """Until when, and whether it is the hourly limit (then only this token waits) or the secondary one."""

    until: datetime
    hourly: bool


def budget(headers: Mapping[str, str]) -> tuple[int | None, datetime | None]:
    """(points remaining, time of reset) as the headers tell, or Nones."""
    try:
        remaining = int(headers["x-ratelimit-remaining"])
        reset = datetime.fromtimestamp(int(headers["x-ratelimit-reset"]), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return None, None
    return remaining, reset


def is_limit(status: int, headers: Mapping[str, str], body: Any) -> bool:
    """Whether an answer says that a limit is reached (GraphQL says so with status 200 as well)."""
    if status == 429 or (status in (200, 403) and "retry-after" in headers):
        return True
    remaining, _ = budget(headers)
    message = ""
    if isinstance(body, dict):
        errors = body.get("errors") or []
        if any(isinstance(e, dict) and e.get("type") == "RATE_LIMITED" for e in errors):
            return True
        message = " ".join([str(body.get("message", ""))] + [str(e.get("message", "")) for e in errors]).lower()
    limited = "rate limit" in message or "abuse detection" in message
    return limited or (status == 403 and remaining == 0)


def wait_for(headers: Mapping[str, str], now: datetime, strikes: int, jitter: random.Random) -> Wait:
    """When to ask again after a refusal; `strikes` counts the secondary refusals in a row before this one."""
    after = _retry_after(headers, now)
    remaining, reset = budget(headers)
    if after is not None:
        return Wait(now + min(_jittered(after, jitter), LONGEST), hourly=False)
    if remaining == 0 and reset is not None:
        return Wait(max(reset, now) + timedelta(seconds=1 + jitter.random() * 5), hourly=True)
    minutes = timedelta(seconds=60 * 2**strikes)
    return Wait(now + min(_jittered(minutes, jitter), LONGEST), hourly=False)


def _retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    text = headers.get("retry-after", "")
    return timedelta(seconds=int(text)) if text.isdecimal() else None


def _jittered(wait: timedelta, jitter: random.Random) -> timedelta:
    return wait * (1 + JITTER * jitter.random())
