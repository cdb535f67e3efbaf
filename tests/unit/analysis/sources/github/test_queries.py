"""Every query is valid by GitHub's own schema, and costs what we say before it is sent."""

import itertools

import pytest
from graphql import parse, validate

from analysis.sources.github.cost import points
from analysis.sources.github.documents import document, names, price_of_run
from analysis.sources.github.transport import _operation
from tests.replica.resolve import price
from tests.replica.schema import github_schema

LISTS = ("reviews", "labels", "timelineItems", "commits", "files", "comments", "reviewThreads", "userContentEdits")


@pytest.mark.parametrize("name", names())
def test_a_query_is_valid_by_githubs_schema(name: str) -> None:
    parsed = parse(document(name))
    assert validate(github_schema(), parsed) == []
    assert any(getattr(d, "name", None) and d.name.value == _operation(name) for d in parsed.definitions)


@pytest.mark.parametrize("name", names())
def test_our_price_is_the_schemas_price(name: str) -> None:
    parsed = parse(document(name))
    lists = [dict.fromkeys(chosen, True) for chosen in itertools.combinations(LISTS, 2)]
    for size, more in itertools.product((1, 2, 10, 49, 50, 100), [{}, *lists[:6]]):
        variables = {"first": size, "ids": ["PR_x"] * size, "owner": "a", "name": "b", "id": "x"} | more
        assert points(document(name), variables) == price(parsed, None, variables).points


def test_a_thousand_pulls_stay_within_the_budget() -> None:
    core_points, core_requests = price_of_run("core", 1000)
    full_points, full_requests = price_of_run("full", 1000)
    assert core_points <= 25
    assert core_requests <= 45
    assert full_points <= 120
    assert full_requests <= 45
