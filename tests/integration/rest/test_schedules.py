"""Scheduled reports through the API: planned, paused, resumed and ended, each with what was read of it."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from analysis.models import ReportSchedule
from evidence.models import AuditEntry
from jobs.models import Schedule
from portfolio.access.models import Scope
from tests.factories.collection import RepositoryFactory
from tests.factories.reports import ReportScheduleFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/report-schedules/"
PLAN = {"reader": "manager", "period": "month", "send_to": "reader@example.org"}


@pytest.fixture
def api(client_with: Callable[..., APIClient]) -> APIClient:
    return client_with(Scope.READ_PRIVATE, Scope.CURATE)


def planned(api: APIClient, **more: Any) -> tuple[str, str]:
    """A schedule made by the API: its address and the ETag of reading it."""
    made = api.post(URL, {**PLAN, **more})
    assert made.status_code == 201, made.json()
    address = f"{URL}{made.json()['id']}/"
    return address, api.get(address)["ETag"]


def test_a_report_is_scheduled_and_looked_for_from_then_on(api: APIClient) -> None:
    repository = RepositoryFactory()
    address, _ = planned(api, repository=repository.pk, theme="docs")
    found = api.get(address).json()
    assert found == {
        **PLAN, "id": found["id"], "repository": repository.pk, "theme": "docs", "enabled": True, "last_start": None,
    }  # fmt: skip
    assert Schedule.objects.get(name="reports due").kind == "reports_due"
    assert AuditEntry.objects.filter(action="reports.schedule").count() == 1


def test_it_is_paused_resumed_and_ended_by_who_read_it(api: APIClient) -> None:
    address, first = planned(api)
    assert api.patch(address, {"enabled": False}).status_code == 428
    paused = api.patch(address, {"enabled": False}, headers={"if-match": first})
    assert (paused.status_code, paused.json()["enabled"], paused.json()["period"]) == (200, False, "month")
    lost = api.delete(address, headers={"if-match": first})
    assert (lost.status_code, lost.json()["code"]) == (412, "precondition_failed")
    second = api.get(address)["ETag"]
    resumed = api.patch(address, {"enabled": True, "period": "week"}, headers={"if-match": second})
    assert (resumed.json()["enabled"], resumed.json()["period"]) == (True, "week")
    assert api.delete(address).status_code == 428
    assert api.delete(address, headers={"if-match": api.get(address)["ETag"]}).status_code == 204
    assert api.get(address).status_code == 404
    acts = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert [act for act in acts if act.startswith("reports.")] == [*["reports.schedule"] * 3, "reports.unschedule"]


@pytest.mark.parametrize("repository", [True, False])
def test_the_same_plan_twice_is_a_conflict(api: APIClient, repository: bool) -> None:
    """Once over one repository and once over all: each has a constraint of its own."""
    of = RepositoryFactory() if repository else None
    plan = {"repository": of.pk} if of else {}
    planned(api, **plan)
    again = api.post(URL, {**PLAN, **plan})
    assert (again.status_code, again.json()["code"]) == (409, "exists")
    other = ReportScheduleFactory(reader="manager", period="week", send_to=PLAN["send_to"], repository=of)
    moved = api.patch(f"{URL}{other.pk}/", {"period": "month"}, headers={"if-match": "*"})
    assert (moved.status_code, moved.json()["code"]) == (409, "exists")
    other.refresh_from_db()
    assert other.period == "week"
    assert ReportSchedule.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reader": "job"}, "/reader"), ({"period": "range"}, "/period"), ({"theme": "glory"}, "/theme"),
        ({"send_to": "nobody"}, "/send_to"), ({"repository": 999}, "/repository"), ({"repository": [1]}, "/repository"),
        ({"enabled": "perhaps"}, "/enabled"), ({"reader": None}, "/reader"), ({"enabled": None}, "/enabled"),
    ],
)  # fmt: skip
def test_a_wrong_plan_is_refused_at_its_field(api: APIClient, wrong: dict[str, Any], field: str) -> None:
    address, tag = planned(api)
    for refused in (api.post(URL, {**PLAN, **wrong}), api.patch(address, wrong, headers={"if-match": tag})):
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field), refused.json()
    assert ReportSchedule.objects.count() == 1


def test_sent_twice_with_one_key_it_is_one_schedule(api: APIClient) -> None:
    answers = [api.post(URL, PLAN, headers={"idempotency-key": "one"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
