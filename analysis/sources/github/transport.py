"""One GraphQL call: send it within a deadline, read the whole answer, and judge it by GitHub's rules.

Nothing sleeps here. What must wait raises Postponed with a time, and the job is put off until then.
"""

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from analysis.sources.github.cost import points
from analysis.sources.github.documents import document
from analysis.sources.github.errors import (
    CursorRefused,
    PageTooHeavy,
    QueryRefused,
    RepositoryNotFound,
    SsoRequired,
    TokenWithoutRights,
    Unavailable,
)
from analysis.sources.github.limits import STRIKES, budget, is_limit, wait_for
from analysis.sources.github.tokens import Token, TokenPool

DEADLINE_SECONDS = 30.0
"""GitHub gives up after ten seconds itself; the rest is for a slow line."""
TRIES = 3
"""How often a cut or late answer is asked for again at once before the job is put off."""
PAUSE = timedelta(minutes=2)
AGENT = "attest (https://docs.github.com/graphql)"


@dataclass(frozen=True)
class Answer:
    """The data of one call, the nodes that GitHub failed to give (as paths), and what it cost."""

    data: dict[str, Any]
    failed: tuple[tuple[str | int, ...], ...] = ()
    cost: int = 0


class Api:
    """GitHub's GraphQL endpoint. `http` must be the safe client (its base URL unused); counts calls and points.

    `strikes` is how many secondary limits in a row a run has met before; it survives in the source's cursor.
    """

    def __init__(
        self,
        http: httpx.Client,
        tokens: TokenPool,
        graphql_url: str,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: random.Random | None = None,
        deadline: float = DEADLINE_SECONDS,
        strikes: int = 0,
    ) -> None:
        self._http, self._tokens, self._url, self.now = http, tokens, graphql_url, now
        self._jitter = jitter or random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._deadline = deadline
        self.strikes = strikes
        self.calls = 0
        self.points = 0

    @property
    def left(self) -> int | None:
        """Points of the hourly budget that are left over all tokens, as GitHub last said; None before it did."""
        return self._tokens.remaining

    def call(self, name: str, variables: dict[str, Any], repository: str = "") -> Answer:
        """Run the query of a .graphql file; `repository` is named in messages."""
        body = {"query": document(name), "operationName": _operation(name), "variables": variables}
        price = points(document(name), variables)
        troubles: list[str] = []
        while len(troubles) < TRIES:
            token = self._tokens.choose(price)
            try:
                response = self._send(token, body)
                found = _json(response)
            except (httpx.TimeoutException, httpx.NetworkError, httpx.ProtocolError, httpx.DecodingError) as error:
                troubles.append(type(error).__name__)
                continue
            except ValueError:
                if response.status_code in (502, 504):
                    raise PageTooHeavy from None
                troubles.append(f"status {response.status_code} without JSON")
                continue
            self._tokens.told(token, *budget(response.headers))
            if self._refused(token, response, found):
                continue
            answer = self._judge(response, found, repository)
            if answer is not None:
                return answer
            troubles.append(f"status {response.status_code}")
        raise Unavailable(
            f"GitHub does not answer properly ({', '.join(troubles)}); it is asked again in "
            f"{PAUSE.seconds // 60} minutes. What was collected is kept.",
            self.now() + PAUSE,
        )

    def _send(self, token: Token, body: dict[str, Any]) -> httpx.Response:
        self.calls += 1
        headers = {"Authorization": f"bearer {token.secret}", "User-Agent": AGENT, "X-Github-Next-Global-ID": "1"}
        extensions = {"deadline": time.monotonic() + self._deadline}
        return self._http.post(self._url, json=body, headers=headers, extensions=extensions)

    def _refused(self, token: Token, response: httpx.Response, body: Any) -> bool:
        """Whether this token may not go on; the next choice takes another, or raises what stops the run."""
        if response.status_code == 401:
            token.refused = True
            return True
        if is_limit(response.status_code, response.headers, body):
            self._refused_by_limit(token, response)
            return True
        return False

    def _judge(self, response: httpx.Response, body: Any, repository: str) -> Answer | None:
        """An answer, or None to try again at once after a passing fault."""
        status = response.status_code
        if status in (502, 504):
            raise PageTooHeavy
        if "x-github-sso" in response.headers and (status == 403 or _has_error(body, "FORBIDDEN")):
            raise SsoRequired(_sso_message(response.headers["x-github-sso"], repository))
        if status in (403, 404):
            raise TokenWithoutRights(_rights_message(repository))
        if status != 200 or not isinstance(body, dict):
            return None
        return self._read(body, repository)

    def _refused_by_limit(self, token: Token, response: httpx.Response) -> None:
        """Block the token until GitHub's time; raises Unavailable after too many refusals in a row."""
        now = self.now()
        wait = wait_for(response.headers, now, self.strikes, self._jitter)
        token.blocked_until = wait.until
        if not wait.hourly:
            self.strikes += 1
            if self.strikes >= STRIKES:
                raise Unavailable(
                    f"GitHub has refused {STRIKES} times in a row for going too fast; collection stops and tries again "
                    f"at {wait.until:%Y-%m-%d %H:%M} UTC. Is the token used by another program as well?",
                    wait.until,
                )

    def _read(self, body: dict[str, Any], repository: str) -> Answer:
        errors = [e for e in body.get("errors") or [] if isinstance(e, dict)]
        data = body.get("data")
        failed = [tuple(e["path"]) for e in errors if e.get("path")]
        nested = [path for path in failed if len(path) > 2 or path[0] in ("nodes", "node")]
        if isinstance(data, dict) and len(nested) == len(errors):
            self.strikes = 0
            cost = int((data.get("rateLimit") or {}).get("cost") or 0)
            self.points += cost
            return Answer(data, tuple(nested), cost)
        raise _error(errors, repository)


def _error(errors: list[dict[str, Any]], repository: str) -> Exception:
    """The error that an answer without usable data stands for."""
    kinds = {str(e.get("type") or (e.get("extensions") or {}).get("code") or "") for e in errors}
    words = "; ".join(str(e.get("message", "")) for e in errors)[:300]
    if "NOT_FOUND" in kinds:
        return RepositoryNotFound(
            f"GitHub shows no repository {repository} to this token: it does not exist, was deleted, or is private. "
            "Check the spelling; for a private repository give the token access to it. What was collected is kept."
        )
    if any((e.get("extensions") or {}).get("saml_failure") for e in errors):
        return SsoRequired(_sso_message("", repository))
    if kinds & {"FORBIDDEN", "INSUFFICIENT_SCOPES"}:
        return TokenWithoutRights(_rights_message(repository))
    if kinds & {"INVALID_CURSOR_ARGUMENTS"} or "valid cursor" in words:
        return CursorRefused(words)
    if kinds & {"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED"} or "timeout" in words.lower():
        return PageTooHeavy(words)
    return QueryRefused(f"GitHub refused the query of {repository}: {words or 'no data and no reason'}")


def _rights_message(repository: str) -> str:
    return (
        f"The token may not read the pull requests of {repository}. A fine-grained token needs the repository selected "
        "and “Pull requests: read”; a classic one needs the scope “repo” for private repositories. Change it at "
        "github.com/settings/tokens and collect again; what was collected is kept."
    )


def _sso_message(header: str, repository: str) -> str:
    place = header.partition("url=")[2] or "github.com/settings/tokens (Configure SSO)"
    return (
        f"The organisation of {repository} requires single sign-on for tokens. Authorise the token at {place} and "
        "collect again; what was collected is kept."
    )


def _has_error(body: Any, kind: str) -> bool:
    errors: Sequence[Any] = body.get("errors") or [] if isinstance(body, dict) else []
    return any(isinstance(e, dict) and e.get("type") == kind for e in errors)


def _operation(name: str) -> str:
    """The operation's name of a file: pulls_core holds PullsCore."""
    return "".join(part.title() for part in name.split("_"))


def _json(response: httpx.Response) -> Any:
    """The body as JSON; ValueError for anything else, wrong encodings and absurd nesting included."""
    try:
        return json.loads(response.content)
    except RecursionError:
        raise ValueError("nested too deep") from None
