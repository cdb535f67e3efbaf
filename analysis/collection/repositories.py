"""From what a person types (path, https URL, owner/name) to the repository's row and its git source."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from analysis.collection.models import Repository
from analysis.sources.git import GitSource
from analysis.sources.git_process import Git, Limits
from analysis.sources.records import SourceError
from evidence.giturls import GitUrl, GitUrlRefused, check_git_url
from evidence.operator import outside_policy

_GITHUB = re.compile(r"(?:https://|git@|ssh://git@)github\.com[:/]([\w.-]+)/([\w.-]+?)(?:\.git)?/?$")
_UNTELLING = {"repo", "repo.git", "src", "source", "code", "git", "mirror", "checkout", ".git", "work"}
_SLUG = re.compile(r"[^A-Za-z0-9._+-]+")


@dataclass(frozen=True, slots=True)
class Located:
    """A source that was judged and may be opened: natural key and names of the repository, and where git finds it."""

    key: str
    name: str
    location: str
    web_url: str
    pin: str = ""


def mirrors() -> Path:
    """Where the mirrors lie."""
    return Path(settings.VAR_DIR) / "mirrors"


def locate(text: str, *, allow_local: bool) -> Located:
    """Judge what a person typed. Raises SourceError with one clear line; a local path only where `allow_local`."""
    try:
        found = check_git_url(text.strip(), allow_local=allow_local, policy=outside_policy())
    except GitUrlRefused as error:
        raise SourceError(str(error), code="source_refused") from error
    except (OSError, TimeoutError) as error:
        raise SourceError(
            f"the host of {text[:80]!r} does not answer: check the network and the address",
            code="no_network",
            retry=True,
        ) from error
    return _local(Path(found.url)) if found.kind == "path" else _remote(found)


def _remote(found: GitUrl) -> Located:
    path = found.url.split("://", 1)[1].split("/", 1)[1].strip("/").removesuffix(".git")
    key = f"{found.host}/{path}"[:300]
    web_url = f"https://{found.host}/{path}" if found.url.startswith("https://") else ""
    return Located(
        key=key.lower() if found.host == "github.com" else key,
        name=path[:200],
        location=found.url,
        web_url=web_url,
        pin=found.pin,
    )


def _local(path: Path) -> Located:
    top = path.parent if path.name == ".git" else path
    told = top.name if top.name not in _UNTELLING else top.parent.name
    name = _SLUG.sub("-", told.removesuffix(".git")).strip("-.") or "repository"
    owner = _GITHUB.match(_origin(top))
    key = name
    if Repository.objects.filter(key=key).exclude(url=str(path)).exists():
        key = f"{name}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    return Located(
        key=key,
        name=f"{owner[1]}/{owner[2]}" if owner else name,
        location=str(path),
        web_url=f"https://github.com/{owner[1]}/{owner[2]}" if owner else "",
    )


def _origin(path: Path) -> str:
    """Where a local clone says that it came from; "" when it does not say. Only for a link on the page."""
    mirrors().mkdir(parents=True, exist_ok=True)
    try:
        told = Git(home=mirrors(), limits=Limits(seconds=20)).run(
            "-C", str(path), "config", "--get", "remote.origin.url"
        )
    except SourceError:
        return ""
    return told.decode("utf-8", "replace").strip()


def repository_of(located: Located) -> Repository:
    """The row, made on first sight."""
    row, created = Repository.objects.get_or_create(
        key=located.key, defaults={"name": located.name, "url": located.location, "web_url": located.web_url}
    )
    if not created and row.url != located.location:
        row.url = located.location
        row.save(update_fields=["url"])
    return row


def git_source(located: Located, progress: Callable[[int, int | None, str], None] | None = None) -> GitSource:
    """The git source of a located repository, with the operator's limits."""
    limits = Limits(
        seconds=float(getattr(settings, "ATTEST_GIT_SECONDS", 3600)),
        memory=int(getattr(settings, "ATTEST_GIT_MEMORY", 4 << 30)),
        file_size=int(getattr(settings, "ATTEST_GIT_FILE_SIZE", 20 << 30)),
    )
    return GitSource(located.location, mirrors(), pin=located.pin, limits=limits, progress=progress)


def located_again(repository: Repository) -> Located:
    """Judge a stored repository's address again: DNS may say something else by now."""
    located = locate(repository.url, allow_local="://" not in repository.url)
    return Located(repository.key, repository.name, located.location, repository.web_url, located.pin)
