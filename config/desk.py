"""The admin as a whole: its name, and the order in which it lists what it holds."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

# What the owner writes and decides comes first, what the machine keeps for itself last.
ORDER = ("portfolio", "analysis", "mlops", "jobs", "evidence", "auth")


class Desk(admin.AdminSite):
    """Django's admin under the product's name."""

    site_header = "Attest"
    site_title = "Attest"
    index_title = "Curate"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The apps in the order of ORDER; those that it does not name follow by name."""
        found = super().get_app_list(request, app_label)
        return sorted(found, key=lambda app: ORDER.index(label) if (label := app["app_label"]) in ORDER else len(ORDER))
