"""Every row of a version's card stands on a stored record, and a prediction on a page is computed again by `verify`."""

import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.template.defaultfilters import capfirst
from django.test import Client

from analysis import services as analysis
from analysis.change_types import network
from analysis.change_types.figures import type_receipts
from analysis.change_types.models import ChangeType
from evidence import services as evidence
from evidence.canonical import canonical_text, sha256_bytes
from evidence.receipts import Kind, Verdict
from mlops import queries, services
from mlops.models import Deployment, GateResult, ModelVersion
from mlops.registry.versions import NewVersion, add
from mlops.training import spec as specs
from portfolio.publishing.readings import card_receipts
from portfolio.templatetags.pages import spoken
from tests.factories.collection import ChangedFileFactory, ChangeFactory
from tests.factories.evidence import ReceiptFactory
from tests.integration.platform import kit

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> ModelVersion:
    services.promote(version=services.train_model(model=kit.MODEL), reason="the first", actor=None)
    found = services.train_model(model=kit.MODEL)
    services.shadow(version=found, reason="listen", actor=None)
    return found


def stored(metrics: Any, path: list[str]) -> Any:
    for name in path:
        metrics = metrics[name]
    return metrics


def test_each_row_of_the_page_is_found_in_a_record(client: Client, version: ModelVersion) -> None:
    page = client.get(f"/models/{kit.MODEL}/{version.number}/").content.decode()
    card = queries.version_card(kit.MODEL, version.number)
    assert card is not None
    row = ModelVersion.objects.get(pk=version.pk)
    receipts = {
        (capfirst(spoken(group)), spoken(name)): (group, name, derived) for group, name, derived in card_receipts(card)
    }

    shown = 0
    for group, body in re.findall(r"<h2><code class=\"plain\">([^<]+)</code></h2>(.*?)</section>", page, re.S):
        for label in re.findall(r"<dt><code class=\"plain\">([^<]+)</code></dt>", body):
            where, name, derived = receipts[group, label]
            record = stored(row.metrics, [*where.split(" / "), name])
            assert derived.document["result"]["value"] == record["value"]
            assert evidence.verify(derived).verdict is Verdict.SAME
            assert derived.id[:12] in body or derived.id in body, "the figure opens its receipt"
            shown += 1
    assert shown == len(card.figures) > 10

    gates = re.search(r"<h2>Gates</h2>(.*?)</section>", page, re.S)
    assert gates is not None
    names = re.findall(r"<dt><code class=\"plain\">([^<]+)</code></dt>", gates[1])
    assert sorted(names) == sorted(GateResult.objects.filter(version=row).values_list("gate", flat=True))
    for gate in GateResult.objects.filter(version=row):
        assert f"<code>{gate.figure}</code>" in gates[1]
    way = re.search(r"<h2>Its way</h2>(.*?)</section>", page, re.S)
    assert way is not None
    assert way[1].count("<li>") == Deployment.objects.filter(after=row).count() == 1
    assert row.dataset is not None and row.dataset.sha256[:8] in page, "the data are named by their hash"
    assert row.artefact_sha256[:16] in page
    for limit in row.card["limits"]:
        assert limit in page
    assert row.card["calibration"] and "<h2>Calibration</h2>" in page


def test_a_prediction_of_a_version_that_was_trained_here_verifies() -> None:
    """Not only what ships can be asked again."""
    schema = specs.get("change-type").schema()
    new = NewVersion(
        model="change-type", name="trained-here", origin="shipped", artefact_format="json",
        payload=network.SHIPPED.read_bytes(), fields={"schema": schema},
    )  # fmt: skip
    made = add(new)
    services.promote(version=made, reason="trained here", actor=None)
    change = ChangeFactory(title="fix: read the index once")
    ChangedFileFactory(change=change, path="app/index.py")
    analysis.predict_types(repository_id=change.repository_id)
    [derived] = type_receipts(change)
    assert derived.document["parameters"]["version"] == "trained-here"
    assert evidence.verify(derived).verdict is Verdict.SAME
    made.aliases.all().delete()
    Deployment.objects.all().delete()
    made.delete()
    found = evidence.verify(derived)
    assert found.verdict is not Verdict.SAME and "is not registered here" in str(found)


def test_verify_finds_a_prediction_that_was_tampered_with() -> None:
    change = ChangeFactory(title="fix: read the index once")
    ChangedFileFactory(change=change, path="app/index.py")
    analysis.predict_types(repository_id=change.repository_id)
    [derived] = type_receipts(change)
    assert derived.document["kind"] == Kind.PREDICTED and evidence.verify(derived).verdict is Verdict.SAME

    # Somebody changes what the model is said to have answered, in the row that pages show …
    other = "docs" if derived.document["result"]["value"] != "docs" else "fix"
    ChangeType.objects.filter(change=change, is_current=True).update(type=other)
    [forged] = type_receipts(change)
    found = evidence.verify(forged)
    assert found.verdict is Verdict.DIFFERS and "result.value" in str(found)

    # … or in the record of a published one: `verify --all` says so and ends with 1.
    evidence.freeze(derived)
    document = {**derived.document, "result": {**derived.document["result"], "probability": 0.99999}}
    text = canonical_text(json.loads(json.dumps(document)))
    ReceiptFactory(id=sha256_bytes(text.encode()), document=text)
    with pytest.raises(SystemExit) as ended:
        call_command("verify", "--all")
    assert ended.value.code == 1
