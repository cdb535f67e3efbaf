"""The REST routes that other collectors need, over the same data."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.replica.graphql_api import Reply
from tests.replica.world import Node, Repo, Token

if TYPE_CHECKING:
    from tests.replica.server import Replica

COMMITS_OF_A_PULL = 250
FILES_OF_A_PULL = 3000


def answer(
    replica: "Replica",
    method: str,
    path: str,
    query: dict[str, list[str]],
    key: str,
    token: Token,
    raw: bytes,
) -> Reply:
    """Answer one REST call: the limit first, then the route."""
    limits = replica.limits
    if path == "/rate_limit":
        usage = limits.usage(key, "core")
        core = {
            "limit": token.limit,
            "remaining": limits.remaining(key, "core", token),
            "reset": int(usage.reset),
            "used": usage.used,
        }
        return Reply(
            200,
            {
                "resources": {"core": core, "search": core, "graphql": core},
                "rate": core,
            },
            limits.headers(key, "core", token),
        )
    if limits.remaining(key, "core", token) < 1:
        told = {"message": f"API rate limit exceeded for user ID {token.login}."}
        return Reply(403, told, limits.headers(key, "core", token))
    limits.spend(key, "core", 1)
    reply = _route(replica, method, path, query, token)
    reply.headers |= limits.headers(key, "core", token)
    return reply


def _route(
    replica: "Replica",
    method: str,
    path: str,
    query: dict[str, list[str]],
    token: Token,
) -> Reply:
    for pattern, handler in ROUTES:
        if match := re.fullmatch(pattern, path):
            found = handler(replica, token, query, *match.groups())
            if found is None:
                break
            if isinstance(found, list):
                return _paged(replica.url + path, query, found)
            return Reply(200, found)
    return Reply(
        404,
        {
            "message": "Not Found",
            "documentation_url": "https://docs.github.com/rest",
            "status": "404",
        },
    )


def _paged(url: str, query: dict[str, list[str]], items: list[Any]) -> Reply:
    size = min(100, int((query.get("per_page") or ["30"])[0]))
    page = max(1, int((query.get("page") or ["1"])[0]))
    last = max(1, -(-len(items) // size))
    others = "".join(f"&{k}={v[0]}" for k, v in query.items() if k not in ("page", "per_page"))
    links = []
    if page < last:
        links.append(f'<{url}?page={page + 1}&per_page={size}{others}>; rel="next"')
        links.append(f'<{url}?page={last}&per_page={size}{others}>; rel="last"')
    chosen = [item() if callable(item) else item for item in items[(page - 1) * size : page * size]]
    return Reply(200, chosen, {"link": ", ".join(links)} if links else {})


def _user(node: Node | None) -> Node | None:
    if node is None:
        return None
    return {
        "login": node["login"],
        "id": node["databaseId"],
        "node_id": node["id"],
        "type": node["__typename"],
        "url": f"/users/{node['login']}",
    }


def _repo(replica: "Replica", token: Token, owner: str, name: str) -> Repo | None:
    return replica.world.find(owner, name, token)


def _repository(replica: "Replica", token: Token, query: Any, owner: str, name: str) -> Node | None:
    repo = _repo(replica, token, owner, name)
    if repo is None:
        return None
    base = f"{replica.url}/repos/{repo.full_name}"
    return {
        "id": repo.fields["databaseId"],
        "name": repo.name,
        "full_name": repo.full_name,
        "private": repo.private,
        "owner": _user(replica.world.user(repo.owner)),
        "url": base,
        "default_branch": "main",
        "license": None,
        "pulls_url": f"{base}/pulls{{/number}}",
        "issues_url": f"{base}/issues{{/number}}",
        "created_at": repo.fields["createdAt"],
        "updated_at": repo.fields["updatedAt"],
    }


def pull_json(base: str, pull: Node) -> Node:
    """A pull as REST words it."""
    number = pull["number"]
    return {
        "id": pull["databaseId"],
        "node_id": pull["id"],
        "number": number,
        "title": pull["title"],
        "body": pull["body"],
        "state": "open" if pull["state"] == "OPEN" else "closed",
        "draft": pull["isDraft"],
        "merged": pull["merged"],
        "url": f"{base}/pulls/{number}",
        "issue_url": f"{base}/issues/{number}",
        "html_url": pull["url"],
        "commits_url": f"{base}/pulls/{number}/commits",
        "comments_url": f"{base}/issues/{number}/comments",
        "review_comments_url": f"{base}/pulls/{number}/comments",
        "statuses_url": f"{base}/statuses/{pull['headRefOid']}",
        "user": _user(pull["author"]),
        "merged_by": _user(pull["mergedBy"]),
        "created_at": pull["createdAt"],
        "updated_at": pull["updatedAt"],
        "closed_at": pull["closedAt"],
        "merged_at": pull["mergedAt"],
        "merge_commit_sha": (pull["mergeCommit"] or {}).get("oid"),
        "additions": pull["additions"],
        "deletions": pull["deletions"],
        "changed_files": pull["changedFiles"],
        "commits": len(pull["commits"]),
        "comments": len(pull["comments"]),
        "review_comments": 0,
        "labels": [{"id": 1, "name": n["name"]} for n in pull["labels"]],
        "_links": {"html": {"href": pull["url"]}},
        "active_lock_reason": None,
        "author_association": pull["authorAssociation"],
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "milestone": None,
        "head": {"ref": pull["headRefName"], "sha": pull["headRefOid"]},
        "base": {"ref": pull["baseRefName"], "sha": pull["baseRefOid"]},
    }


def _pulls(replica: "Replica", token: Token, query: dict[str, list[str]], owner: str, name: str) -> list[Any] | None:
    repo = _repo(replica, token, owner, name)
    if repo is None:
        return None
    base = f"{replica.url}/repos/{repo.full_name}"
    by = "UPDATED_AT" if (query.get("sort") or [""])[0] == "updated" else "CREATED_AT"
    numbers = repo.pulls.numbers(by, (query.get("direction") or ["desc"])[0] == "desc")
    if (query.get("state") or ["open"])[0] == "all":
        return [lambda n=n: pull_json(base, repo.pulls.get(n) or {}) for n in numbers]
    wanted = {"open": ("OPEN",), "closed": ("CLOSED", "MERGED")}[(query.get("state") or ["open"])[0]]
    nodes = [node for n in numbers if (node := repo.pulls.get(n)) and node["state"] in wanted]
    return [pull_json(base, node) for node in nodes]


def _issues(replica: "Replica", token: Token, query: dict[str, list[str]], owner: str, name: str) -> list[Any] | None:
    """Issues as REST lists them: pulls are issues too."""
    repo = _repo(replica, token, owner, name)
    if repo is None:
        return None
    base = f"{replica.url}/repos/{repo.full_name}"
    since = (query.get("since") or [""])[0][:19]
    numbers = repo.pulls.numbers("UPDATED_AT", (query.get("direction") or ["desc"])[0] == "desc")

    def issue(number: int) -> Node:
        told = pull_json(base, repo.pulls.get(number) or {})
        told["url"] = f"{base}/issues/{number}"
        return told | {"pull_request": {"url": f"{base}/pulls/{number}"}}

    return [lambda n=n: issue(n) for n in numbers if repo.pulls.updated(n)[:19] >= since]


def _of_pull(make: Callable[[Node], Any]) -> Callable[..., Any]:
    def handler(replica: "Replica", token: Token, query: Any, owner: str, name: str, number: str) -> Any:
        repo = _repo(replica, token, owner, name)
        pull = repo.pulls.get(int(number)) if repo else None
        return None if repo is None or pull is None else make(pull | {"_base": f"{replica.url}/repos/{repo.full_name}"})

    return handler


def _review(node: Node) -> Node:
    return {
        "id": node["databaseId"],
        "node_id": node["id"],
        "user": _user(node["author"]),
        "body": node.get("body", ""),
        "state": node["state"],
        "submitted_at": node["submittedAt"],
        "commit_id": None,
    }


def _commit(edge: Node) -> Node:
    commit = edge["commit"]
    person = {"name": commit["author"]["name"], "date": commit["authoredDate"]}
    return {
        "sha": commit["oid"],
        "node_id": commit["id"],
        "parents": [],
        "author": _user(commit["author"]["user"]),
        "committer": None,
        "commit": {
            "message": commit["message"],
            "author": person,
            "committer": person | {"date": commit["committedDate"]},
        },
    }


def _file(node: Node) -> Node:
    status = {"ADDED": "added", "DELETED": "removed", "RENAMED": "renamed"}.get(node["changeType"], "modified")
    return {
        "filename": node["path"],
        "status": status,
        "additions": node["additions"],
        "deletions": node["deletions"],
        "changes": node["additions"] + node["deletions"],
        "sha": "0" * 40,
    }


def _comment(node: Node) -> Node:
    return {
        "id": node["databaseId"],
        "user": _user(node["author"]),
        "created_at": node["createdAt"],
        "updated_at": node["createdAt"],
        "body": node["body"],
    }


def _deliveries(replica: "Replica", token: Token, query: Any, owner: str, name: str, hook: str) -> list[Any]:
    return [
        {
            "id": d.id,
            "guid": d.guid,
            "event": d.event,
            "action": d.action,
            "status_code": d.status_code,
            "status": "OK" if 200 <= d.status_code < 300 else "failed to connect",
            "redelivery": d.redelivery,
            "delivered_at": d.delivered_at,
        }
        for d in reversed(replica.hooks.deliveries)
    ]


def _redeliver(
    replica: "Replica",
    token: Token,
    query: Any,
    owner: str,
    name: str,
    hook: str,
    number: str,
) -> Node | None:
    known = {d.id: d for d in replica.hooks.deliveries}
    if int(number) not in known:
        return None
    replica.hooks.redeliver(known[int(number)])
    return {}


def _user_json(replica: "Replica", token: Token, query: Any, login: str) -> Node | None:
    node = replica.world.users.get(login)
    return None if node is None else (_user(node) or {}) | {"name": node["name"], "company": None, "location": None}


REPO = r"/repos/([^/]+)/([^/]+)"
ROUTES: list[tuple[str, Callable[..., Any]]] = [
    (REPO, _repository),
    (REPO + "/pulls", _pulls),
    (REPO + "/issues", _issues),
    (REPO + r"/pulls/(\d+)", _of_pull(lambda p: pull_json(p["_base"], p))),
    (REPO + r"/issues/(\d+)", _of_pull(lambda p: pull_json(p["_base"], p))),
    (
        REPO + r"/pulls/(\d+)/reviews",
        _of_pull(lambda p: [_review(r) for r in p["reviews"]]),
    ),
    (
        REPO + r"/pulls/(\d+)/commits",
        _of_pull(lambda p: [_commit(c) for c in p["commits"][:COMMITS_OF_A_PULL]]),
    ),
    (
        REPO + r"/pulls/(\d+)/files",
        _of_pull(lambda p: [_file(f) for f in p["files"][:FILES_OF_A_PULL]]),
    ),
    (REPO + r"/pulls/(\d+)/comments", _of_pull(lambda p: [])),
    (
        REPO + r"/issues/(\d+)/comments",
        _of_pull(lambda p: [_comment(c) for c in p["comments"]]),
    ),
    (REPO + r"/issues/(?:comments/)?(\d+)/reactions", _of_pull(lambda p: [])),
    (
        REPO + r"/pulls/(\d+)/requested_reviewers",
        _of_pull(lambda p: {"users": [], "teams": []}),
    ),
    (REPO + r"/hooks/(\d+)/deliveries", _deliveries),
    (REPO + r"/hooks/(\d+)/deliveries/(\d+)/attempts", _redeliver),
    (r"/users/([^/]+)", _user_json),
    (r"/users/([^/]+)/orgs", lambda replica, token, query, login: []),
]
