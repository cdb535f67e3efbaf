"""The switches of a model under its address: each wants what its caller read of it, and one of two wins."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from mlops import services as mlops
from mlops.queries import Deployment, ModelVersion
from portfolio.access.models import Scope
from tests.factories.mlops import ModelVersionFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/models/change-type/"


@pytest.fixture
def operator(client_with: Callable[..., APIClient]) -> APIClient:
    mlops.start()
    return client_with(Scope.MODELS)


@pytest.fixture
def version(operator: APIClient) -> ModelVersion:
    return ModelVersionFactory.create(model="change-type", number=900, name="made-up-900")


def read(client: APIClient) -> dict[str, str]:
    return {"if-match": client.get(URL)["ETag"]}


def body_of(switch: str, version: ModelVersion) -> dict[str, Any]:
    """What this switch is asked with."""
    own: dict[str, dict[str, Any]] = {
        "canary": {"version": version.pk, "share": 0.2}, "stop": {"role": "shadow"}, "roll-back": {},
    }  # fmt: skip
    return {"reason": "made up", **own.get(switch, {"version": version.pk})}


def test_a_model_is_read_with_what_is_live(operator: APIClient, anyone: APIClient) -> None:
    listed = {row["model"]: row for row in anyone.get("/api/v1/models/").json()}
    assert anyone.get(URL).json() == listed["change-type"]
    assert anyone.get("/api/v1/models/none-such/").status_code == 404


def test_a_version_is_shadow_then_canary_then_champion_and_back(operator: APIClient, version: ModelVersion) -> None:
    before = operator.get(URL).json()["champion"]
    body = {"version": version.pk, "reason": "to see how it does"}
    assert operator.post(f"{URL}shadow/", body, headers=read(operator)).json()["action"] == "shadow"
    assert operator.get(URL).json()["shadow"] == "made-up-900"
    assert (
        operator.post(f"{URL}stop/", {"role": "shadow", "reason": "enough"}, headers=read(operator)).status_code == 200
    )
    assert operator.get(URL).json()["shadow"] is None
    canary = operator.post(f"{URL}canary/", {**body, "share": 0.1}, headers=read(operator))
    assert (canary.json()["role"], canary.json()["share"]) == ("challenger", 0.1)
    assert operator.post(f"{URL}promote/", body, headers=read(operator)).status_code == 200
    now = operator.get(URL).json()
    assert (now["champion"], now["challenger"]) == ("made-up-900", None)
    assert operator.post(f"{URL}roll-back/", {"reason": "worse"}, headers=read(operator)).status_code == 200
    assert operator.get(URL).json()["champion"] == before


@pytest.mark.parametrize("switch", ["promote", "roll-back", "canary", "shadow", "stop"])
def test_a_switch_wants_what_was_read(operator: APIClient, version: ModelVersion, switch: str) -> None:
    body = body_of(switch, version)
    old = read(operator)
    mlops.shadow(version=version, reason="somebody else", actor="system:test")
    count = Deployment.objects.count()
    missing = operator.post(f"{URL}{switch}/", body)
    assert (missing.status_code, missing.json()["code"]) == (428, "precondition_required")
    lost = operator.post(f"{URL}{switch}/", body, headers=old)
    assert (lost.status_code, lost.json()["code"]) == (412, "precondition_failed")
    assert Deployment.objects.count() == count


@pytest.mark.parametrize(("switch", "role"), [("promote", "champion"), ("canary", "challenger"), ("stop", "shadow")])
def test_a_switch_in_between_is_noticed(
    operator: APIClient, version: ModelVersion, switch: str, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody switches between the comparison and the act: the part's serial says so."""
    mlops.shadow(version=version, reason="before", actor="system:test")
    monkeypatch.setattr("portfolio.rest.switch_resources.queries.serial_of", lambda model, asked: 77)
    body = body_of(switch, version)
    assert operator.post(f"{URL}{switch}/", body, headers=read(operator)).status_code == 412


def test_what_may_not_be_is_refused_with_its_reason(operator: APIClient, version: ModelVersion) -> None:
    other = ModelVersionFactory.create(model="another")
    failed = ModelVersionFactory.create(model="change-type", number=901, state=ModelVersion.State.REFUSED)
    any_ = {"if-match": "*"}
    wrong = operator.post(f"{URL}promote/", {"version": other.pk, "reason": "made up"}, headers=any_)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "/version")
    refused = operator.post(f"{URL}promote/", {"version": failed.pk, "reason": "made up"}, headers=any_)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed")
    assert (
        operator.post(f"{URL}stop/", {"role": "shadow", "reason": "x"}, headers=any_).json()["code"] == "not_possible"
    )
    assert (
        operator.post(f"{URL}canary/", {"version": version.pk, "reason": "x", "share": 2}, headers=any_).status_code
        == 400
    )
    assert operator.post("/api/v1/models/none/roll-back/", {"reason": "x"}, headers=any_).status_code == 404
