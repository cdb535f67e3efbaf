"""Addresses that may be handed to git (no Django here).

git understands far more than web addresses: ``ext::`` runs a command, a leading dash is an option, ``file://`` reads
this machine. Only https addresses at public hosts pass; a local path passes where an operator names it on the command
line, and never from the web.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from evidence.addresses import AddressRefused, Policy, judge

_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9_.-]{1,100}")
_PATH = re.compile(r"(?:/[A-Za-z0-9_.~+%@-]+)+/?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_MAX_LENGTH = 2048


class GitUrlRefused(ValueError):
    """The address may not be given to git; the message says why and what would be accepted."""


@dataclass(frozen=True, slots=True)
class GitUrl:
    """An address that git may use. ``kind`` is "https" (also for allow-listed http) or "path".

    ``addresses`` are the judged IP addresses of ``host``: pass ``pin`` to git as ``-c http.curloptResolve=<pin>`` so
    that a second DNS answer changes nothing.
    """

    kind: str
    url: str
    host: str = ""
    port: int = 0
    addresses: tuple[str, ...] = ()

    @property
    def pin(self) -> str:
        """``host:port:address,…`` in the form of curl's --resolve; "" for a path."""
        if not self.addresses:
            return ""
        shown = ",".join(f"[{address}]" if ":" in address else address for address in self.addresses)
        return f"{self.host}:{self.port}:{shown}"


def check_git_url(text: str, *, allow_local: bool = False, policy: Policy | None = None) -> GitUrl:
    """Return the address as git may have it.

    Accepts ``https://host/path``, ``owner/name`` (GitHub), and with ``allow_local`` an existing local path. Raises
    GitUrlRefused; OSError or TimeoutError when the host does not resolve.
    """
    _require_plain_text(text)
    if allow_local and not _SCHEME.match(text) and "::" not in text:
        local = Path(text).expanduser()
        if local.exists():
            return GitUrl("path", str(local.resolve()))
    if text.startswith("-"):
        raise GitUrlRefused(f"{text[:40]!r} begins with a dash and would be read as an option")
    if _SHORT.fullmatch(text) and ".." not in text:
        text = f"https://github.com/{text}"
    if not _SCHEME.match(text):
        raise GitUrlRefused(_unaccepted(text, allow_local))
    return _web(text, policy or Policy())


def _require_plain_text(text: str) -> None:
    if not text or len(text) > _MAX_LENGTH:
        raise GitUrlRefused("the address is empty or longer than 2,048 characters")
    if any(ord(character) < 33 or ord(character) == 127 for character in text.replace(" ", "x")):
        raise GitUrlRefused("the address contains control characters")


def _unaccepted(text: str, allow_local: bool) -> str:
    accepted = "https://host/path, owner/name" + (" or an existing local path" if allow_local else "")
    return f"{text[:80]!r} is not an address that is accepted here: use {accepted}"


def _web(text: str, policy: Policy) -> GitUrl:
    try:
        parts = urlsplit(text)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError as error:
        raise GitUrlRefused(f"the address cannot be read: {error}") from error
    host = (parts.hostname or "").lower()
    allowed = policy.is_allowed(host, port) and parts.scheme in ("http", "https")
    if not allowed and (parts.scheme != "https" or port != 443):
        raise GitUrlRefused(f"{parts.scheme}:// on port {port} is not accepted: use https on port 443")
    if "@" in parts.netloc:
        raise GitUrlRefused("an address must not carry a user name or password: tokens belong in the environment")
    if parts.query or parts.fragment or "\\" in text:
        raise GitUrlRefused("an address must not carry a query, a fragment or a backslash")
    if not _PATH.fullmatch(parts.path) or "/../" in parts.path + "/" or "/-" in parts.path:
        raise GitUrlRefused("the path of the address holds characters that a repository address does not have")
    try:
        addresses = judge(host, port, policy)
    except AddressRefused as error:
        raise GitUrlRefused(str(error)) from error
    return GitUrl("https", text, host, port, tuple(addresses))
