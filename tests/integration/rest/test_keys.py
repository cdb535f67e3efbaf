"""Keys: what is stored, what works, and what stops working at once."""

import datetime as dt
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from portfolio.access import services
from portfolio.access.models import ApiKey, Scope

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_only_a_hash_of_the_secret_is_stored(staff: User) -> None:
    key, text = services.create_key(actor=staff, name="laptop", scopes=[Scope.COLLECT], now=NOW)
    row = ApiKey.objects.filter(pk=key.pk).values().get()
    assert text.split("_", 2)[2] not in str(row)
    assert services.find_key(text, now=NOW) == key


@pytest.mark.parametrize("damage", ["", "att_", "x", "att_000000000000_" + "a" * 43])
def test_what_is_no_key_is_nobodys(damage: str) -> None:
    assert services.find_key(damage, now=NOW) is None


def test_a_wrong_secret_with_a_right_prefix_is_refused(staff: User) -> None:
    _, text = services.create_key(actor=staff, name="laptop", scopes=[], now=NOW)
    other = text[:-1] + ("A" if text[-1] != "A" else "B")
    assert services.find_key(other, now=NOW) is None


def test_revoked_expired_and_inactive_keys_are_refused_at_once(staff: User) -> None:
    key, text = services.create_key(actor=staff, name="laptop", scopes=[], now=NOW)
    assert services.find_key(text, now=NOW + services.LIFETIME) is None
    staff.is_active = False
    staff.save()
    assert services.find_key(text, now=NOW) is None
    staff.is_active = True
    staff.save()
    services.revoke_key(actor=staff, key=key, now=NOW)
    assert services.find_key(text, now=NOW) is None


def test_rotation_overlaps_for_a_day(staff: User) -> None:
    key, old = services.create_key(actor=staff, name="laptop", scopes=[Scope.COLLECT], now=NOW)
    fresh, new = services.rotate_key(actor=staff, key=key, now=NOW)
    assert fresh.scopes == [Scope.COLLECT]
    assert services.find_key(old, now=NOW + dt.timedelta(hours=23)) == key
    assert services.find_key(old, now=NOW + dt.timedelta(hours=25)) is None
    assert services.find_key(new, now=NOW + dt.timedelta(hours=25)) == fresh
    with pytest.raises(services.KeyRefused, match="rotated already"):
        services.rotate_key(actor=staff, key=key, now=NOW)


def test_unknown_scope_and_past_expiry_are_refused(staff: User) -> None:
    with pytest.raises(services.KeyRefused, match="read:private"):
        services.create_key(actor=staff, name="x", scopes=["everything"], now=NOW)
    with pytest.raises(services.KeyRefused, match="future"):
        services.create_key(actor=staff, name="x", scopes=[], now=NOW, expires_at=NOW)


def test_revocation_needs_both_who_and_when(staff: User) -> None:
    key, _ = services.create_key(actor=staff, name="x", scopes=[], now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=NOW)


def test_command_makes_lists_rotates_and_revokes(staff: User) -> None:
    out = StringIO()
    call_command(
        "apikey", "create", "laptop", "--user", "curator", "--scope", "act:collect", stdout=out, stderr=StringIO()
    )
    text = out.getvalue().strip()
    key = services.find_key(text, now=timezone.now())
    assert key is not None
    listed = StringIO()
    call_command("apikey", "list", stdout=listed)
    assert key.prefix in listed.getvalue()
    assert text not in listed.getvalue()
    call_command("apikey", "rotate", key.prefix, stdout=StringIO(), stderr=StringIO())
    call_command("apikey", "revoke", key.prefix, stdout=StringIO(), stderr=StringIO())
    assert services.find_key(text, now=timezone.now()) is None
    with pytest.raises(CommandError, match="createsuperuser"):
        call_command("apikey", "create", "x", "--user", "nobody")
