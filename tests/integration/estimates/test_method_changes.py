"""The page of what a change of method moved, with a second version that only this test registers."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.test import Client

from analysis import queries, services
from analysis.models import Estimate
from evidence import recompute
from evidence.services import verify
from tests.integration.estimates.test_ladder import BUILDS, claimed_change, enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def older_version() -> Iterator[str]:
    """Version 0.9 of the yearly effect, which promised half of what 1.0 does."""
    current = recompute.method("value.effect", "1.0")

    @recompute.recompute("value.effect", "0.9", words="Half of it", libraries=current.libraries)
    def half(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> Mapping[str, Any]:
        found = dict(current.compute(inputs, parameters, seed))
        return {**found, **{name: found[name] / 2 for name in ("p10", "p50", "p90")}}

    yield "0.9"
    recompute._methods.pop(("value.effect", "0.9"))


def test_with_one_version_the_page_says_so(client: Client) -> None:
    page = client.get("/method/changes/").content.decode()
    assert "because there was none" in page
    assert queries.method_steps() == []


def test_each_figure_stands_under_both_versions(client: Client, older_version: str) -> None:
    change = claimed_change()
    enter("builds", BUILDS)
    services.estimate_change(change=change)
    stored = Estimate.objects.get(level="L3")
    (step,) = queries.method_steps()
    assert (step.method, step.old, step.new) == ("value.effect", "0.9", "1.0")
    (row,) = queries.moved(step).rows
    assert not row.is_same
    assert row.new.receipt == stored.receipt
    assert row.old.value == pytest.approx((stored.p50 or 0) / 2, rel=1e-5)
    page = client.get("/method/changes/").content.decode()
    for figure in (row.old, row.new):
        assert f"/receipts/{figure.receipt}/" in page
        again = client.post(f"/receipts/{figure.receipt}/compute/", {"of": figure.subject}).content.decode()
        assert "The bytes agree." in again


def test_old_receipts_stay_valid_under_their_version(older_version: str) -> None:
    change = claimed_change()
    enter("builds", BUILDS)
    services.estimate_change(change=change)
    old = [item for item in queries.estimate_receipts(change) if item.document["method"]["version"] == older_version]
    assert len(old) == 1
    assert verify(old[0]).ok


def test_a_version_that_cannot_read_the_inputs_says_so(client: Client) -> None:
    @recompute.recompute("value.effect", "0.8", words="It knew no persistence")
    def narrow(inputs: Mapping[str, Any], parameters: Mapping[str, Any], seed: int | None, /) -> Mapping[str, Any]:
        raise ValueError("no such input")

    try:
        change = claimed_change()
        enter("builds", BUILDS)
        services.estimate_change(change=change)
        (row,) = queries.moved(queries.method_steps()[0]).rows
        assert not row.old.known
        assert "no such input" in row.old.reason
        assert client.get("/method/changes/").status_code == 200
        assert len(list(queries.estimate_receipts(change))) == 2
    finally:
        recompute._methods.pop(("value.effect", "0.8"))


def test_a_cursor_that_is_none_is_ignored(client: Client) -> None:
    for after in ("-1", "x", "9" * 40, "\u0661"):
        assert client.get("/method/changes/", {"after": after, "step": "?"}).status_code == 200
