"""The admin of routing goes through the services: audit rows, versions, the gate."""

import datetime as dt
import time

import pytest
from django.test import Client
from django.urls import reverse

from evidence import sudo
from evidence.models import AuditEntry
from mlops.models import Budget, Policy, Target
from tests.factories.routing import BreakerStateFactory, DecisionFactory, SpendFactory, TargetFactory

pytestmark = pytest.mark.django_db


def test_every_list_and_page_opens(admin_client: Client) -> None:
    rows = [TargetFactory(), DecisionFactory(), SpendFactory(), BreakerStateFactory()]
    for row in rows:
        name = f"admin:mlops_{row._meta.model_name}"
        assert admin_client.get(reverse(f"{name}_changelist")).status_code == 200
        assert admin_client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200


def test_a_target_and_a_budget_leave_audit_rows(admin_client: Client) -> None:
    values = {
        "key": "endpoint", "kind": "openai", "model": "m", "base_url": "https://models.example.org/v1", "price_in": 100,
        "price_out": 400, "priced_on": dt.date(2031, 1, 1), "price_source": "https://models.example.org/prices",
        "context_tokens": 8000, "max_output_tokens": 1000, "capabilities": "[]", "timeout": 20, "max_concurrent": 4,
        "prior_quality": 0.8, "prior_latency": 1, "enabled": "on",
    }  # fmt: skip
    admin_client.post(reverse("admin:mlops_target_add"), values)
    assert Target.objects.get().model == "m"
    admin_client.post(reverse("admin:mlops_budget_add"), {"name": "day", "limit": 5})
    assert Budget.objects.get().limit == 5
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"routing.target", "routing.budget"}


def test_a_policy_goes_live_by_action_and_is_never_edited(admin_client: Client) -> None:
    admin_client.post(reverse("admin:mlops_policy_add"), {"task": "summarise", "settings": '{"mode": "cascade"}'})
    row = Policy.objects.get()
    url = reverse("admin:mlops_policy_changelist")
    session, chosen = admin_client.session, {"action": "go_live", "_selected_action": [row.pk]}
    session["identity_confirmed_at"] = int(time.time()) - sudo.RECENT_SECONDS - 5
    session.save()
    asked = admin_client.post(url, chosen)
    assert asked.headers["Location"].startswith(reverse("confirm-identity")), "it wants a fresh proof, like promoting"
    session["identity_confirmed_at"] = int(time.time())
    session.save()
    admin_client.post(url, chosen)
    row.refresh_from_db()
    assert row.live and row.live_by == "admin"
    change = reverse("admin:mlops_policy_change", args=[row.pk])
    assert admin_client.post(change, {"task": "summarise", "settings": "{}"}).status_code == 403
