"""Rate limits per key or address, with the RateLimit headers of the IETF draft."""

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from portfolio.rest.auth import principal

WINDOW = 60


class PerCallerLimit(BaseThrottle):
    """So many requests a minute for a caller: fewer without a key than with one (ATTEST_API_RATE, …_ANONYMOUS)."""

    def allow_request(self, request: Request, view: Any) -> bool:
        who = principal(request)
        quota = settings.ATTEST_API_RATE_ANONYMOUS if who.startswith("address:") else settings.ATTEST_API_RATE
        now = time.time()
        window = int(now // WINDOW)
        name = f"api-rate:{who}:{window}"
        cache.add(name, 0, timeout=2 * WINDOW)
        try:
            used = cache.incr(name)
        except ValueError:  # the entry expired between the two calls: a new window began
            used = 1
        self.reset = WINDOW - now % WINDOW
        request.rate_limit = (quota, max(0, quota - used), int(self.reset) + 1)  # type: ignore[attr-defined]  # read by ApiView
        return bool(used <= quota)

    def wait(self) -> float:
        return self.reset


def headers(request: Any) -> dict[str, str]:
    """The headers for a request that a limit looked at."""
    if not hasattr(request, "rate_limit"):
        return {}
    quota, remaining, reset = request.rate_limit
    return {"RateLimit-Policy": f'"minute";q={quota};w={WINDOW}', "RateLimit": f'"minute";r={remaining};t={reset}'}
