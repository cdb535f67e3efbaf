"""Rate limits per key or address, with the RateLimit headers of the IETF draft."""

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from portfolio.rest.auth import principal

WINDOW = 60


def count(request: Any, who: str) -> bool:
    """Count a request of this caller; False once the minute's quota is used. The headers tell what is left."""
    quota = settings.ATTEST_API_RATE_ANONYMOUS if who.startswith("address:") else settings.ATTEST_API_RATE
    now = time.time()
    name = f"api-rate:{who}:{int(now // WINDOW)}"
    cache.add(name, 0, timeout=2 * WINDOW)
    try:
        used = cache.incr(name)
    except ValueError:  # the entry expired between the two calls: a new window began
        used = 1
    request.rate_limit = (quota, max(0, quota - used), int(WINDOW - now % WINDOW) + 1)
    return bool(used <= quota)


class PerCallerLimit(BaseThrottle):
    """So many requests a minute for a caller: fewer without a key than with one (ATTEST_API_RATE, …_ANONYMOUS)."""

    def allow_request(self, request: Request, view: Any) -> bool:
        allowed = count(request, principal(request))
        self.reset = WINDOW - time.time() % WINDOW
        return allowed

    def wait(self) -> float:
        return self.reset


def headers(request: Any) -> dict[str, str]:
    """The headers for a request that a limit looked at."""
    if not hasattr(request, "rate_limit"):
        return {}
    quota, remaining, reset = request.rate_limit
    return {"RateLimit-Policy": f'"minute";q={quota};w={WINDOW}', "RateLimit": f'"minute";r={remaining};t={reset}'}
