"""The application's GitHub source, pointed at a replica and on its clock."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from analysis.sources.github import Api, GitHubSource, TokenPool
from analysis.sources.records import ChangeRecord, Checkpoint, Gone, Unreadable
from evidence.outside import Policy, client
from tests.replica.server import Replica

REPOSITORY = "lighthouse/ledger"


@contextmanager
def api_of(replica: Replica, *tokens: str, deadline: float = 10, strikes: int = 0) -> Iterator[Api]:
    """The API behind the safe client, whose only allowed address is the replica's."""

    def now() -> datetime:
        return datetime.fromtimestamp(replica.world.clock.now(), UTC)

    port = urlsplit(replica.url).port
    assert port is not None
    pool = TokenPool(tokens or ("replica-token",), now)
    with client(Policy(allowed=frozenset({("127.0.0.1", port)}))) as http:
        yield Api(
            http, pool, f"{replica.url}/graphql",
            now=now, jitter=random.Random(1), deadline=deadline, strikes=strikes,
        )  # fmt: skip


class Store:
    """What a pipeline would hold: records by key, and the cursor of the last whole item."""

    def __init__(self) -> None:
        self.records: dict[str, ChangeRecord] = {}
        self.unreadable: dict[str, str] = {}
        self.gone: dict[str, str] = {}
        self.cursor = ""
        self.written = 0

    def run(
        self, replica: Replica, profile: str = "core", tokens: tuple[str, ...] = (), **options: Any
    ) -> GitHubSource:
        """Collect once, storing as it goes; what GitHub refuses is raised after what came before is stored."""
        deadline = options.pop("deadline", 10)
        with api_of(replica, *tokens, deadline=deadline) as api:
            source = GitHubSource(api, options.pop("repository", REPOSITORY), profile=profile, **options)
            try:
                source.open()
                known = {k: r.fingerprint for k, r in self.records.items()}
                for item in source.iter_changes(Checkpoint(known, self.cursor)):
                    self._store(item)
                    self.cursor = source.cursor()
            finally:
                self.cursor = source.cursor() if source.info else self.cursor
            return source

    def _store(self, item: ChangeRecord | Gone | Unreadable) -> None:
        if isinstance(item, ChangeRecord):
            self.records[item.key] = item
            self.written += 1
        elif isinstance(item, Gone):
            self.gone[item.key] = item.reason
            self.records.pop(item.key, None)
        else:
            self.unreadable[item.key] = item.reason

    @property
    def numbers(self) -> list[int]:
        """Numbers of the stored pulls, ascending."""
        return sorted(r.number for r in self.records.values() if r.number is not None)

    def fingerprints(self) -> dict[str, str]:
        """What "the same state" means here."""
        return {k: r.fingerprint for k, r in sorted(self.records.items())}
