"""Export, erase, promote and keys want a fresh proof of identity, and the right role; each leaves an audit entry."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from evidence.models import AuditEntry
from portfolio.access import services
from portfolio.models import ApiKey
from tests.factories.collection import RepositoryFactory

pytestmark = pytest.mark.django_db
PASSWORD = "made up, but long enough"
ACTS = {
    "export": "/admin/export/",
    "erase": "/admin/analysis/erasure/add/",
    "keys": "/admin/portfolio/apikey/add/",
}
PASSPHRASE = "a made-up passphrase"


def person(role: str) -> User:
    user = User.objects.create_user(f"made-up-{role}", password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


def grow_old(client: Client) -> None:
    session = client.session
    session["identity_confirmed_at"] = int(time.time()) - 601
    session.save()


@pytest.fixture
def owner(client: Client, settings: Any, tmp_path: Any) -> User:
    settings.VAR_DIR = tmp_path
    user = person("owner")
    client.force_login(user)
    return user


PRIVATE = {"name": "made-up/secret", "reason": "the client allowed it"}


def test_publishing_what_is_private_wants_all_of_it(client: Client, owner: User) -> None:
    repository = RepositoryFactory(name=PRIVATE["name"], is_private=True)
    page = f"/admin/analysis/repository/{repository.pk}/publish/"
    assert page in client.get(f"/admin/analysis/repository/{repository.pk}/change/").content.decode()
    grow_old(client)
    assert client.post(page, PRIVATE).headers["Location"].startswith("/admin/confirm/")
    client.post("/admin/confirm/", {"password": PASSWORD, "next": page})
    for wrong in ({**PRIVATE, "name": "made-up/other"}, {**PRIVATE, "reason": ""}):
        assert client.post(page, wrong).status_code == 422
    repository.refresh_from_db()
    assert repository.published_at is None
    assert client.post(page, PRIVATE).status_code == 302
    repository.refresh_from_db()
    assert repository.published_at is not None
    assert AuditEntry.objects.get(action="collection.publish_private").reason == PRIVATE["reason"]
    assert "off the site" in client.get(page).content.decode()
    client.post(page, PRIVATE)
    repository.refresh_from_db()
    assert repository.published_at is None


@pytest.mark.parametrize("role", ["curator", "operator", "reader"])
def test_nobody_else_publishes_what_is_private(client: Client, role: str) -> None:
    repository = RepositoryFactory(name=PRIVATE["name"], is_private=True)
    client.force_login(person(role))
    assert client.post(f"/admin/analysis/repository/{repository.pk}/publish/", PRIVATE).status_code == 403
    repository.refresh_from_db()
    assert repository.published_at is None


def test_a_public_repository_cannot_be_published_as_private(client: Client, owner: User) -> None:
    repository = RepositoryFactory()
    assert client.get(f"/admin/analysis/repository/{repository.pk}/publish/").status_code == 403
    repository.published_at = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        repository.save()


@pytest.mark.parametrize("act", ACTS)
def test_act_asks_again_after_ten_minutes_and_comes_back(client: Client, owner: User, act: str) -> None:
    assert client.get(ACTS[act]).status_code == 200
    grow_old(client)
    for asked in (client.get(ACTS[act]), client.post(ACTS[act], {"who": "x", "again": "x", "reason": "r"})):
        assert asked.status_code == 302 and asked.headers["Location"].startswith("/admin/confirm/")
    confirmed = client.post("/admin/confirm/", {"password": PASSWORD, "next": ACTS[act]})
    assert confirmed.headers["Location"] == ACTS[act] and client.get(ACTS[act]).status_code == 200


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", ["curator", "operator", "reader"])
def test_other_roles_may_do_none_of_it(client: Client, role: str, act: str) -> None:
    client.force_login(person(role))
    assert client.get(ACTS[act]).status_code == 403
    assert client.post(ACTS[act], {}).status_code == 403


@pytest.mark.parametrize("act", ACTS)
def test_nobody_gets_there_without_a_login(client: Client, act: str) -> None:
    assert client.get(ACTS[act]).headers["Location"].startswith("/admin/login/")


def test_export_sends_a_sealed_backup_and_leaves_no_file(client: Client, owner: User, tmp_path: Any) -> None:
    assert client.post(ACTS["export"], {"passphrase": PASSPHRASE, "again": "other"}).status_code == 422
    assert client.post(ACTS["export"], {"passphrase": "short", "again": "short"}).status_code == 422
    sent = client.post(ACTS["export"], {"passphrase": PASSPHRASE, "again": PASSPHRASE})
    body = b"".join(sent.streaming_content)  # type: ignore[attr-defined]
    assert len(body) > 1000 and b"made-up-owner" not in body
    assert list(tmp_path.iterdir()) == []
    assert AuditEntry.objects.get(action="access.export").actor == owner.username


def test_erasing_wants_the_name_twice(client: Client, owner: User) -> None:
    said = {"who": "ada-example", "again": "ada", "reason": "asked"}
    assert client.post(ACTS["erase"], said).status_code == 422
    assert client.post(ACTS["erase"], said | {"again": "ada-example"}).status_code == 302
    assert AuditEntry.objects.get(action="collection.erase_person").actor == owner.username


def test_key_is_shown_once_rotated_and_revoked(client: Client, owner: User) -> None:
    shown = client.post(ACTS["keys"], {"name": "a script", "scopes": ["read:private"], "days": 30})
    text = shown.content.decode().split("<code>")[1].split("</code>")[0]
    assert text.startswith("att_") and "no-store" in shown.headers["Cache-Control"]
    key = ApiKey.objects.get()
    assert key.secret_sha256 not in client.get("/admin/portfolio/apikey/").content.decode()
    assert key.secret_sha256 not in client.get(f"/admin/portfolio/apikey/{key.pk}/change/").content.decode()
    act = {"action": "rotate_selected", "_selected_action": [key.pk]}
    grow_old(client)
    assert client.post("/admin/portfolio/apikey/", act).headers["Location"].startswith("/admin/confirm/")
    assert ApiKey.objects.count() == 1
    client.post("/admin/confirm/", {"password": PASSWORD})
    assert b"att_" in client.post("/admin/portfolio/apikey/", act).content
    client.post("/admin/portfolio/apikey/", {"action": "revoke_selected", "_selected_action": [key.pk]})
    key.refresh_from_db()
    assert key.revoked_by == owner
    from django.utils import timezone

    assert services.find_key(text, now=timezone.now()) is None
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"api_key.create", "api_key.revoke"} <= actions


def test_audit_log_is_shown_and_cannot_be_touched(client: Client, owner: User) -> None:
    client.post(ACTS["erase"], {"who": "ada-example", "again": "ada-example", "reason": "asked"})
    entry = AuditEntry.objects.latest("id")
    assert "collection.erase_person" in client.get("/admin/evidence/auditentry/").content.decode()
    page = f"/admin/evidence/auditentry/{entry.pk}/"
    assert client.get(f"{page}change/").status_code == 200
    assert client.post(f"{page}change/", {"actor": "x"}).status_code == 403
    assert client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/evidence/auditentry/add/").status_code == 403
