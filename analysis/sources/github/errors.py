"""What can go wrong with GitHub, as one tree. Each message says what happened and what to do, in one line.

GitHubError (a SourceError)
├── TokenRefused       401: wrong, expired or revoked                    connect again
├── TokenWithoutRights the token may not read this                       give it the right
├── SsoRequired        the organisation wants the token authorised       authorise it
├── RepositoryNotFound no such repository, or hidden from this token     check the name, or the token
├── RateLimited        wait until a time; the job is put off, nothing waits in memory
├── Unavailable        time-outs, 5xx, cut or unreadable answers after some tries: put off as well
├── CursorLost         the pages do not end or their cursor is refused, twice
└── QueryRefused       GitHub refuses our query: a defect of ours
"""

from datetime import datetime

from analysis.sources.records import SourceError


class GitHubError(SourceError):
    """Anything that stops a collection from GitHub."""

    code_name = "github_error"
    may_retry = False

    def __init__(self, message: str) -> None:
        super().__init__(message, code=self.code_name, retry=self.may_retry)


class TokenRefused(GitHubError):
    """GitHub does not accept the token."""

    code_name = "github_token_refused"


class TokenWithoutRights(GitHubError):
    """The token is valid but may not read what was asked for."""

    code_name = "github_token_without_rights"


class SsoRequired(GitHubError):
    """The organisation protects its repositories with single sign-on."""

    code_name = "github_sso_required"


class RepositoryNotFound(GitHubError):
    """There is no such repository, or the token cannot see it; GitHub does not tell which."""

    code_name = "github_repository_not_found"


class QueryRefused(GitHubError):
    """GitHub refused the query itself."""

    code_name = "github_query_refused"


class Postponed(GitHubError):
    """Try again at `until` (aware, UTC) or later; what was collected so far is kept."""

    may_retry = True

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class RateLimited(Postponed):
    """A limit of GitHub is reached on every token."""

    code_name = "github_rate_limited"


class Unavailable(Postponed):
    """GitHub did not answer, or not with anything that can be read."""

    code_name = "github_unavailable"


class CursorLost(Postponed):
    """Paging went in circles or its cursor expired, even after a fresh start."""

    code_name = "github_cursor_lost"


class PageTooHeavy(Exception):
    """GitHub timed out on a page (502, 504): ask for a smaller one."""


class CursorRefused(Exception):
    """GitHub does not know the cursor any more."""
