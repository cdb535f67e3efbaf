"""The owner's work in the admin: enter, edit, withdraw, log hours, and see what hangs on an entry."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from analysis import services
from analysis.models import Assumption, Estimate, LoggedHours
from tests.integration.estimates.test_ladder import BUILDS, RATE, REALISED, claimed_change, states

pytestmark = pytest.mark.django_db


def form(name: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "kind": "declared", "metric": "", **{key: str(value) for key, value in content.items()}}


def test_what_is_entered_in_the_admin_gives_exactly_the_figures_it_supports(admin_client: Client) -> None:
    change = claimed_change()
    add = reverse("admin:analysis_assumption_add")
    assert states(change) == {"L2": "ok", "L3": "no_volume", "L4": "no_volume"}
    for name, content, expected in (
        ("builds", BUILDS, {"L2": "ok", "L3": "ok", "L4": "G1"}),
        ("rate", RATE, {"L2": "ok", "L3": "ok", "L4": "G8"}),
        ("realised", REALISED, {"L2": "ok", "L3": "ok", "L4": "ok"}),
    ):
        assert admin_client.post(add, form(name, content)).status_code == 302
        assert states(change) == expected
    assert Estimate.objects.exclude(currency="").count() == 1
    page = admin_client.get(reverse("admin:analysis_assumption_change", args=[Assumption.objects.get(name="rate").pk]))
    assert "USD/year" in page.content.decode()
    assert admin_client.get(reverse("admin:analysis_assumption_changelist")).status_code == 200
    assert admin_client.get(reverse("admin:analysis_estimate_changelist")).status_code == 200
    refused = Estimate.objects.filter(level="L4").get()
    assert admin_client.get(reverse("admin:analysis_estimate_change", args=[refused.pk])).status_code == 200


def test_an_edit_keeps_the_old_version(admin_client: Client) -> None:
    add = reverse("admin:analysis_assumption_add")
    admin_client.post(add, form("rate", RATE))
    first = Assumption.objects.get()
    edit = reverse("admin:analysis_assumption_change", args=[first.pk])
    assert admin_client.post(edit, form("rate", {**RATE, "high": 150.0})).status_code == 302
    first.refresh_from_db()
    assert (first.high, first.is_current) == (120.0, False)
    assert Assumption.objects.get(is_current=True).high == 150.0


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("unit", "bananas"), ("high", "10"), ("low", "nan"), ("role", "volume"), ("dated", "2999-01-01")],
)
def test_nonsense_is_refused_at_entry(admin_client: Client, field: str, wrong: str) -> None:
    answer = admin_client.post(reverse("admin:analysis_assumption_add"), form("rate", {**RATE, field: wrong}))
    assert answer.status_code == 200
    assert not Assumption.objects.exists()


def test_withdrawing_takes_the_figures_back(admin_client: Client) -> None:
    change = claimed_change()
    row = services.enter_assumption(actor="system:test", name="builds", **BUILDS)
    assert states(change)["L3"] == "ok"
    answer = admin_client.post(
        reverse("admin:analysis_assumption_changelist"), {"action": "withdraw", "_selected_action": [row.pk]}
    )
    assert answer.status_code == 302
    assert states(change)["L3"] == "no_volume"


def test_a_time_trackers_csv_is_read_whole_or_not_at_all(admin_client: Client) -> None:
    change = claimed_change()
    url = reverse("admin:analysis_loggedhours_import")
    assert admin_client.get(url).status_code == 200

    def send(text: str) -> int:
        sent = SimpleUploadedFile("hours.csv", text.encode())
        return admin_client.post(url, {"repository": change.repository_id, "file": sent}).status_code

    good = f"change,date,hours\n#{change.number},2026-03-01,1:30\n#{change.number},2026-03-02,2.25\n"
    assert send(good + "#999999,2026-03-02,1\n") == 200
    assert not LoggedHours.objects.exists()
    assert send(good) == 302
    assert sum(row.hours for row in LoggedHours.objects.all()) == 3.75
    assert send(good) == 302
    assert LoggedHours.objects.count() == 2


def test_hours_are_logged_one_by_one(admin_client: Client) -> None:
    change = claimed_change()
    url = reverse("admin:analysis_loggedhours_add")
    given = {"change": change.pk, "hours": "2.5", "spent_on": "2026-03-01", "source": "notebook"}
    assert admin_client.post(url, given).status_code == 302
    assert LoggedHours.objects.get().entered_by == "admin"
