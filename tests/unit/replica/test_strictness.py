"""The replica refuses and charges what GitHub documents: it is the judge of the client, so it is judged first."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.replica.faults import Fault
from tests.replica.seed import seeded_repo
from tests.replica.server import Replica
from tests.replica.world import Clock, Token, World

PULLS = """
query Pulls($first: Int!, $after: String) {
  rateLimit { cost remaining nodeCount }
  repository(owner: "lighthouse", name: "ledger") {
    pullRequests(first: $first, after: $after, orderBy: {field: UPDATED_AT, direction: DESC}) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        number updatedAt
        reviews(first: 100) { totalCount nodes { state } }
        labels(first: 100) { nodes { name } }
        timelineItems(first: 100, itemTypes: [READY_FOR_REVIEW_EVENT]) { nodes { __typename } }
      }
    }
  }
}
"""


@pytest.fixture
def replica() -> Iterator[Replica]:
    world = World(Clock(start=1_800_000_000))
    seeded_repo(world, pulls=60, heavy=1)
    with Replica(world) as running:
        yield running


def ask(replica: Replica, query: str, token: str = "replica-token", **variables: Any) -> httpx.Response:  # noqa: S107 - made up
    headers = {"Authorization": f"bearer {token}"}
    return httpx.post(f"{replica.url}/graphql", json={"query": query, "variables": variables}, headers=headers)


def test_a_page_is_charged_by_the_documented_formula(replica: Replica) -> None:
    answer = ask(replica, PULLS, first=49).json()["data"]
    # 1 + 3 * 49 requests are 1.48 hundreds: one point.
    assert answer["rateLimit"] == {"cost": 1, "remaining": 4999, "nodeCount": 49 + 3 * 4900}
    assert ask(replica, PULLS, first=100).headers["x-ratelimit-remaining"] == "4996"  # (1 + 300) / 100 -> 3 points


def test_pages_follow_each_other_without_gaps(replica: Replica) -> None:
    seen: list[int] = []
    after = None
    while True:
        page = ask(replica, PULLS, first=7, after=after).json()["data"]["repository"]["pullRequests"]
        seen += [n["number"] for n in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == list(range(60, 0, -1))
    assert page["totalCount"] == 60


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ('{ repository(owner: "lighthouse", name: "ledger") { pullRequests { totalCount } } }', "MISSING_PAGINATION_BOUNDARIES"),  # noqa: E501
        ('{ repository(owner: "lighthouse", name: "ledger") { pullRequests(first: 101) { totalCount } } }', "EXCESSIVE_PAGINATION"),  # noqa: E501
        ('{ repository(owner: "lighthouse", name: "ledger") { pullRequests(first: 0) { totalCount } } }', "EXCESSIVE_PAGINATION"),  # noqa: E501
        ('{ repository(owner: "lighthouse", name: "ledger") { pullRequests(first: 100) { nodes { reviews(first: 100) { nodes { comments(first: 50) { totalCount } } } } } } }', "MAX_NODE_LIMIT_EXCEEDED"),  # noqa: E501
        ('{ repository(owner: "lighthouse", name: "absent") { name } }', "NOT_FOUND"),
        ('{ repository(owner: "lighthouse", name: "ledger") { pullRequest(number: 999) { title } } }', "NOT_FOUND"),
    ],
)  # fmt: skip
def test_refusals_are_errors_with_status_200(replica: Replica, query: str, kind: str) -> None:
    answer = ask(replica, query)
    assert answer.status_code == 200
    assert [e["type"] for e in answer.json()["errors"]] == [kind]


def test_an_invalid_query_names_the_field(replica: Replica) -> None:
    answer = ask(replica, '{ repository(owner: "a", name: "b") { pullRequestz { totalCount } } }').json()
    assert "pullRequestz" in answer["errors"][0]["message"]


def test_any_valid_field_answers_even_if_the_data_has_nothing_for_it(replica: Replica) -> None:
    query = """{ repository(owner: "lighthouse", name: "ledger") {
        discussions(first: 1) { totalCount } hasIssuesEnabled forkCount
        pullRequest(number: 3) { reactions(first: 1) { totalCount } assignees(first: 2) { nodes { login } } mergeable }
    } }"""
    answer = ask(replica, query).json()
    assert "errors" not in answer
    assert answer["data"]["repository"]["discussions"] == {"totalCount": 0}


def test_the_hour_is_limited_with_status_200_and_the_next_hour_is_free(replica: Replica) -> None:
    replica.world.tokens["small"] = Token(login="small", limit=2)
    assert "data" in ask(replica, PULLS, "small", first=5).json()
    assert "data" in ask(replica, PULLS, "small", first=5).json()
    refused = ask(replica, PULLS, "small", first=5)
    assert refused.status_code == 200
    assert refused.json()["errors"][0]["type"] == "RATE_LIMITED"
    assert refused.headers["x-ratelimit-remaining"] == "0"
    replica.world.clock.advance(3601)
    assert "data" in ask(replica, PULLS, "small", first=5).json()


def test_two_thousand_points_in_a_minute_are_too_fast(replica: Replica) -> None:
    replica.limits.spend("replica-token", "graphql", 2000)
    assert ask(replica, PULLS, first=5).status_code == 403
    replica.world.clock.advance(61)
    assert ask(replica, PULLS, first=5).status_code == 200


def test_a_wrong_token_is_401_and_a_hidden_repository_is_not_found(replica: Replica) -> None:
    assert ask(replica, PULLS, "wrong", first=5).status_code == 401
    next(iter(replica.world.repos.values())).private = True
    assert ask(replica, PULLS, first=5).json()["errors"][0]["type"] == "NOT_FOUND"


def test_faults_happen_once_and_in_order(replica: Replica) -> None:
    replica.script.add(
        Fault("status", lambda c: c.size >= 49, status=502, points=5),
        Fault("partial", paths=(("repository", "pullRequests", "nodes", 0, "reviews"),)),
        Fault("cut", bytes=30),
    )
    assert ask(replica, PULLS, first=49).status_code == 502
    partial = ask(replica, PULLS, first=49).json()
    assert partial["errors"][0]["type"] == "RESOURCE_LIMITS_EXCEEDED"
    assert partial["data"]["repository"]["pullRequests"]["nodes"][0]["reviews"] is None
    with pytest.raises(httpx.RemoteProtocolError):
        ask(replica, PULLS, first=5)
    assert "errors" not in ask(replica, PULLS, first=5).json()


def test_a_renamed_repository_answers_under_its_old_name(replica: Replica) -> None:
    replica.world.rename("lighthouse/ledger", "harbour", "books")
    answer = ask(replica, '{ repository(owner: "lighthouse", name: "ledger") { nameWithOwner } }').json()
    assert answer["data"]["repository"]["nameWithOwner"] == "harbour/books"
