"""What git's failures mean: one clear line, a code, and whether trying again can help."""

from __future__ import annotations

import signal

from analysis.sources.records import SourceError


class GitFailed(SourceError):
    """git ended with an error."""


class GitTimeout(SourceError):
    """git took longer than allowed and was killed with all that it had started."""


_HINTS: tuple[tuple[str, str, str, bool], ...] = (
    (
        "No space left on device",
        "disk_full",
        "the disk is full: free some room and run again; what is stored stays",
        True,
    ),
    ("File too large", "too_large", "the repository is larger than allowed", False),
    (
        "Could not resolve host",
        "no_network",
        "the host cannot be reached: check the network and the address",
        True,
    ),
    (
        "Could not resolve proxy",
        "no_network",
        "the proxy cannot be reached: check the network",
        True,
    ),
    (
        "Failed to connect",
        "no_network",
        "no connection to the host: check the network",
        True,
    ),
    ("unable to access", "unreachable", "the repository cannot be reached", True),
    (
        "could not read Username",
        "not_found",
        "no such public repository (git asked for a login)",
        False,
    ),
    ("Repository not found", "not_found", "no such public repository", False),
    ("not found", "not_found", "no such repository", False),
    (
        "does not appear to be a git repository",
        "not_a_repository",
        "this is not a git repository",
        False,
    ),
    ("not a git repository", "not_a_repository", "this is not a git repository", False),
    (
        "not allowed",
        "protocol_refused",
        "this kind of address is refused: use https or a local path",
        False,
    ),
    (
        "out of memory",
        "too_large",
        "the repository needs more memory than allowed",
        False,
    ),
    (
        "missing",
        "objects_missing",
        "the repository lacks objects that it refers to",
        False,
    ),
    (
        "unable to read",
        "objects_missing",
        "the repository lacks objects that it refers to",
        False,
    ),
    (
        "bad object",
        "objects_missing",
        "the repository lacks objects that it refers to",
        False,
    ),
    ("corrupt", "objects_corrupt", "the repository holds damaged objects", False),
)


def failure(command: str, code: int, err: bytes) -> GitFailed:
    """One clear line out of what git wrote to its standard error."""
    lines = [line for line in err.decode("utf-8", "replace").splitlines() if line.strip()]
    told = next(
        (line for line in lines if line.startswith(("fatal:", "error:"))),
        lines[-1] if lines else f"exit {code}",
    )
    for needle, name, advice, retry in _HINTS:
        if needle.lower() in "\n".join(lines).lower():
            return GitFailed(f"{advice} ({told.strip()[:300]})", code=name, retry=retry)
    if code in (-signal.SIGXFSZ, -signal.SIGKILL):
        return GitFailed(f"git {command} was stopped by a limit", code="too_large")
    return GitFailed(f"git {command}: {told.strip()[:300]}", code="git_failed")
