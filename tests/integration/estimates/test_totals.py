"""Totals on the site: draws are added, an outcome counts once, and nothing hidden is in them."""

import json
import re

import pytest
from django.test import Client

from analysis import queries, services
from analysis.estimates.models import EstimateTotal
from analysis.models import Change, Estimate
from evidence import queries as evidence
from evidence.services import verify
from tests.factories.claims import curator
from tests.factories.collection import RepositoryFactory
from tests.integration.estimates.test_ladder import BUILDS, RATE, REALISED, claimed_change, enter

pytestmark = pytest.mark.django_db


def compute() -> dict[str, int]:
    return services.estimate_repository()


def of_all(level: str = "L3") -> EstimateTotal:
    return next(row for row in queries.current_totals() if row.repository is None and row.level == level)


def in_one_repository(count: int) -> list[Change]:
    """Changes of one repository with a quoted build time each, of outcomes of their own."""
    changes = [claimed_change() for _ in range(count)]
    repository = RepositoryFactory.create()
    for at, change in enumerate(changes):
        change.repository = repository
        change.save()
        change.claims.update(outcome_key=f"build-{at}")
    return changes


def test_a_total_adds_draws_and_its_receipt_verifies() -> None:
    changes = in_one_repository(3)
    enter("builds", BUILDS)
    compute()
    row = of_all()
    parts = Estimate.objects.filter(level="L3")
    assert (row.outcomes, row.left_out, row.parts) == (3, 0, 3)
    # Three shares do not all err to one side at once: the range of the sum is narrower than the sum of the ranges.
    assert sum(part.p10 or 0 for part in parts) < row.p10 < row.p50 < row.p90 < sum(part.p90 or 0 for part in parts)
    receipt = evidence.receipt(row.receipt)
    assert receipt is not None
    assert verify(receipt).ok
    assert {entry["ref"] for entry in json.loads(receipt.document)["inputs"]} == {
        queries.change_ref(change) for change in changes
    }


def test_one_outcome_told_twice_counts_once() -> None:
    changes = in_one_repository(2)
    for change in changes:
        change.claims.update(outcome_key="the-same-build")
    enter("builds", BUILDS)
    compute()
    row = of_all()
    assert (row.outcomes, row.left_out) == (1, 1)
    assert row.p50 == Estimate.objects.filter(level="L3").first().p50  # type: ignore[union-attr]  # there are two


def test_hours_and_money_stay_apart_and_all_is_told_beside_each_repository() -> None:
    in_one_repository(2)
    for name, content in (("builds", BUILDS), ("rate", RATE), ("realised", REALISED)):
        enter(name, content)
    compute()
    found = {(row.repository is None, row.level, row.unit) for row in queries.current_totals()}
    assert found == {(all_, *rest) for all_ in (True, False) for rest in (("L3", "hour/year"), ("L4", "USD/year"))}


def test_what_nothing_touched_is_not_added_again() -> None:
    in_one_repository(2)
    enter("builds", BUILDS)
    compute()
    before = [row.pk for row in queries.current_totals()]
    assert compute()["rows_written"] == 0
    assert [row.pk for row in queries.current_totals()] == before
    enter("builds", BUILDS, high=90.0)
    compute()
    assert {row.pk for row in queries.current_totals()}.isdisjoint(before)


def test_a_hidden_part_takes_the_total_off_the_site_at_once(client: Client) -> None:
    changes = in_one_repository(2)
    enter("builds", BUILDS)
    compute()
    stale = of_all()
    assert client.get(f"/receipts/{stale.receipt}/").status_code == 200
    services.set_change_hidden(change=changes[0], hidden=True, actor=curator())
    assert queries.current_totals() == []
    assert stale.receipt not in client.get("/value/").content.decode()
    assert client.get(f"/receipts/{stale.receipt}/").status_code == 404
    compute()
    assert of_all().outcomes == 1


def test_the_page_shows_totals_and_why_the_rest_is_not_priced(client: Client) -> None:
    assert "No outcome has an effect in a year yet" in client.get("/value/").content.decode()
    in_one_repository(2)
    enter("builds", BUILDS)
    compute()
    page = client.get("/value/").content.decode()
    assert f"/receipts/{of_all().receipt}/" in page
    assert "None appears before an input with a source supports it" in page
    assert re.search(r"No rate with a source and a date</q> <code[^>]*>G1</code>", page), (
        "what is missing, then its code"
    )


def test_the_page_costs_few_queries(client: Client, django_assert_max_num_queries: object) -> None:
    in_one_repository(6)
    enter("builds", BUILDS)
    compute()
    with django_assert_max_num_queries(12):  # type: ignore[operator]  # the fixture is untyped
        client.get("/value/")


def test_what_stands_on_a_claim_and_an_assumption(client: Client) -> None:
    change = in_one_repository(1)[0]
    enter("builds", BUILDS)
    compute()
    claim = change.claims.get()
    page = client.get("/basis/", {"of": f"claim:{claim.key}"}).content.decode()
    assert claim.quote in page
    assert page.count('class="figure"') == 2  # what is quoted, and the effect in a year
    page = client.get("/basis/", {"of": "assumption:builds@1"}).content.decode()
    assert "CI statistics of May" in page
    assert page.count('class="figure"') == 3  # the effect, and its median at either end
    basis = queries.basis("assumption:builds@1")
    assert basis is not None
    (row,) = basis.rows
    assert row.low is not None and row.high is not None
    assert row.low.value < row.figure.value < row.high.value  # type: ignore[operator]  # all three are numbers
    for figure in (row.low, row.high):
        answer = client.post(f"/receipts/{figure.receipt}/compute/", {"of": figure.subject})
        assert "The bytes agree." in answer.content.decode()


def test_what_stands_on_hidden_things_is_not_told(client: Client) -> None:
    change = in_one_repository(1)[0]
    enter("builds", BUILDS)
    compute()
    services.set_change_hidden(change=change, hidden=True, actor=curator())
    for reference in (f"claim:{change.claims.get().key}", "assumption:builds@1", "assumption:none@1", "x", ""):
        assert client.get("/basis/", {"of": reference}).status_code == 404


def test_an_assumption_that_was_replaced_leads_to_the_one_in_use(client: Client) -> None:
    in_one_repository(1)
    enter("builds", BUILDS)
    enter("builds", BUILDS, high=90.0)
    compute()
    page = client.get("/basis/", {"of": "assumption:builds@1"}).content.decode()
    assert "replaced by" in page
    assert "nothing here would change" in page


def test_what_stands_on_a_change_names_its_figures_and_the_totals(client: Client) -> None:
    changes = in_one_repository(2)
    enter("builds", BUILDS)
    compute()
    reference = queries.change_ref(changes[0])
    page = client.get("/basis/", {"of": reference}).content.decode()
    assert page.count('class="figure"') == 2  # what is quoted, and the effect in a year
    assert f"/receipts/{of_all().receipt}/" in page
    path = client.get(f"/evidence/{changes[0].repository.key}/pull/{changes[0].number}/value/").content.decode()
    assert "What stands on this change" in path
    services.set_change_hidden(change=changes[1], hidden=True, actor=curator())
    assert of_receipts(client, reference) == 0  # the totals hold a hidden part
    services.set_change_hidden(change=changes[0], hidden=True, actor=curator())
    assert client.get("/basis/", {"of": reference}).status_code == 404


def of_receipts(client: Client, reference: str) -> int:
    return client.get("/basis/", {"of": reference}).content.decode().count("value.total")
