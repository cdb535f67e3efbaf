"""Several access tokens and what is left of each. A token's text never appears in a repr, a message or a log."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from analysis.sources.github.errors import RateLimited, TokenRefused

CONNECT = (
    "GitHub refuses the access token (401: wrong, expired or revoked). Make a new one at github.com/settings/tokens, "
    "put it into GITHUB_TOKEN and collect again; what was collected is kept."
)
MISSING = (
    "GitHub's API needs an access token and GITHUB_TOKEN is empty. Make one at github.com/settings/tokens (read access "
    "to pull requests is enough) and set GITHUB_TOKEN, or collect from git alone."
)


@dataclass
class Token:
    """One token with its budget as GitHub last told it. `remaining` None means not told yet."""

    secret: str = field(repr=False)
    remaining: int | None = None
    reset: datetime | None = None
    blocked_until: datetime | None = None
    refused: bool = False


class TokenPool:
    """Chooses the token with the most left, and knows when the next one is free."""

    def __init__(self, secrets: Sequence[str], now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._tokens = [Token(s.strip()) for s in secrets if s.strip()]
        self._now = now

    def choose(self, price: int = 1) -> Token:
        """The token with the most left that can pay `price` points now.

        Raises TokenRefused when none is valid, RateLimited when all must wait.
        """
        if not self._tokens:
            raise TokenRefused(MISSING)
        valid = [t for t in self._tokens if not t.refused]
        if not valid:
            raise TokenRefused(CONNECT)
        free = [t for t in valid if self._free_at(t, price) <= self._now()]
        if not free:
            until = min(self._free_at(t, price) for t in valid)
            raise RateLimited(limit_message(until), until)
        return max(free, key=lambda t: 1_000_000 if t.remaining is None else t.remaining)

    def _free_at(self, token: Token, price: int) -> datetime:
        waits = [token.blocked_until] if token.blocked_until else []
        if token.remaining is not None and token.remaining < price and token.reset:
            waits.append(token.reset)
        return max(waits, default=datetime.min.replace(tzinfo=UTC))

    def told(self, token: Token, remaining: int | None, reset: datetime | None) -> None:
        """Note what an answer said about a token's budget."""
        if remaining is not None and reset is not None:
            token.remaining, token.reset = remaining, reset

    @property
    def remaining(self) -> int | None:
        """Points left over all valid tokens, None before any is known."""
        known = [t.remaining for t in self._tokens if t.remaining is not None and not t.refused]
        return sum(known) if known else None


def limit_message(until: datetime) -> str:
    """What a person reads when a limit is reached."""
    return (
        f"A limit of GitHub is reached on every token; it can be asked again at {until:%Y-%m-%d %H:%M:%S} UTC. What "
        "was collected is kept. With another person's token in GITHUB_TOKEN (separated by a comma) it goes on at once."
    )
