"""The Django app `evidence`."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def _protect(sender: Any, using: str, **_ignored: Any) -> None:
    """SQLite rebuilds a table to alter it and loses its triggers, so they are put back after every migration."""
    from evidence import protection

    protection.install(connections[using])


class EvidenceConfig(AppConfig):
    name = "evidence"

    def ready(self) -> None:
        """Keep the append-only rules in force."""
        post_migrate.connect(_protect, sender=self, dispatch_uid="evidence.protection")
