"""Made-up repositories: every person, title and number here is invented, and a seed gives the same data each time."""

import datetime as dt
import hashlib
import random
from typing import Any

from tests.replica.world import Node, Pulls, Repo, World, node_id, pull_id, stamp

START = dt.datetime(2024, 1, 8, 9, 0, tzinfo=dt.UTC)
PEOPLE = (
    "mira-okafor",
    "tomasz-lindqvist",
    "yuki-ferreira",
    "soren-adeyemi",
    "leila-novak",
)
BOTS = ("polite-review-bot",)
AREAS = ("billing", "search", "importer", "gateway", "scheduler", "reports")
WORKS = (
    "Cache the lookup of",
    "Stop retrying",
    "Split",
    "Batch writes in",
    "Document",
    "Test the limits of",
)
LABELS = ("bug", "performance", "documentation", "dependencies")


def oid(*parts: object) -> str:
    """A forty-digit id made from the parts."""
    return hashlib.sha1("/".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def repository_fields(world: World, owner: str, name: str, database_id: int) -> Node:
    """The fields of a repository other than its pulls."""
    return {
        "id": node_id("R", database_id),
        "databaseId": database_id,
        "name": name,
        "nameWithOwner": f"{owner}/{name}",
        "owner": world.user(owner),
        "description": "A made-up repository",
        "url": f"https://github.example/{owner}/{name}",
        "isArchived": False,
        "isFork": False,
        "createdAt": stamp(START),
        "updatedAt": stamp(START),
        "pushedAt": stamp(START),
        "licenseInfo": {
            "__typename": "License",
            "spdxId": "MIT",
            "key": "mit",
            "name": "MIT License",
        },
        "defaultBranchRef": {"__typename": "Ref", "name": "main"},
        "stargazerCount": 0,
    }


def seeded_repo(
    world: World,
    full_name: str = "lighthouse/ledger",
    pulls: int = 120,
    seed: int = 1,
    heavy: int = 0,
) -> Repo:
    """A repository of made-up pulls. `heavy` pulls (the oldest ones) have over 100 reviews, commits and files."""
    owner, name = full_name.split("/")
    number = 100_000 + len(world.repos)
    world.user(owner, "Organization")

    def make(n: int) -> Node:
        return _pull(world, full_name, number, n, seed, heavy=n <= heavy)

    updated = {n: stamp(_opened(n) + dt.timedelta(hours=30)) for n in range(1, pulls + 1)}
    return world.add(
        Repo(
            owner,
            name,
            repository_fields(world, owner, name, number),
            Pulls(updated, make),
        )
    )


def _opened(n: int) -> dt.datetime:
    return START + dt.timedelta(hours=3 * n)


def _pull(world: World, full_name: str, repository: int, n: int, seed: int, *, heavy: bool) -> Node:
    draw = random.Random(f"{seed}/{full_name}/{n}")
    opened = _opened(n)
    author = world.user(draw.choice(PEOPLE))
    fate = draw.choices(("MERGED", "CLOSED", "OPEN"), (80, 10, 10))[0]
    ended = opened + dt.timedelta(hours=draw.randint(10, 29)) if fate != "OPEN" else None
    merged = ended if fate == "MERGED" else None
    area, work = draw.choice(AREAS), draw.choice(WORKS)
    files = _files(draw, area, 130 if heavy else draw.randint(1, 6))
    commits = _commits(world, full_name, n, author, opened, 120 if heavy else draw.randint(1, 4))
    reviews = _reviews(world, draw, full_name, n, author, opened, 110 if heavy else draw.randint(0, 3))
    return {
        "__typename": "PullRequest",
        "id": pull_id(repository, n),
        "databaseId": repository * 10_000 + n,
        "fullDatabaseId": str(repository * 10_000 + n),
        "number": n,
        "title": f"{work} {area}",
        "body": f"{work} {area}.\n\nThe nightly run took {40 + n % 17} minutes before this change.",
        "state": fate,
        "isDraft": False,
        "merged": merged is not None,
        "closed": ended is not None,
        "url": f"https://github.example/{full_name}/pull/{n}",
        "createdAt": stamp(opened),
        "updatedAt": stamp(opened + dt.timedelta(hours=30)),
        "closedAt": stamp(ended) if ended else None,
        "mergedAt": stamp(merged) if merged else None,
        "lastEditedAt": None,
        "author": author,
        "mergedBy": world.user(draw.choice(PEOPLE)) if merged else None,
        "mergeCommit": commit_node(world, oid(full_name, n, "merge"), author, merged, f"{work} {area} (#{n})")
        if merged
        else None,
        "headRefName": f"{area}-{n}",
        "headRefOid": commits[-1]["commit"]["oid"],
        "baseRefName": "main",
        "baseRefOid": oid(full_name, n, "base"),
        "additions": sum(f["additions"] for f in files),
        "deletions": sum(f["deletions"] for f in files),
        "changedFiles": len(files),
        "totalCommentsCount": n % 3,
        "authorAssociation": "MEMBER",
        "reviewDecision": "APPROVED" if any(r["state"] == "APPROVED" for r in reviews) else None,
        "statusCheckRollup": {"__typename": "StatusCheckRollup", "state": "SUCCESS"},
        "milestone": None,
        "reviews": reviews,
        "commits": commits,
        "files": files,
        "labels": [_label(name) for name in draw.sample(LABELS, draw.randint(0, 2))],
        "comments": [_comment(world, full_name, n, i, opened) for i in range(n % 3)],
        "reviewThreads": [],
        "closingIssuesReferences": [],
        "reviewRequests": [],
        "userContentEdits": [],
        "timelineItems": _timeline(draw, full_name, n, author, opened),
    }


def commit_node(
    world: World,
    sha: str,
    author: Node | None,
    when: dt.datetime | None,
    message: str,
    name: str = "",
) -> Node:
    """A commit as GraphQL shows it."""
    at = stamp(when or START)
    actor = {
        "__typename": "GitActor",
        "name": name or (author or {}).get("login", ""),
        "date": at,
        "user": author,
    }
    return {
        "__typename": "Commit",
        "id": node_id("C", sha),
        "oid": sha,
        "message": message,
        "messageHeadline": message.split("\n")[0],
        "authoredDate": at,
        "committedDate": at,
        "author": actor,
        "committer": actor,
    }


def _commits(world: World, full_name: str, n: int, author: Node, opened: dt.datetime, count: int) -> list[Node]:
    first = opened - dt.timedelta(hours=2)
    return [
        {
            "__typename": "PullRequestCommit",
            "id": node_id("PRC", f"{full_name}/{n}/{i}"),
            "commit": commit_node(
                world,
                oid(full_name, n, i),
                author,
                first + dt.timedelta(minutes=i),
                f"Step {i + 1} of {n}",
            ),
        }
        for i in range(count)
    ]


def _files(draw: random.Random, area: str, count: int) -> list[Node]:
    return [
        {
            "__typename": "PullRequestChangedFile",
            "path": f"src/{area}/part_{i}.py",
            "additions": draw.randint(0, 60),
            "deletions": draw.randint(0, 20),
            "changeType": draw.choice(("ADDED", "MODIFIED", "MODIFIED", "DELETED")),
        }
        for i in range(count)
    ]


def _reviews(
    world: World,
    draw: random.Random,
    full_name: str,
    n: int,
    author: Node,
    opened: dt.datetime,
    count: int,
) -> list[Node]:
    others = [p for p in PEOPLE if p != author["login"]]
    made = []
    for i in range(count):
        bot = i == 0 and n % 5 == 0
        who = world.user(BOTS[0], "Bot") if bot else world.user(draw.choice(others))
        state = "APPROVED" if i == count - 1 else draw.choice(("COMMENTED", "CHANGES_REQUESTED"))
        made.append(
            {
                "__typename": "PullRequestReview",
                "id": node_id("PRR", f"{full_name}/{n}/{i}"),
                "databaseId": n * 1000 + i,
                "fullDatabaseId": str(n * 1000 + i),
                "author": who,
                "state": state,
                "body": "",
                "submittedAt": stamp(opened + dt.timedelta(hours=1, minutes=7 * i)),
            }
        )
    return made


def _label(name: str) -> Node:
    return {
        "__typename": "Label",
        "id": node_id("LA", name),
        "name": name,
        "color": "888888",
    }


def _comment(world: World, full_name: str, n: int, i: int, opened: dt.datetime) -> Node:
    return {
        "__typename": "IssueComment",
        "id": node_id("IC", f"{full_name}/{n}/{i}"),
        "databaseId": n * 100 + i,
        "fullDatabaseId": str(n * 100 + i),
        "author": world.user(PEOPLE[i % len(PEOPLE)]),
        "createdAt": stamp(opened + dt.timedelta(minutes=40 + i)),
        "body": "Looks fine to me.",
    }


def _timeline(draw: random.Random, full_name: str, n: int, author: Node, opened: dt.datetime) -> list[Any]:
    if draw.random() > 0.2:
        return []
    return [
        {
            "__typename": "ReadyForReviewEvent",
            "id": node_id("RFRE", f"{full_name}/{n}"),
            "createdAt": stamp(opened + dt.timedelta(minutes=30)),
            "actor": author,
        }
    ]
