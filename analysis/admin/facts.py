"""Facts in the admin: values, what is unknown and why."""

from __future__ import annotations

from django.contrib import admin

from analysis.admin.base import CollectedAdmin
from analysis.models import ChangeFacts, LineSurvival


@admin.register(ChangeFacts)
class ChangeFactsAdmin(CollectedAdmin):
    """One row a change; each value's receipt opens on the change's page."""

    list_display = ("change", "version", "values")
    list_select_related = ("change",)
    search_fields = ("=change__number", "change__title")
    ordering = ("-change_id",)


@admin.register(LineSurvival)
class LineSurvivalAdmin(CollectedAdmin):
    """Lines that survive, at the tip that they were counted at."""

    list_display = ("change", "alive", "added", "tip_sha")
    list_select_related = ("change",)
    search_fields = ("=change__number", "=tip_sha")
    ordering = ("-change_id",)
