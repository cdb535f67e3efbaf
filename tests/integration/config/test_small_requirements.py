"""Requirements of docs/asvs.md that nothing else shows."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "made-up-Pa55word"


@pytest.mark.parametrize(
    "address", ["/", "/work/", "/healthz", "/api/v1/changes/", "/admin/login/", "/webhooks/github"]
)
def test_trace_is_not_supported(client: Client, address: str) -> None:
    answer = client.trace(address, headers={"X-Told": "zzcanaryzz"})
    assert answer.status_code in (401, 403, 405) and b"zzcanaryzz" not in answer.content


def test_a_visitor_gets_no_session(client: Client) -> None:
    for address in ("/", "/evidence/", "/search/?q=a", "/api/v1/changes/"):
        assert "Set-Cookie" not in client.get(address).headers


def test_a_disabled_account_is_out_at_once_and_scripts_see_no_session(client: Client, django_user_model: Any) -> None:
    owner = django_user_model.objects.create_superuser("owner", password=PASSWORD)
    given = client.post(reverse("admin:login"), {"username": "owner", "password": PASSWORD})
    assert given.cookies["sessionid"]["httponly"] is True
    page = client.get("/admin/")
    assert page.status_code == 200 and reverse("admin:logout") in page.content.decode()
    django_user_model.objects.filter(pk=owner.pk).update(is_active=False)
    assert client.get("/admin/").headers["Location"].startswith(reverse("admin:login"))


@pytest.mark.parametrize("lock", ["requirements.txt", "tests/requirements.txt"])
def test_every_library_is_pinned_by_version_and_hash(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text())
    pinned = [entry for entry in entries if re.match(r"[a-z0-9._\[\],-]+==", entry, re.I)]
    assert len(pinned) > 30
    assert [entry for entry in pinned if "--hash=sha256:" not in entry] == []
    assert not [
        entry for entry in entries if not entry.lstrip().startswith("#") and entry not in pinned and entry.strip()
    ]
