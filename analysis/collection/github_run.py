"""One collection from GitHub into the database: builds the source from the settings, and notes what became of it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analysis.collection.decisions import see_private
from analysis.collection.github_models import GitHubRepository
from analysis.collection.models import Collection, Repository
from analysis.collection.part_models import Provenance
from analysis.collection.pipeline import Guard, Progress, collect
from analysis.sources.github import Api, GitHubSource, TokenPool
from analysis.sources.github.errors import RepositoryNotFound
from analysis.sources.records import SourceError
from evidence.operator import outside_policy
from evidence.outside import client

NAME = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))/([A-Za-z0-9._-]{1,100})")
PUBLIC_API = "https://api.github.com"
GONE = "GitHub shows it no longer: deleted, made private, or out of the token's reach"


def enabled() -> bool:
    """Whether a token is set, without which GraphQL answers nothing."""
    return any(token.strip() for token in settings.GITHUB_TOKENS)


def web_host() -> str:
    """The host of the pages that belong to the API: github.com, or the Enterprise server's."""
    if settings.GITHUB_API_URL.rstrip("/") == PUBLIC_API:
        return "github.com"
    return urlsplit(settings.GITHUB_API_URL).netloc or "github.com"


def graphql_url() -> str:
    """Where queries go: /graphql below the API, which on Enterprise is /api/graphql beside /api/v3."""
    return settings.GITHUB_API_URL.rstrip("/").removesuffix("/v3") + "/graphql"


def name_of(repository: Repository) -> str:
    """owner/name on GitHub, "" for a repository that is not there. A rename is followed."""
    known = GitHubRepository.objects.filter(repository=repository).values_list("full_name", flat=True).first()
    if known:
        return known
    host, _, name = repository.key.partition("/")
    return name if host == web_host() and NAME.fullmatch(name) else ""


def find_on_github(text: str) -> Repository | None:
    """The repository that owner/name means on the operator's own GitHub (Enterprise); None on the public one.

    There git itself finds it; here the name alone would be sought on github.com. A path of that name goes first.
    """
    if settings.GITHUB_API_URL.rstrip("/") == PUBLIC_API or not NAME.fullmatch(text) or Path(text).exists():
        return None
    return repository_on_github(text)


def repository_on_github(full_name: str) -> Repository:
    """The row of owner/name, made on first sight. Raises SourceError for anything that is no such name."""
    if not NAME.fullmatch(full_name) or full_name.endswith((".", "/")):
        raise SourceError(f"{full_name[:100]!r} is no owner/name of GitHub", code="source_refused")
    renamed = GitHubRepository.objects.filter(full_name__iexact=full_name).select_related("repository").first()
    if renamed:
        return renamed.repository
    web = f"https://{web_host()}/{full_name}"
    row, _ = Repository.objects.get_or_create(
        key=f"{web_host()}/{full_name}".lower(), defaults={"name": full_name, "url": web, "web_url": web}
    )
    return row


def collect_github(
    repository: Repository, *, profile: str = "full", repair: bool = False, reconcile: bool = False,
    progress: Progress | None = None, guard: Guard | None = None,
) -> Collection:  # fmt: skip
    """Collect the pulls of a repository and return the ledger.

    With `repair` only what the ledger calls missing or incomplete is fetched; with `reconcile` every number is
    compared. Raises GitHubError; one that is Postponed says until when, and what came before it is stored.
    """
    name = name_of(repository)
    if not name:
        raise SourceError(f"{repository.name} is not on {web_host()}, so its API has nothing to say", code="no_github")
    with client(outside_policy(max_bytes=64 * 1024 * 1024)) as http:
        api = Api(http, TokenPool(settings.GITHUB_TOKENS), graphql_url())
        wanted = _incomplete(repository) if repair else None
        source = GitHubSource(api, name, profile=profile, repair=wanted, reconcile=reconcile, progress=progress)
        try:
            ledger = collect(repository, source, progress, guard)
        except RepositoryNotFound:
            _lost(repository)
            raise
        finally:
            _note(repository, source)
    ledger.checkpoint |= dict(zip(("points", "requests"), source.spent(), strict=True))
    ledger.checkpoint["left"] = source.left()
    ledger.save(update_fields=["checkpoint"])
    return ledger


def _incomplete(repository: Repository) -> frozenset[str]:
    """Keys of the pulls of which a part is missing."""
    short = Provenance.objects.filter(change__repository=repository, source="github").exclude(incomplete=[])
    return frozenset(short.values_list("change__key", flat=True))


@transaction.atomic
def _note(repository: Repository, source: GitHubSource) -> None:
    """Keep what GitHub said of the repository itself; a private one is off the site unless it was published."""
    info = source.info
    if info is None:
        return
    if info.is_private != repository.is_private:
        see_private(repository=repository, private=info.is_private, actor="system:collection")
    new = {"name": info.full_name[:200], "is_fork": info.is_fork}
    changed = [field for field, value in new.items() if getattr(repository, field) != value]
    for field in changed:
        setattr(repository, field, new[field])
    if changed:
        repository.save(update_fields=changed)
    GitHubRepository.objects.filter(database_id=info.database_id).exclude(repository=repository).delete()
    GitHubRepository.objects.update_or_create(
        repository=repository,
        defaults={
            "database_id": info.database_id,
            "full_name": info.full_name,
            "is_archived": info.is_archived,
            "seen_at": timezone.now(),
            "gone_at": None,
            "gone_reason": "",
        },
    )


def _lost(repository: Repository) -> None:
    """A repository that was there and is not shown any more: a tombstone with its reason; its rows stay."""
    GitHubRepository.objects.filter(repository=repository, gone_at=None).update(
        gone_at=timezone.now(), gone_reason=GONE
    )
