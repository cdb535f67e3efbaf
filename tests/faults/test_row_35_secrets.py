"""Row 35: secrets in a pull's title, description, commit messages, branch, label and milestone. They are nowhere."""

import io
import logging
import zlib

import pytest
from django.apps import apps
from django.core.management import call_command

from analysis import services
from analysis.collection.github_store import unpack
from analysis.models import RawPayload, Repository, WebhookDelivery
from tests.integration.collection.test_webhooks import SECRET, deliver, pull_payload
from tests.replica.collected import edit, pulls
from tests.replica.server import Replica

pytestmark = pytest.mark.django_db
# Made up, in the shapes that real ones have.
CANARIES = (
    "ghp_" + "C4n4rY0one" * 3 + "Ab12Cd",
    "AKIA" + "CANARYTWO2345678",
    "sk-proj-" + "c4n4ry3three" * 4,
    "xoxb-" + "123456789012-1234567890123-" + "c4n4rYfour5678901234abcd",
    "canary.five@lighthouse.example",
)


def opened(value: bytes | memoryview) -> str:
    try:
        return zlib.decompress(bytes(value)).decode("utf-8", "replace")
    except zlib.error:
        return bytes(value).decode("utf-8", "replace")


def dump() -> str:
    """Every value of every row, compressed bodies opened."""
    told = io.StringIO()
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            told.writelines(opened(v) if isinstance(v, bytes | memoryview) else f"{v}\n" for v in row)
    return told.getvalue()


@pytest.mark.parametrize("profile", ["core", "full"])
def test_no_canary_reaches_a_row_a_log_or_an_export(
    replica: Replica, github_repository: Repository, caplog: pytest.LogCaptureFixture, profile: str
) -> None:
    all_of_them = " ".join(CANARIES)
    pull = pulls(replica).get(5)
    assert pull is not None
    commits = [dict(c) for c in pull["commits"]]
    commits[0]["commit"] = commits[0]["commit"] | {"message": f"Oops\n\n{all_of_them}"}
    edit(
        replica, 5, title=f"Use {CANARIES[0]}", body=f"Secrets: {all_of_them}", commits=commits,
        headRefName=f"try-{CANARIES[1]}", milestone={"__typename": "Milestone", "title": f"v1 {CANARIES[2]}"},
        labels=[{"__typename": "Label", "name": f"key {CANARIES[0]}"}],
    )  # fmt: skip
    with caplog.at_level(logging.DEBUG):
        services.collect(source="lighthouse/ledger", profile=profile)
    stored = dump()
    exported = io.StringIO()
    call_command("changes", "lighthouse/ledger", "--jsonl", stdout=exported)
    for canary in CANARIES:
        assert canary not in stored
        assert canary not in exported.getvalue()
        assert canary not in caplog.text
    assert "replica-token" not in stored + caplog.text
    assert b"[redacted:" in unpack(RawPayload.objects.get(change__number=5).body)


def test_no_canary_of_a_webhook_is_stored(settings: object, github_repository: Repository) -> None:
    settings.GITHUB_WEBHOOK_SECRETS = [SECRET]  # type: ignore[attr-defined]
    payload = pull_payload(body=" ".join(CANARIES)) | {"repository": {"full_name": "lighthouse/ledger"}}
    assert deliver(payload).status_code == 202
    assert WebhookDelivery.objects.get().state == "stored"
    stored = dump()
    assert not [canary for canary in CANARIES if canary in stored]
