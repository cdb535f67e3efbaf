"""The Django app `jobs`."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

DAY = 24 * 60 * 60


def _ensure_schedules(sender: Any, using: str, **_ignored: Any) -> None:
    from jobs import services

    services.ensure_schedule(name="retention", kind="retention", every_seconds=DAY)


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        """Make this app's own schedules once its tables are there."""
        post_migrate.connect(_ensure_schedules, sender=self, dispatch_uid="jobs.schedules")
