"""GitHub's rate limits, counted for each token by the replica's clock."""

import datetime as dt
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from tests.replica.world import Clock, Token, stamp

HOUR = 3600
POINTS_A_MINUTE = 2000
SECONDS_OF_CPU_A_MINUTE = 60.0


@dataclass
class Usage:
    """What one token has used in the running hour and in the last minute."""

    used: int = 0
    reset: float = 0.0
    minute: deque[tuple[float, int, float]] = field(default_factory=deque)


class Limits:
    """Hourly points and per-minute points and CPU for GraphQL and REST."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._usage: dict[tuple[str, str], Usage] = defaultdict(Usage)

    def usage(self, key: str, resource: str) -> Usage:
        """The running hour's usage; a new hour starts when the old one is over."""
        usage = self._usage[key, resource]
        if usage.reset <= self.clock.now():
            usage.used, usage.reset = 0, self.clock.now() + HOUR
        return usage

    def spend(self, key: str, resource: str, points: int, cpu: float = 0.0) -> None:
        """Deduct points now."""
        usage = self.usage(key, resource)
        usage.used += points
        usage.minute.append((self.clock.now(), points, cpu))

    def remaining(self, key: str, resource: str, token: Token) -> int:
        """Points left in the hour."""
        return max(0, token.limit - self.usage(key, resource).used)

    def too_fast(self, key: str, resource: str) -> bool:
        """Whether the last minute's points or CPU are spent (the secondary limit)."""
        minute = self.usage(key, resource).minute
        while minute and minute[0][0] <= self.clock.now() - 60:
            minute.popleft()
        return (
            sum(p for _, p, _ in minute) >= POINTS_A_MINUTE or sum(c for _, _, c in minute) >= SECONDS_OF_CPU_A_MINUTE
        )

    def headers(self, key: str, resource: str, token: Token) -> dict[str, str]:
        """The x-ratelimit-* headers of an answer."""
        usage = self.usage(key, resource)
        return {
            "x-ratelimit-limit": str(token.limit),
            "x-ratelimit-remaining": str(self.remaining(key, resource, token)),
            "x-ratelimit-used": str(usage.used),
            "x-ratelimit-reset": str(int(usage.reset)),
            "x-ratelimit-resource": resource,
        }

    def graphql_rate(self, key: str, token: Token, cost: int, nodes: int) -> dict[str, Any]:
        """The rateLimit object as a query would see it after being charged."""
        usage = self.usage(key, "graphql")
        return {
            "__typename": "RateLimit",
            "cost": cost,
            "limit": token.limit,
            "nodeCount": nodes,
            "remaining": self.remaining(key, "graphql", token),
            "resetAt": stamp(dt.datetime.fromtimestamp(int(usage.reset), dt.UTC)),
            "used": usage.used,
        }
