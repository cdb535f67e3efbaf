"""The page of a pull: stages that add up exactly, reviews of machines apart, a reason for what is unknown."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analysis import queries
from analysis.facts.compute import compute
from analysis.facts.models import ChangeFacts
from analysis.models import Change
from evidence.receipts import Verdict
from evidence.services import verify
from portfolio.publishing.addresses import change_path
from tests.factories.collection import ChangeFactory, CommitFactory
from tests.factories.github import PullDetailFactory, PullEventFactory, ReviewFactory

pytestmark = pytest.mark.django_db
BEGUN = dt.datetime(2025, 3, 1, 8, 0, 7, tzinfo=dt.UTC)


def at(hours: float) -> dt.datetime:
    return BEGUN + dt.timedelta(hours=hours)


@pytest.fixture
def reviewed() -> Change:
    """A draft that became ready, was looked at by a bot, asked for changes once, approved and merged."""
    change = ChangeFactory(
        number=7, key="pull:7", kind="merge", opened_at=at(5), merged_at=at(1000.5), closed_at=at(1000.5),
        landed_at=at(1000.5), said_by={"title": "github", "body": "webhook", "kind": "git", "opened_at": "github"},
        unknown={"author": "GitHub names no author: the account was deleted"},
    )  # fmt: skip
    CommitFactory(change=change, authored_at=at(0), committed_at=at(1))
    PullDetailFactory(change=change)
    PullEventFactory(change=change, position=0, kind="ready", at=at(29))
    ReviewFactory(change=change, state="commented", by_machine=True, submitted_at=at(30))
    ReviewFactory(change=change, state="changes_requested", submitted_at=at(53))
    ReviewFactory(change=change, state="approved", submitted_at=at(100))
    ReviewFactory(change=change, state="pending", submitted_at=None)
    return change


def figures_of(change: Change) -> dict[str, object]:
    found = queries.change_figures(Change.objects.select_related("repository").get(pk=change.pk))
    return {name: figure.value for name, figure in found.items() if name.startswith("cycle_")}


def test_stages_add_up_to_the_second(reviewed: Change):
    found = figures_of(reviewed)
    stages = [value for name, value in found.items() if "_to_" in name]
    hour = 3600
    assert stages == [5 * hour, 24 * hour, 24 * hour, 47 * hour, int(900.5 * hour)]
    assert sum(stages) == found["cycle_total"] == int(1000.5 * hour)
    assert found["cycle_draft"] == 24 * hour
    assert (found["cycle_rounds"], found["cycle_people"], found["cycle_machines"]) == (2, 2, 1)


def test_a_missing_event_leaves_both_its_sides_unknown_with_a_reason(reviewed: Change):
    reviewed.reviews.filter(state="approved").delete()
    found = queries.change_figures(Change.objects.select_related("repository").get(pk=reviewed.pk))
    for name in ("cycle_first_review_to_approved", "cycle_approved_to_merged"):
        assert (found[name].value, found[name].reason) == (None, "nobody approved it before it ended")
    assert found["cycle_total"].value == int(1000.5 * 3600)


def test_what_is_stored_is_what_the_receipts_say(reviewed: Change):
    plain = ChangeFactory(repository=reviewed.repository, number=8, key="pull:8", kind="merge")
    compute(reviewed.repository)
    stored = ChangeFacts.objects.get(change=reviewed).values
    assert {name: value for name, value in stored.items() if name.startswith("cycle_")} == figures_of(reviewed)
    quiet = ChangeFacts.objects.get(change=plain)
    assert not [name for name in {**quiet.values, **quiet.unknown} if name.startswith("cycle_")]
    receipts = list(queries.change_receipts(Change.objects.select_related("repository").get(pk=reviewed.pk)))
    cycle = [receipt for receipt in receipts if receipt.document["method"]["name"].startswith("facts.cycle")]
    assert len(cycle) == 10
    assert {verify(receipt).verdict for receipt in cycle} == {Verdict.SAME}


def test_the_page_shows_stages_and_which_source_said_what(client: Client, reviewed: Change):
    with CaptureQueriesContext(connection) as asked:
        page = client.get(change_path(reviewed)).content.decode()
    assert len(asked) <= 12
    for words in (
        "first commit to opened",
        "ready for review to first review",
        "review rounds",
        "by bots and assistants",
    ):
        assert words in page
    assert "<dt>the git mirror</dt><dd>how it landed</dd>" in page
    assert "<dt>GitHub’s API</dt><dd>title, opening time</dd>" in page
    assert "<dt>GitHub’s webhook</dt><dd>description</dd>" in page
    assert "the account was deleted" in page


def test_without_the_api_the_page_says_why_there_are_no_stages(client: Client):
    change = ChangeFactory(number=9, key="pull:9", kind="squash", said_by={"title": "git"})
    page = client.get(change_path(change)).content.decode()
    assert "only GitHub&#x27;s API tells of it" in page
    direct = ChangeFactory(number=None, key="commit:" + "a" * 40, kind="direct")
    assert 'id="time"' not in client.get(change_path(direct)).content.decode()
