"""The data that a replica serves: repositories, pulls, users and tokens. Plain data, no HTTP.

A node is a dict with the names of GitHub's GraphQL fields; lists of nodes become connections when they are resolved.
"""

import base64
import datetime as dt
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Node = dict[str, Any]


class Clock:
    """Wall clock in seconds since the epoch that tests can push forward instead of waiting."""

    def __init__(self, start: float | None = None) -> None:
        self._ahead = 0.0
        self._start = start

    def now(self) -> float:
        """Seconds since the epoch; a clock with a `start` stands still until it is advanced."""
        return (time.time() if self._start is None else self._start) + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._ahead += seconds


def node_id(kind: str, key: object) -> str:
    """An opaque global id like GitHub's new format: a prefix and base64."""
    return f"{kind}_{base64.urlsafe_b64encode(str(key).encode()).decode().rstrip('=')}"


def stamp(when: dt.datetime) -> str:
    """A time as GitHub writes it: UTC, whole seconds, ending in Z."""
    return when.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Pulls:
    """The pulls of one repository: made on demand, so that 100,000 of them need little memory.

    `make(number)` builds a node and must be deterministic; `updated` gives each number's update time.
    """

    CACHED = 3000

    def __init__(self, updated: dict[int, str], make: Callable[[int], Node]) -> None:
        self._updated = dict(updated)
        self._make = make
        self._edited: dict[int, Node] = {}
        self._cache: OrderedDict[int, Node] = OrderedDict()
        self._orders: dict[tuple[str, bool], list[int]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._updated)

    def __contains__(self, number: int) -> bool:
        return number in self._updated

    def updated(self, number: int) -> str:
        """Time of the last update, as text that sorts."""
        return self._updated[number]

    def get(self, number: int) -> Node | None:
        """The pull's node, or None when there is no such pull."""
        with self._lock:
            if number not in self._updated:
                return None
            if number in self._edited:
                return self._edited[number]
            if number not in self._cache:
                self._cache[number] = self._make(number)
                if len(self._cache) > self.CACHED:
                    self._cache.popitem(last=False)
            return self._cache[number]

    def numbers(self, by: str, descending: bool) -> list[int]:
        """All numbers in order of `UPDATED_AT` or `CREATED_AT` (numbers rise with creation)."""
        with self._lock:
            key = (by, descending)
            if key not in self._orders:
                if by == "UPDATED_AT":
                    ordered = sorted(
                        self._updated,
                        key=lambda n: (self._updated[n], n),
                        reverse=descending,
                    )
                else:
                    ordered = sorted(self._updated, reverse=descending)
                self._orders[key] = ordered
            return self._orders[key]

    def edit(self, number: int, at: dt.datetime, **changes: Any) -> Node:
        """Change fields of a pull as an edit at a time would, which moves it to the front of the update order."""
        node = dict(self.get(number) or {"number": number})
        node.update(changes)
        node["updatedAt"] = stamp(at)
        with self._lock:
            self._edited[number] = node
            self._updated[number] = node["updatedAt"]
            self._orders.clear()
        return node

    def delete(self, number: int) -> None:
        """Remove a pull as if GitHub's staff had deleted it."""
        with self._lock:
            self._updated.pop(number, None)
            self._edited.pop(number, None)
            self._orders.clear()


@dataclass
class Repo:
    """One repository. `fields` holds its own GraphQL fields; `pulls` its pull requests."""

    owner: str
    name: str
    fields: Node
    pulls: Pulls
    issues: dict[int, Node] = field(default_factory=dict)
    private: bool = False
    sso: bool = False

    @property
    def full_name(self) -> str:
        """owner/name, with the spelling that GitHub would show."""
        return f"{self.owner}/{self.name}"


@dataclass
class Token:
    """What one access token may do. `repos` None means every public repository; names given are allowed too."""

    login: str
    limit: int = 5000
    revoked: bool = False
    repos: set[str] | None = None
    pull_rights: bool = True
    sso_granted: bool = False


class World:
    """Everything that one replica knows."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.users: dict[str, Node] = {}
        self.repos: dict[str, Repo] = {}
        self.moved: dict[str, str] = {}
        self.tokens: dict[str, Token] = {"replica-token": Token(login="ada-replica")}

    def user(self, login: str, kind: str = "User", name: str | None = None) -> Node:
        """The user, bot or organisation of that login, made when it is first named."""
        if login not in self.users:
            number = 9000 + len(self.users)
            self.users[login] = {
                "__typename": kind,
                "login": login,
                "id": node_id("U", login),
                "databaseId": number,
                "name": name,
                "url": f"https://github.example/{login}",
                "avatarUrl": f"https://github.example/avatars/{number}",
            }
        return self.users[login]

    def add(self, repo: Repo) -> Repo:
        """Serve a repository."""
        self.repos[repo.full_name.lower()] = repo
        return repo

    def rename(self, old: str, owner: str, name: str) -> None:
        """Rename or transfer a repository: GitHub answers for the old name with the new one."""
        repo = self.repos.pop(old.lower())
        self.moved[old.lower()] = f"{owner}/{name}".lower()
        repo.owner, repo.name = owner, name
        repo.fields |= {
            "name": name,
            "nameWithOwner": repo.full_name,
            "owner": self.user(owner),
        }
        self.add(repo)

    def find(self, owner: str, name: str, token: Token | None) -> Repo | None:
        """The repository if this token may see it, following renames; else None (GitHub does not tell why)."""
        key = f"{owner}/{name}".lower()
        repo = self.repos.get(self.moved.get(key, key))
        if repo is None:
            return None
        allowed = token is not None and token.repos is not None and repo.full_name in token.repos
        if repo.private and not allowed:
            return None
        return repo

    def pull_by_id(self, wanted: Iterable[str]) -> dict[str, Node]:
        """Pull nodes by their global ids (our ids carry repository and number)."""
        found: dict[str, Node] = {}
        for one in wanted:
            place = decode_pull_id(one)
            repo = next(
                (r for r in self.repos.values() if place and r.fields["databaseId"] == place[0]),
                None,
            )
            node = repo.pulls.get(place[1]) if repo and place else None
            if node is not None:
                found[one] = node
        return found


def pull_id(repository: int, number: int) -> str:
    """Global id of a pull."""
    return node_id("PR", f"{repository}:{number}")


def decode_pull_id(text: str) -> tuple[int, int] | None:
    """Repository's database id and pull number of a global id, or None."""
    try:
        body = text.removeprefix("PR_")
        repository, number = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode().split(":")
        return int(repository), int(number)
    except ValueError:
        return None
