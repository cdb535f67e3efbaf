"""Row 35: secrets in a pull's texts, branch, label and milestone, in paths and in diffs. They are nowhere."""

import datetime as dt
import io
import logging
import zipfile
import zlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from analysis import services as analysis
from analysis.collection.github_store import unpack
from analysis.models import RawPayload, Repository, WebhookDelivery
from analysis.reports import bundle
from analysis.reports import services as reports
from mlops import services as mlops
from mlops.providers.loopback import LoopbackServer
from mlops.routing import runtime
from tests.factories.routing import TargetFactory
from tests.gitstory import every_style
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
        analysis.collect(source="lighthouse/ledger", profile=profile)
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


def told_by_files(folder: Path) -> str:
    """Every file below a folder as text, archives and compressed files opened."""
    told = []
    for file in sorted(folder.rglob("*")):
        if file.is_file() and zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                told += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
        elif file.is_file():
            told.append(opened(file.read_bytes()))
    return "\n".join(told)


def shown(client: Client, repository: Repository) -> str:
    """The pages and answers of the API about a repository and all its changes."""
    addresses = ["/", "/evidence/", "/repositories/", f"/evidence/{repository.key}/", "/work/", "/search/?q=canaries"]
    addresses += [f"/api/v1/{name}/" for name in ("changes", "claims", "repositories", "achievements")]
    for change in repository.changes.all():
        kind, _, name = change.key.partition(":")
        address = f"/evidence/{repository.key}/{kind}/{name}/"
        addresses += [address, f"{address}value/", f"/api/v1/changes/{change.pk}/"]
    answers = [client.get(address) for address in addresses]
    assert {answer.status_code for answer in answers} <= {200, 404}
    assert sum(answer.status_code == 200 for answer in answers) > 15
    return "\n".join(answer.content.decode() for answer in answers)


def exported(folder: Path) -> str:
    """What the commands export: rows, claims, a report in each form, the signed bundle and a copy of the site."""
    told = io.StringIO()
    call_command("changes", "shelf", "--jsonl", stdout=told)
    call_command("export_site", str(folder / "copy"), stdout=told, stderr=told)
    report = reports.make(reader="self", period="year", day=dt.date(2031, 1, 6), actor="system:test")
    signed = bundle.sign(bundle.collect_payload(), Ed25519PrivateKey.from_private_bytes(bytes(32)))
    return told.getvalue() + told_by_files(folder) + report.document + signed.decode()


def test_no_canary_of_a_diff_a_path_or_a_commit_message_comes_out_anywhere(
    client: Client, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The mirror holds what the repository holds, as any clone does; nothing that is derived from it does."""
    settings.VAR_DIR, everything = tmp_path / "var", "\n".join(CANARIES)
    story = every_style(tmp_path / "shelf")
    story.commit({"keys.py": f"# {everything}\n"}, f"Keep the canaries\n\nIt takes 2 s instead of 9 s. {everything}")
    story.commit({"keys.py": "KEY = 1\n", f"{CANARIES[0]}.txt": everything}, f"Use {CANARIES[0]} and {CANARIES[3]}")
    story.commit({f"{CANARIES[1]}/{CANARIES[2]}.md": "x\n"}, f"Thank {CANARIES[4]} (#77)\n\n{everything}")
    story.finish()
    with caplog.at_level(logging.DEBUG):
        analysis.collect(source=str(story.path))
        repository = Repository.objects.get()
        analysis.compute_facts(repository_id=repository.pk)
        analysis.predict_types(repository_id=repository.pk)
        analysis.extract_claims(repository_id=repository.pk)
        analysis.estimate_repository(repository_id=repository.pk)
        analysis.draft_achievements(repository_id=repository.pk)
        told = {"rows": dump(), "pages": shown(client, repository), "exports": exported(tmp_path / "out")}
    told["logs"] = caplog.text
    assert "Keep the canaries" in told["rows"] and "Keep the canaries" in told["pages"] + told["exports"]
    found = {(where, canary) for where, text in told.items() for canary in CANARIES if canary in text}
    assert found == set()


def test_no_canary_reaches_a_prompt_or_what_is_kept_of_it(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """A text that never went through a collection: what the owner pastes, and a batch."""
    everything = "It holds rows. " + " ".join(CANARIES)
    with LoopbackServer() as server, caplog.at_level(logging.DEBUG):
        settings.ATTEST_OUTSIDE_ALLOW = [f"127.0.0.1:{server.port}"]
        TargetFactory(key="endpoint", base_url=server.base_url, prior_quality=0.9)
        runtime.forget()
        routed = mlops.route(task="summarise", documents=[("title", everything), ("description", everything)])
        mlops.route_batch(task="summarise", items=[[("title", everything)]], actor=None)
        runtime.forget()
        prompts = str(server.requests)
    assert routed.answer.target == "endpoint" and "It holds rows." in prompts
    told = {"prompts": prompts, "rows": dump(), "logs": caplog.text}
    assert {(where, canary) for where, text in told.items() for canary in CANARIES if canary in text} == set()
