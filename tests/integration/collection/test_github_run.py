"""GitHub into the database through the pipeline: rows, ledger, payloads, people."""

import json

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from analysis.collection.github_run import collect_github, repository_on_github
from analysis.collection.github_store import unpack
from analysis.models import (
    Change,
    Collection,
    Contributor,
    Label,
    Provenance,
    PullDetail,
    PullEvent,
    RawPayload,
    Repository,
    Review,
)
from analysis.sources.github.errors import RateLimited, RepositoryNotFound, TokenRefused, TokenWithoutRights
from jobs.models import Job
from tests.replica.collected import edit
from tests.replica.faults import Fault
from tests.replica.server import Replica
from tests.replica.world import Token

pytestmark = pytest.mark.django_db


def test_a_full_collection_is_complete_and_green(replica: Replica, github_repository: Repository) -> None:
    ledger = collect_github(github_repository)
    assert (ledger.state, ledger.reason) == ("complete", "")
    assert ledger.held["pulls"] == 60
    assert ledger.stored["pulls"] == 60
    assert ledger.checkpoint["points"] == replica.points
    heavy = Change.objects.get(number=1)
    assert (heavy.reviews.count(), heavy.commit_rows.count(), heavy.files.count()) == (110, 120, 130)
    assert heavy.pull_detail.counts["reviews"] == [110, 110]
    github_repository.refresh_from_db()
    assert (github_repository.licence, github_repository.is_private) == ("MIT", False)


def test_a_second_run_writes_no_row(replica: Replica, github_repository: Repository) -> None:
    collect_github(github_repository)
    replica.forget()
    assert collect_github(github_repository).written == 0
    assert len(replica.calls) <= 2


def test_a_changed_pull_writes_only_its_own_rows(replica: Replica, github_repository: Repository) -> None:
    collect_github(github_repository)
    others = dict(Provenance.objects.exclude(change__number=7).values_list("pk", "fingerprint"))
    edit(replica, 7, title="Keep the harbour lights on", labels=[])
    collect_github(github_repository)
    changed = Change.objects.get(number=7)
    assert changed.title == "Keep the harbour lights on"
    assert not changed.labels.exists()
    assert dict(Provenance.objects.exclude(change__number=7).values_list("pk", "fingerprint")) == others


def test_third_parties_are_pseudonyms_and_bots_are_themselves(replica: Replica, github_repository: Repository) -> None:
    collect_github(github_repository)
    logins = {n["login"] for n in replica.world.users.values() if n["__typename"] == "User"}
    people = Contributor.objects.filter(kind="human")
    assert people.count() >= 5
    assert not logins & set(people.values_list("login", flat=True))
    assert not logins & set(people.values_list("display_name", flat=True))
    assert list(Contributor.objects.filter(kind="bot").values_list("login", flat=True)) == ["polite-review-bot"]
    assert Review.objects.filter(by_machine=True).exists()


def test_payloads_are_redacted_and_keep_the_hash_of_what_came(replica: Replica, github_repository: Repository) -> None:
    canary = "ghp_" + "A1b2C3d4E5" * 3 + "F6g7H8"
    edit(replica, 9, body=f"The token is {canary}, mail harbour.master@lighthouse.example")
    collect_github(github_repository)
    payload = RawPayload.objects.get(change__number=9)
    body = unpack(payload.body)
    assert canary.encode() not in body
    assert b"harbour.master@" not in body
    assert json.loads(body)["number"] == 9
    change = Change.objects.get(number=9)
    assert canary not in (change.body or "")
    assert not any(canary in text.text for text in change.texts.all())


def test_a_limit_in_mid_run_keeps_what_was_collected(replica: Replica, github_repository: Repository) -> None:
    replica.world.tokens["small"] = Token(login="small", limit=6)  # opening, and one page of five points
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.GITHUB_TOKENS", ["small"])
        with pytest.raises(RateLimited) as caught:
            collect_github(github_repository)
    assert "What was collected is kept" in str(caught.value)
    assert Change.objects.count() == 49
    assert Collection.objects.latest("pk").state == "failed"
    ledger = collect_github(github_repository)
    assert ledger.state == "complete"
    assert Change.objects.count() == 60


def test_what_github_failed_to_give_makes_the_run_partial_and_a_repair_mends_it(
    replica: Replica, github_repository: Repository
) -> None:
    nodes = ("repository", "pullRequests", "nodes")
    replica.script.add(
        Fault("partial", lambda c: c.operation == "PullsFull", paths=((*nodes, 2, "files"),)),
        Fault("partial", lambda c: bool(c.variables.get("files")), paths=(("node", "files"),)),
    )
    ledger = collect_github(github_repository)
    assert ledger.state == "partial"
    assert ledger.incomplete == [{"item": "pull:58", "reason": "files"}]
    replica.forget()
    ledger = collect_github(github_repository, repair=True)
    assert (ledger.state, ledger.reason) == ("complete", "")
    assert [c.operation for c in replica.calls] == ["Repository", "Listing", "ByIdFull"]


@pytest.mark.parametrize(
    ("token", "name", "error", "words"),
    [
        ("ghp_mistyped", "lighthouse/ledger", TokenRefused, "Make a new one"),
        ("", "lighthouse/ledger", TokenRefused, "GITHUB_TOKEN is empty"),
        ("blind", "lighthouse/ledger", TokenWithoutRights, "Pull requests: read"),
        ("replica-token", "lighthouse/absent", RepositoryNotFound, "Check the spelling"),
    ],
)
def test_each_refusal_says_what_happened_and_what_to_do(
    replica: Replica, settings: Settings, token: str, name: str, error: type[Exception], words: str
) -> None:
    replica.world.tokens["blind"] = Token(login="blind", pull_rights=False)
    settings.GITHUB_TOKENS = [token]
    with pytest.raises(error, match=words) as caught:
        collect_github(repository_on_github(name))
    ledger = Collection.objects.get()
    assert (ledger.state, ledger.reason) == ("failed", str(caught.value))
    assert "\n" not in ledger.reason
    assert not token.startswith("ghp_") or token not in ledger.reason


def test_details_reviews_labels_and_events_are_stored(replica: Replica, github_repository: Repository) -> None:
    collect_github(github_repository)
    assert PullDetail.objects.count() == 60
    assert Review.objects.filter(state="approved").exists()
    assert Label.objects.exists()
    assert set(PullEvent.objects.values_list("kind", flat=True)) >= {"ready", "commented"}


def test_a_limit_in_the_foreground_leaves_a_job_that_goes_on(
    replica: Replica, github_repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    replica.script.add(Fault("primary", lambda c: bool(c.variables.get("after"))))
    with pytest.raises(CommandError, match=r"manage\.py worker") as caught:
        call_command("collect", github_repository.key)
    assert caught.value.returncode == 3
    assert Change.objects.count() == 49
    job = Job.objects.get(kind="collect")
    assert (job.state, job.args) == ("waiting", {"repository_id": github_repository.pk})
    assert str(job.pk) in str(caught.value)
    assert "profile costs 12 points and 4 requests, and more where" in capsys.readouterr().err
