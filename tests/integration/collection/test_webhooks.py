"""Deliveries at the endpoint and in the database: without a token the payload is stored, with one the API is asked."""

import datetime as dt
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from analysis import queries, services
from analysis.collection.github_run import collect_github, repository_on_github
from analysis.collection.github_store import unpack
from analysis.models import Change, GitHubRepository, Repository, WebhookDelivery, WebhookRefusal
from evidence.models import AuditEntry
from jobs import retention
from jobs.models import Job
from tests.factories.github import GitHubRepositoryFactory
from tests.replica.hooks import sign
from tests.replica.server import Replica

pytestmark = pytest.mark.django_db
EXAMPLES = Path(__file__).parents[2] / "npm/node_modules/@octokit/webhooks-examples/api.github.com/index.json"
SECRET = "made-up-webhook-secret"


@pytest.fixture(autouse=True)
def secret(settings: Settings) -> str:
    settings.GITHUB_WEBHOOK_SECRETS = ["the-next-one", SECRET]
    settings.GITHUB_TOKENS = []
    return SECRET


def deliver(body: bytes | dict[str, Any], event: str = "pull_request", **headers: str) -> HttpResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    chosen = {
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": sign(SECRET, raw),
        "Content-Type": "application/json",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    kind = chosen.pop("Content-Type")
    return Client().post("/webhooks/github", raw, content_type=kind, headers=chosen)


def pull_payload(action: str = "opened", **pull: Any) -> dict[str, Any]:
    made = {
        "number": 12, "node_id": "PR_made_up", "html_url": "https://github.com/lighthouse/ledger/pull/12",
        "title": "Count the boats", "body": "Boats are counted.", "state": "open", "draft": False,
        "created_at": "2031-02-01T10:00:00Z", "updated_at": "2031-02-01T10:00:00Z", "closed_at": None,
        "merged_at": None, "merged_by": None, "merge_commit_sha": None, "commits": 2, "additions": 10, "deletions": 3,
        "changed_files": 2, "comments": 0, "labels": [{"name": "boats"}],
        "user": {"login": "mira-okafor", "id": 9001, "type": "User"},
        "head": {"sha": "a" * 40, "ref": "boats"}, "base": {"sha": "b" * 40, "ref": "main"},
    } | pull  # fmt: skip
    return {"action": action, "pull_request": made, "repository": {"id": 77, "full_name": "lighthouse/ledger"}}


@pytest.fixture
def known() -> Repository:
    return GitHubRepositoryFactory(database_id=77, full_name="lighthouse/ledger").repository


def work() -> None:
    for row in WebhookDelivery.objects.filter(state="stored"):
        services.handle_webhook(delivery_id=row.delivery_id)


def test_a_delivery_is_stored_with_its_job_and_then_answered(known: Repository) -> None:
    answer = deliver(pull_payload(), X_GitHub_Delivery="11111111-2222-3333-4444-555555555555")
    assert (answer.status_code, answer.json()["state"]) == (202, "stored")
    row = WebhookDelivery.objects.get()
    assert (row.event, row.action, row.number) == ("pull_request", "opened", 12)
    assert Job.objects.get(kind="webhook").args == {"delivery_id": row.delivery_id}
    work()
    change = Change.objects.get()
    assert (change.title, change.merged, change.key) == ("Count the boats", False, "pull:12")
    assert change.pull_detail.profile == "webhook"


def test_each_secret_is_accepted_so_that_one_can_follow_the_other(known: Repository) -> None:
    raw = json.dumps(pull_payload()).encode()
    assert deliver(raw, X_Hub_Signature_256=sign("the-next-one", raw)).status_code == 202


def test_what_is_stored_is_redacted_and_keeps_the_hash_of_the_raw_bytes(known: Repository) -> None:
    canary = "ghp_" + "Z9y8X7w6V5" * 3 + "U4t3S2"
    deliver(pull_payload(body=f"token {canary} of keeper@lighthouse.example"))
    row = WebhookDelivery.objects.get()
    assert canary.encode() not in unpack(row.body)
    assert b"keeper@" not in unpack(row.body)
    assert row.sha256 and row.size
    work()
    assert canary not in (Change.objects.get().body or "")


@pytest.mark.parametrize(
    ("headers", "status", "reason"),
    [
        ({"X_GitHub_Event": ""}, 400, "no_event"),
        ({"X_GitHub_Event": "../etc"}, 400, "no_event"),
        ({"X_GitHub_Delivery": "no"}, 400, "no_delivery_id"),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415, "content_type"),
    ],
)
def test_what_no_github_sends_is_refused_with_a_reason(headers: dict[str, str], status: int, reason: str) -> None:
    answer = deliver(pull_payload(), **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, reason)
    assert WebhookRefusal.objects.get().reason == reason
    assert not WebhookDelivery.objects.exists()


def test_other_methods_are_refused() -> None:
    answer = Client().get("/webhooks/github")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_unknown_events_and_repositories_are_noted_without_their_body(known: Repository) -> None:
    payload = pull_payload() | {"repository": {"id": 5, "full_name": "someone/else"}}
    assert deliver(payload).json()["state"] == "ignored"
    assert deliver({"zen": "Anything added dilutes everything else."}, event="ping").json()["state"] == "ignored"
    assert deliver({"x": 1}, event="invented_tomorrow").json()["state"] == "ignored"
    assert [bytes(row.body) for row in WebhookDelivery.objects.all()] == [b"", b"", b""]
    assert not Job.objects.filter(kind="webhook").exists()


def test_news_of_the_repository(known: Repository) -> None:
    about = {"id": 77, "full_name": "harbour/books"}
    deliver({"action": "renamed", "repository": about}, event="repository")
    deliver({"action": "privatized", "repository": about}, event="repository")
    deliver({"action": "deleted", "repository": about}, event="repository")
    work()
    known.refresh_from_db()
    assert (known.name, known.is_private) == ("harbour/books", True)
    assert AuditEntry.objects.get(action="collection.seen_private").changes == {"is_private": [False, True]}
    assert "deleted" in GitHubRepository.objects.get().gone_reason


def test_a_published_repository_that_was_public_between_is_off_the_site(known: Repository) -> None:
    about = {"id": 77, "full_name": known.name}
    deliver({"action": "privatized", "repository": about}, event="repository")
    work()
    services.set_private_published(repository=known, published=True, reason="made up", actor="system:test")
    assert queries.public_repositories().filter(pk=known.pk).exists()
    deliver({"action": "publicized", "repository": about, "n": 2}, event="repository")
    work()
    known.refresh_from_db()
    assert (known.is_private, known.published_at) == (False, None)
    deliver({"action": "privatized", "repository": about, "n": 3}, event="repository")
    work()
    assert not queries.public_repositories().filter(pk=known.pk).exists()


def test_with_a_token_many_deliveries_ask_for_one_look(
    replica: Replica, github_repository: Repository, settings: Settings
) -> None:
    settings.GITHUB_TOKENS = ["replica-token"]
    collect_github(github_repository, profile="core")
    database_id = GitHubRepository.objects.get().database_id
    for number in (3, 4, 5):
        payload = pull_payload(number=number) | {"repository": {"id": database_id, "full_name": "lighthouse/ledger"}}
        assert deliver(payload).status_code == 202
    work()
    assert Job.objects.filter(kind="github").count() == 1
    assert Change.objects.get(number=3).title != "Count the boats"


def example_payloads() -> list[tuple[str, dict[str, Any]]]:
    found = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return [(entry["name"], payload) for entry in found for payload in entry["examples"]]


def test_every_published_example_is_accepted_or_refused_for_a_reason() -> None:
    examples = example_payloads()
    assert len(examples) > 250
    names = {p["repository"]["full_name"] for _, p in examples if isinstance(p.get("repository"), dict)}
    for name in sorted(names):
        repository_on_github(name)
    states: dict[str, int] = {}
    for event, payload in examples:
        answer = deliver(payload, event=event)
        assert answer.status_code == 202, (event, payload.get("action"), answer.content)
        states[answer.json()["state"]] = states.get(answer.json()["state"], 0) + 1
    work()
    rows = WebhookDelivery.objects.all()
    assert rows.count() == len(examples)
    assert not rows.filter(state="stored").exists()
    assert not rows.filter(state="ignored", reason="").exists()
    pulls = rows.filter(event="pull_request")
    assert pulls.count() >= 20
    assert set(pulls.values_list("reason", flat=True)) <= {"", "something newer of this pull is stored"}
    assert Change.objects.exists()


def test_handled_deliveries_are_deleted_after_their_days_and_open_ones_stay(known: Repository) -> None:
    deliver(pull_payload())
    work()
    deliver(pull_payload(action="edited"))
    WebhookDelivery.objects.update(received_at=timezone.now() - dt.timedelta(days=91))
    assert retention.enforce(timezone.now())["webhook-deliveries"] == 1
    assert WebhookDelivery.objects.get().state == WebhookDelivery.State.STORED
    assert Change.objects.get().title == "Count the boats", "what a delivery told stays"
