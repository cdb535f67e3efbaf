"""Row 11: a webhook's signature is bad or missing. 401, and nothing is stored but a counter."""

import json

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from analysis.models import WebhookDelivery, WebhookRefusal
from jobs.models import Job
from tests.replica.hooks import sign

pytestmark = pytest.mark.django_db
SECRET = "made-up-webhook-secret"
BODY = json.dumps({"zen": "Keep it logically awesome."}).encode()


def deliver(signature: str | None, body: bytes = BODY) -> int:
    headers = {"X-GitHub-Event": "ping", "X-GitHub-Delivery": "11111111-2222-3333-4444-555555555555"}
    if signature is not None:
        headers["X-Hub-Signature-256"] = signature
    answer = Client().post("/webhooks/github", body, content_type="application/json", headers=headers)
    assert answer.json()["code"]
    return answer.status_code


@pytest.fixture(autouse=True)
def secret(settings: Settings) -> None:
    settings.GITHUB_WEBHOOK_SECRETS = [SECRET]


@pytest.mark.parametrize(
    "signature",
    [
        None, "", "sha256=", "sha256=" + "0" * 64, sign("another secret", BODY), sign(SECRET, BODY + b" "),
        sign(SECRET, BODY).removeprefix("sha256="), sign(SECRET, BODY).replace("sha256", "sha1"),
        sign(SECRET, BODY)[:-1], sign(SECRET, BODY) + "0", "sha256=é", sign("", BODY),
    ],
)  # fmt: skip
def test_a_bad_signature_is_401_and_only_counted(signature: str | None) -> None:
    assert deliver(signature) == 401
    assert not WebhookDelivery.objects.exists()
    assert not Job.objects.exists()
    assert WebhookRefusal.objects.get().count == 1


def test_the_counter_counts_by_reason() -> None:
    for _ in range(3):
        deliver("sha256=" + "1" * 64)
    deliver(None)
    counted = dict(WebhookRefusal.objects.values_list("reason", "count"))
    assert counted == {"bad_signature": 3, "no_signature": 1}


def test_without_a_secret_nothing_is_believed(settings: Settings) -> None:
    settings.GITHUB_WEBHOOK_SECRETS = ["", ""]
    assert deliver(sign("", BODY)) == 401
    assert WebhookRefusal.objects.get().reason == "no_secret"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), signature=st.text(st.characters(codec="latin-1", exclude_categories=["C"])))
def test_whatever_comes_unsigned_is_401(body: bytes, signature: str) -> None:
    assert deliver(signature.strip(), body) == 401
    assert not WebhookDelivery.objects.exists()
