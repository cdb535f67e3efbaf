"""Make, rotate, revoke and check API keys; make recovery codes."""

import base64
import datetime as dt
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from evidence import audit
from jobs.models import Job
from portfolio.access.models import ApiKey, IdempotencyRecord, RecoveryCode, RecoveryDevice, Scope, StartedJob, digest

LIFETIME = dt.timedelta(days=90)
OVERLAP = dt.timedelta(days=1)
_CODES = 8
_CODE_BYTES = 15
_FORM = re.compile(r"att_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")


class KeyRefused(ValueError):
    """A key that cannot be made as asked; the message says why."""


def _checked_scopes(scopes: Sequence[str]) -> list[str]:
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown:
        raise KeyRefused(f"Unknown scope {', '.join(unknown)}. Known: {', '.join(Scope.values)}.")
    return sorted(set(scopes))


@transaction.atomic
def create_key(
    *,
    actor: User,
    name: str,
    scopes: Sequence[str],
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
    rotated_from: ApiKey | None = None,
) -> tuple[ApiKey, str]:
    """Make a key for ``actor``. Returns the row and the full key, which is never to be had again."""
    expires_at = expires_at or now + LIFETIME
    if expires_at <= now:
        raise KeyRefused("A key must expire in the future.")
    secret = secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name, prefix=secrets.token_hex(6), secret_sha256=digest(secret), owner=actor,
        scopes=_checked_scopes(scopes), expires_at=expires_at, rotated_from=rotated_from,
    )  # fmt: skip
    audit.record(actor=actor, action="api_key.create", target=f"api_key:{key.prefix}", after={"scopes": key.scopes})
    return key, f"att_{key.prefix}_{secret}"


@transaction.atomic
def rotate_key(*, actor: User, key: ApiKey, now: dt.datetime) -> tuple[ApiKey, str]:
    """A successor with the same name and scopes; the old key works for one more day, so that nothing stops."""
    if key.revoked_at or key.expires_at <= now:
        raise KeyRefused("A revoked or expired key cannot be rotated. Make a new one.")
    if hasattr(key, "successor"):
        raise KeyRefused(f"This key was rotated already; its successor is {key.successor.prefix}.")
    made = create_key(actor=actor, name=key.name, scopes=key.scopes, now=now, rotated_from=key)
    ApiKey.objects.filter(pk=key.pk).update(expires_at=min(key.expires_at, now + OVERLAP))
    return made


@transaction.atomic
def revoke_key(*, actor: User, key: ApiKey, now: dt.datetime, reason: str = "") -> None:
    """Refuse the key from this moment on. Revoking twice changes nothing."""
    changed = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now, revoked_by=actor)
    if changed:
        audit.record(actor=actor, action="api_key.revoke", target=f"api_key:{key.prefix}", reason=reason)


def find_key(text: str, *, now: dt.datetime) -> ApiKey | None:
    """The valid key that ``text`` is, or None. The secret is compared in constant time."""
    match = _FORM.fullmatch(text)
    if not match:
        return None
    key = ApiKey.objects.select_related("owner").filter(prefix=match[1]).first()
    if key is None or not hmac.compare_digest(key.secret_sha256, digest(match[2])):
        return None
    if key.revoked_at or key.expires_at <= now or not key.owner.is_active:
        return None
    _note_use(key, now)
    return key


def forget_answers(*, before: dt.datetime) -> int:
    """Remove the remembered answers from before then; returns how many. Their keys are free again."""
    return IdempotencyRecord.objects.filter(created_at__lt=before).delete()[0]


def still_valid(key: ApiKey, *, now: dt.datetime) -> bool:
    """Whether a key that was accepted a moment ago still is: what long answers ask again and again."""
    return ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True, expires_at__gt=now, owner__is_active=True).exists()


def note_started(key: ApiKey, jobs: Iterable[Job]) -> None:
    """Let the key poll the jobs that it asked for. One that ran already for somebody else's request counts as well."""
    StartedJob.objects.bulk_create([StartedJob(key=key, job=job) for job in jobs], ignore_conflicts=True)


def has_started(key: ApiKey, job_id: int) -> bool:
    """Whether this key, or the one that it was rotated from, asked for the job."""
    return StartedJob.objects.filter(key__in=[key.pk, key.rotated_from_id], job_id=job_id).exists()


def _note_use(key: ApiKey, now: dt.datetime) -> None:
    """Last use to the minute: one write a minute, however busy the key is."""
    if key.last_used_at is None or now - key.last_used_at >= dt.timedelta(minutes=1):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def as_record(key: ApiKey) -> dict[str, Any]:
    """What may be shown of a key."""
    return {"name": key.name, "prefix": key.prefix, "scopes": key.scopes, "expires_at": key.expires_at.isoformat()}


@transaction.atomic
def new_recovery_codes(*, actor: User) -> list[str]:
    """Give an account eight recovery codes in place of its earlier ones; they are never to be had again."""
    RecoveryDevice.objects.filter(user=actor).delete()
    device = RecoveryDevice.objects.create(user=actor, name="recovery", confirmed=True)
    plain = [base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower() for _ in range(_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(device=device, sha256=digest(code)) for code in plain)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in plain]
