"""The wiring as an app, so that its system checks, roles and commands are found."""

from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


def _ensure_roles(sender: Any, **_ignored: Any) -> None:
    from config.access.roles import ensure_roles

    ensure_roles()


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from analysis.services import ask_for_skills_with
        from config import (
            checks,  # noqa: F401  registers the system checks
            watch,
        )
        from config.access import (
            second_factor,  # noqa: F401  listens to logins
            signing,
        )
        from portfolio.queries import skill_references

        signing.listen()
        watch.register()
        ask_for_skills_with(skill_references)
        # The last app's signal: by then every app's permissions exist.
        post_migrate.connect(_ensure_roles, dispatch_uid="config.roles", sender=self._last_app())

    def _last_app(self) -> AppConfig:
        return list(self.apps.get_app_configs())[-1] if self.apps else self


class DeskConfig(AdminConfig):
    default_site = "config.desk.Desk"
