"""A repository of the replica derived from a git mirror: what GitHub would say of its pulls, as far as git can tell.

Needs `refs/pull/*/head` (`git clone --mirror`). What git does not hold is made up in the plainest way: a pull is opened
when its last commit was made, and people get a login from their name. Written apart from analysis.sources.git, so that
the two can be compared.
"""

import datetime as dt
import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.replica.seed import commit_node, repository_fields
from tests.replica.world import Node, Pulls, Repo, World, node_id, pull_id, stamp

MERGE = re.compile(r"Merge pull request #(\d+) from (\S+)")
SQUASH = re.compile(r"\(#(\d+)\)$")
EMPTY_CONNECTIONS = (
    "reviews",
    "labels",
    "comments",
    "reviewThreads",
    "closingIssuesReferences",
    "reviewRequests",
    "timelineItems",
    "userContentEdits",
)
SAME_WORK = 0.8
"""Share of lines of a head's diff that a squash must hold to count as its landing."""
STATUS = {"A": "ADDED", "D": "DELETED", "R": "RENAMED", "C": "COPIED"}


@dataclass(frozen=True)
class Landing:
    """Where a pull landed."""

    sha: str
    parents: tuple[str, ...]
    at: dt.datetime
    who: str
    subject: str
    body: str


class Mirror:
    """Questions to a bare repository; nothing is ever checked out."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(self, *arguments: str) -> str:
        """Output of a git command, without the user's configuration."""
        env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "LC_ALL": "C",
        }
        run = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", str(self.path), *arguments],
            capture_output=True,
            check=True,
            env=env,
            timeout=600,
        )
        return run.stdout.decode("utf-8", "replace")

    @cached_property
    def branch(self) -> str:
        """The default branch's name."""
        return self.git("symbolic-ref", "--short", "HEAD").strip()

    @cached_property
    def heads(self) -> dict[int, str]:
        """Head commit of every pull."""
        found = {}
        for line in self.git("for-each-ref", "--format=%(objectname) %(refname)", "refs/pull/").splitlines():
            sha, ref = line.split(" ")
            if match := re.fullmatch(r"refs/pull/(\d+)/head", ref):
                found[int(match[1])] = sha
        return found

    @cached_property
    def landings(self) -> dict[int, Landing]:
        """Merge commits and squashes of the default branch by the number that they name."""
        form = "%H%x00%P%x00%cI%x00%cn%x00%s%x00%b%x01"
        merges: dict[int, Landing] = {}
        squashes: dict[int, Landing] = {}
        for record in self.git("log", f"--format={form}", self.branch).split("\x01"):
            if not record.strip():
                continue
            sha, parents, at, who, subject, body = record.strip("\n").split("\0")
            landing = Landing(sha, tuple(parents.split()), dt.datetime.fromisoformat(at), who, subject, body.strip())
            if len(landing.parents) == 2 and (match := MERGE.match(subject)):
                merges.setdefault(int(match[1]), landing)
            elif len(landing.parents) == 1 and (match := SQUASH.search(subject)):
                squashes.setdefault(int(match[1]), landing)
        return squashes | merges

    def numstat(self, base: str, head: str) -> list[Node]:
        """Files of a diff as GraphQL shows them."""
        out = self.git("diff", "-z", "-M", "--raw", "--numstat", base, head).split("\0")
        kinds: dict[str, str] = {}
        files: list[Node] = []
        parts = iter(out)
        for part in parts:
            if part.startswith(":"):
                letter, path = part.rsplit(" ", 1)[1][0], next(parts)
                kinds[next(parts) if letter in "RC" else path] = STATUS.get(letter, "MODIFIED")
            elif part:
                added, deleted, path = part.split("\t")
                if not path:
                    next(parts)
                    path = next(parts)
                files.append(_file(path, added, deleted, kinds))
        return files

    def commits(self, base: str, head: str) -> list[list[str]]:
        """[sha, author, authored, committed, message] of base..head, oldest first."""
        out = self.git("log", "--reverse", "--format=%H%x00%an%x00%aI%x00%cI%x00%B%x01", f"{base}..{head}")
        return [r.strip("\n").split("\0") for r in out.split("\x01") if r.strip()]

    def merge_base(self, one: str, other: str) -> str:
        """Best common ancestor, or the empty tree when the histories are unrelated."""
        try:
            return self.git("merge-base", one, other).split()[0]
        except (subprocess.CalledProcessError, IndexError):
            return self.git("hash-object", "-t", "tree", "/dev/null").strip()


def _file(path: str, added: str, deleted: str, kinds: dict[str, str]) -> Node:
    return {
        "__typename": "PullRequestChangedFile",
        "path": path,
        "additions": 0 if added == "-" else int(added),
        "deletions": 0 if deleted == "-" else int(deleted),
        "changeType": kinds.get(path, "MODIFIED"),
    }


def git_repo(world: World, mirror_path: Path, full_name: str) -> Repo:
    """Serve the pulls of a mirror as repository `full_name`."""
    owner, name = full_name.split("/")
    world.user(owner, "Organization")
    mirror = Mirror(mirror_path)
    number = 200_000 + len(world.repos)
    nodes = {n: _pull(world, mirror, full_name, number, n) for n in sorted(mirror.heads)}
    pulls = Pulls({n: node["updatedAt"] for n, node in nodes.items()}, nodes.__getitem__)
    fields = repository_fields(world, owner, name, number)
    fields["defaultBranchRef"] = {"__typename": "Ref", "name": mirror.branch}
    return world.add(Repo(owner, name, fields, pulls))


def _landed(mirror: Mirror, number: int, head: str) -> tuple[Landing | None, str]:
    """The landing that really holds the head's work, and the base that the pull is compared with."""
    landing = mirror.landings.get(number)
    if landing is None:
        return None, mirror.merge_base(mirror.branch, head)
    base = mirror.merge_base(landing.parents[0], head)
    if len(landing.parents) == 2:
        return landing, base
    theirs = {(f["path"], f["additions"], f["deletions"]) for f in mirror.numstat(base, head)}
    landed = {(f["path"], f["additions"], f["deletions"]) for f in mirror.numstat(landing.parents[0], landing.sha)}
    lines = sum(a + d for _, a, d in theirs) or 1
    shared = sum(a + d for _, a, d in theirs & landed)
    return (landing if theirs == landed or shared / lines >= SAME_WORK else None), base


def _pull(world: World, mirror: Mirror, full_name: str, repository: int, number: int) -> Node:
    head = mirror.heads[number]
    landing, base = _landed(mirror, number, head)
    files = mirror.numstat(base, head)
    raw = mirror.commits(base, head) or mirror.commits(f"{head}^", head)
    commits = [_commit(world, full_name, number, one) for one in raw]
    last = dt.datetime.fromisoformat(raw[-1][3])
    merged_at = landing.at if landing else None
    opened = min(last, merged_at) if merged_at else last
    title, body, branch = _words(landing, raw[-1][4])
    author = commits[-1]["commit"]["author"]["user"]
    people = {"author": author, "mergedBy": _person(world, landing.who) if landing else None}
    return people | _quiet() | {
        "__typename": "PullRequest",
        "id": pull_id(repository, number),
        "databaseId": repository * 10_000 + number,
        "fullDatabaseId": str(repository * 10_000 + number),
        "number": number,
        "title": title,
        "body": body,
        "state": "MERGED" if landing else "CLOSED",
        "isDraft": False,
        "merged": landing is not None,
        "closed": True,
        "url": f"https://github.example/{full_name}/pull/{number}",
        "createdAt": stamp(opened),
        "updatedAt": stamp(merged_at or last),
        "closedAt": stamp(merged_at or last),
        "mergedAt": stamp(merged_at) if merged_at else None,
        "mergeCommit": _merge_commit(world, landing) if landing else None,
        "headRefName": branch,
        "headRefOid": head,
        "baseRefName": mirror.branch,
        "baseRefOid": landing.parents[0] if landing else base,
        "additions": sum(f["additions"] for f in files),
        "deletions": sum(f["deletions"] for f in files),
        "changedFiles": len(files),
        "commits": commits,
        "files": files,
    }  # fmt: skip


def _quiet() -> dict[str, Any]:
    """What git says nothing of: empty, as on a repository without reviews."""
    return {name: [] for name in EMPTY_CONNECTIONS} | {
        "lastEditedAt": None,
        "totalCommentsCount": 0,
        "authorAssociation": "OWNER",
        "reviewDecision": None,
        "statusCheckRollup": None,
        "milestone": None,
    }


def _words(landing: Landing | None, last_message: str) -> tuple[str, str, str]:
    """Title, description and branch name."""
    if landing is None:
        return last_message.split("\n")[0], "", "unknown"
    if match := MERGE.match(landing.subject):
        title = next((line for line in landing.body.splitlines() if line.strip()), landing.subject)
        return title, "\n".join(landing.body.splitlines()[1:]).strip(), match[2].split("/", 1)[-1]
    return SQUASH.sub("", landing.subject).strip(), landing.body, "unknown"


def _person(world: World, name: str) -> Node:
    login = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "nobody"
    return world.user(login, "Bot" if "bot" in login else "User", name)


def _commit(world: World, full_name: str, number: int, one: list[str]) -> Node:
    sha, author, authored, committed, message = one
    who = _person(world, author)
    node = commit_node(world, sha, who, dt.datetime.fromisoformat(authored), message.strip(), author)
    node["committedDate"] = stamp(dt.datetime.fromisoformat(committed))
    return {"__typename": "PullRequestCommit", "id": node_id("PRC", f"{full_name}/{number}/{sha}"), "commit": node}


def _merge_commit(world: World, landing: Landing) -> Node:
    node = commit_node(
        world, landing.sha, _person(world, landing.who), landing.at, f"{landing.subject}\n\n{landing.body}", landing.who
    )
    node["parents"] = [{"__typename": "Commit", "oid": p, "id": node_id("C", p)} for p in landing.parents]
    return node
