"""What the owner may do through the API beyond achievements: assumptions, reviews, hiding, the router, predictions."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from analysis.models import Assumption, Estimate
from jobs.services import enqueue
from mlops import services as mlops
from mlops.queries import Alert, Decision
from portfolio.access.models import Scope
from tests.factories.change_types import ChangeTypeFactory
from tests.factories.claims import ClaimFactory
from tests.factories.collection import ChangeFactory, RepositoryFactory
from tests.factories.evidence import ReceiptFactory
from tests.factories.mlops import AlertFactory, DeploymentFactory
from tests.integration.estimates.test_ladder import claimed_change

pytestmark = pytest.mark.django_db
Keys = Callable[..., APIClient]
BUILDS = {
    "name": "builds", "role": "volume", "unit": "build/day", "low": 20, "high": 60, "metric": "time",
    "source": "CI statistics of May", "dated": "2026-05-01",
}  # fmt: skip


@pytest.fixture
def curator(client_with: Keys) -> APIClient:
    return client_with(Scope.READ_PRIVATE, Scope.CURATE)


def tag_of(client: APIClient, url: str) -> dict[str, str]:
    return {"if-match": client.get(url)["ETag"]}


def test_an_assumption_is_entered_versioned_and_withdrawn(curator: APIClient) -> None:
    first = curator.post("/api/v1/assumptions/", BUILDS)
    assert (first.status_code, first.json()["version"]) == (201, 1)
    assert curator.post("/api/v1/assumptions/", BUILDS).json()["version"] == 1
    second = curator.post("/api/v1/assumptions/", {**BUILDS, "high": 80}).json()
    assert second["version"] == 2
    old, new = (f"/api/v1/assumptions/{row['id']}/" for row in (first.json(), second))
    assert not curator.get(old).json()["is_current"]
    body = {"reason": "wrong pipeline"}
    assert curator.post(f"{new}withdraw/", body).json()["code"] == "precondition_required"
    stale = curator.post(f"{new}withdraw/", body, headers=tag_of(curator, old))
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert curator.post(f"{new}withdraw/", body, headers=tag_of(curator, new)).json()["is_current"] is False
    assert curator.post(f"{new}withdraw/", body, headers={"if-match": "*"}).status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"low": 60, "high": 20}, "/low"),
        ({"unit": "banana per fortnight"}, "/unit"),
        ({"metric": ""}, "/metric"),
        ({"low": -1}, "/low"),
        ({"dated": "2999-01-01"}, "/dated"),
        ({"low": 1e308}, "/low"),
        ({"role": "wish"}, "/role"),
    ],
)
def test_a_wrong_assumption_is_refused_with_its_field(curator: APIClient, change: dict[str, Any], field: str) -> None:
    refused = curator.post("/api/v1/assumptions/", {**BUILDS, **change})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == field
    assert not Assumption.objects.exists()


def test_a_sourced_assumption_supports_its_figures_and_no_others(curator: APIClient) -> None:
    from analysis import services

    change, other = claimed_change(), claimed_change(metric="size", unit="MB", to_unit="MB")
    curator.post("/api/v1/assumptions/", BUILDS)
    for one in (change, other):
        services.estimate_change(change=one)
    rows = curator.get("/api/v1/estimates/", {"level": "L3", "status": "ok"}).json()["results"]
    assert [row["change"] for row in rows] == [change.pk]
    assert Estimate.objects.filter(currency__gt="").count() == 0


def test_a_claim_is_reviewed_once_by_who_read_it(curator: APIClient) -> None:
    url = f"/api/v1/claims/{ClaimFactory.create().pk}/"
    read = tag_of(curator, url)
    said = curator.post(f"{url}review/", {"decision": "confirmed"}, headers=read)
    assert (said.status_code, said.json()["review"]) == (200, "confirmed")
    lost = curator.post(f"{url}review/", {"decision": "rejected"}, headers=read)
    assert (lost.status_code, lost.json()["code"]) == (412, "precondition_failed")
    wrong = curator.post(
        f"{url}review/", {"decision": "corrected", "correction": {"value": "9000"}}, headers={"if-match": "*"}
    )
    assert "cannot be corrected" in wrong.json()["detail"]


def test_a_type_is_reviewed(curator: APIClient) -> None:
    url = f"/api/v1/types/{ChangeTypeFactory.create(is_current=True).pk}/"
    assert curator.post(f"{url}review/", {"type": "fix"}, headers=tag_of(curator, url)).status_code == 200
    assert curator.post(f"{url}review/", {"type": "magic"}, headers={"if-match": "*"}).status_code == 400


@pytest.mark.parametrize("kind", ["changes", "repositories"])
def test_hiding_takes_it_off_the_public_api(curator: APIClient, anyone: APIClient, kind: str) -> None:
    row = ChangeFactory() if kind == "changes" else RepositoryFactory()
    url = f"/api/v1/{kind}/{row.pk}/"
    read = tag_of(curator, url)
    assert curator.patch(url, {"is_hidden": True}).status_code == 428
    assert curator.patch(url, {"is_hidden": True}, headers=read).json()["is_hidden"] is True
    assert anyone.get(url).status_code == 404
    assert curator.patch(url, {"is_hidden": False}, headers=read).status_code == 412


def test_a_job_is_cancelled_only_while_it_is_what_was_read(client_with: Keys) -> None:
    operator = client_with(Scope.JOBS, Scope.READ_PRIVATE)
    url = f"/api/v1/jobs/{enqueue(kind='made-up').pk}/"
    read = tag_of(operator, url)
    assert operator.post(f"{url}cancel/", headers={"if-match": '"another"'}).status_code == 412
    assert operator.post(f"{url}cancel/", headers=read).json()["state"] == "cancelled"
    assert operator.post(f"{url}retry/", headers=read).status_code == 412


def test_a_task_is_routed_and_its_decision_read_and_judged(client_with: Keys, anyone: APIClient) -> None:
    body = {"task": "summarise", "documents": [{"name": "body", "text": "The index is read once. " * 3}]}
    assert anyone.post("/api/v1/route/", body).status_code == 401
    client = client_with(Scope.ROUTE, Scope.READ_PRIVATE)
    routed = client.post("/api/v1/route/", body)
    assert routed.status_code == 200, routed.json()
    assert routed.json()["text"]
    url = f"/api/v1/decisions/{routed.json()['decision']}/"
    assert client.get(url).json()["task"] == "summarise"
    assert client.post(f"{url}judge/", {"kind": "thumbs", "value": 1}).status_code == 428
    judged = client.post(f"{url}judge/", {"kind": "thumbs", "value": 1}, headers=tag_of(client, url))
    assert judged.json() == {"kind": "thumbs", "value": 1.0}
    assert client.post(f"{url}judge/", {"kind": "thumbs", "value": 2}, headers={"if-match": "*"}).status_code == 400
    Decision.objects.update(status="open", answered_by="")
    assert client.post(f"{url}judge/", {"kind": "thumbs", "value": 1}, headers=tag_of(client, url)).status_code == 409


def test_an_unknown_task_and_empty_documents_are_refused(client_with: Keys) -> None:
    client = client_with(Scope.ROUTE)
    documents = [{"name": "a", "text": "b"}]
    for body in ({"task": "rob a bank", "documents": documents}, {"task": "summarise", "documents": []}):
        assert client.post("/api/v1/route/", body).status_code == 400


def test_models_are_listed_and_asked(client_with: Keys, anyone: APIClient) -> None:
    mlops.start()
    names = {row["model"]: row["inputs"] for row in anyone.get("/api/v1/models/").json()}
    assert sorted(names["change-type"]) == ["files", "text"]
    client = client_with(Scope.ROUTE)
    rows = [{"text": "Fix a crash in the parser", "files": ["app/parser.py"]}]
    (answer,) = client.post("/api/v1/models/change-type/predict/", {"rows": rows}).json()
    assert answer["version"]
    wrong = client.post("/api/v1/models/change-type/predict/", {"rows": [{"text": "x"}]})
    assert "files, text" in wrong.json()["detail"]
    assert client.post("/api/v1/models/none/predict/", {"rows": rows}).status_code == 404


def test_status_tells_what_waits_and_what_runs(anyone: APIClient) -> None:
    enqueue(kind="made-up")
    RepositoryFactory(name="made-up/one")
    found = anyone.get("/api/v1/status/").json()
    assert sum(found["jobs"].values()) == 1
    assert found["collections"][0] == {
        "repository": "made-up/one", "state": None, "finished_at": None, "reason": "",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["deployments", "alerts", "receipts"])
def test_a_record_that_was_not_modified_is_304(reader: APIClient, kind: str) -> None:
    made = {"deployments": DeploymentFactory, "alerts": AlertFactory, "receipts": ReceiptFactory}[kind].create()
    url = f"/api/v1/{kind}/{made.pk}/"
    modified = reader.get(url)["Last-Modified"]
    assert reader.get(url, headers={"if-modified-since": modified}).status_code == 304
    long_ago = "Fri, 01 Jan 1999 00:00:00 GMT"
    assert reader.get(url, headers={"if-modified-since": long_ago}).status_code == 200
    both = {"if-modified-since": modified, "if-none-match": '"another"'}
    assert reader.get(url, headers=both).status_code == 200


def test_an_alert_that_was_resolved_is_newer(reader: APIClient) -> None:
    alert = AlertFactory()
    url = f"/api/v1/alerts/{alert.pk}/"
    modified = reader.get(url)["Last-Modified"]
    Alert.objects.filter(pk=alert.pk).update(resolved_at=alert.opened_at + dt.timedelta(hours=1))
    assert reader.get(url, headers={"if-modified-since": modified}).status_code == 200


def test_an_assumption_that_was_withdrawn_is_never_said_to_be_unchanged(curator: APIClient) -> None:
    """Its row has the time of its entry alone, so it makes no promise by time."""
    url = f"/api/v1/assumptions/{curator.post('/api/v1/assumptions/', BUILDS).json()['id']}/"
    assert "Last-Modified" not in curator.get(url)
    later = (timezone.now() + dt.timedelta(days=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    curator.post(f"{url}withdraw/", {"reason": "wrong"}, headers=tag_of(curator, url))
    found = curator.get(url, headers={"if-modified-since": later})
    assert (found.status_code, found.json()["is_current"]) == (200, False)
