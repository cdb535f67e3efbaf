"""System checks: mistakes in settings, each with an id and what to do about it."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security, deploy=True)
def unsafe_deployment(**_: Any) -> list[Error]:
    """What a deployment may not run with (attest.E001 to E003)."""
    found = []
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        hint = "Set DATABASE_URL to a PostgreSQL database; SQLite serves one machine only."
        found.append(Error("A deployment runs on SQLite.", hint=hint, id="attest.E001"))
    if "*" in settings.ALLOWED_HOSTS:
        found.append(Error("Any host name is accepted.", hint="Name the hosts in ALLOWED_HOSTS.", id="attest.E002"))
    if not settings.CELERY_BROKER_URL:
        found.append(Error("No broker is set.", hint="Set REDIS_URL.", id="attest.E003"))
    return found
