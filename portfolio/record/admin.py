"""Incidents at the owner's desk; what was sampled is to be read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest

from evidence import audit
from portfolio.models import Incident, ServingHour, StatusRecord


@admin.register(Incident)
class IncidentAdmin(admin.ModelAdmin):
    """What went wrong and what was learnt; visitors see it once it is published."""

    list_display = ("title", "started_at", "ended_at", "is_published")
    list_filter = ("is_published",)
    ordering = ("-started_at", "-id")

    def save_model(self, request: HttpRequest, obj: Incident, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            changed = {name: form.cleaned_data.get(name) for name in form.changed_data}
            audit.record(actor=request.user, action="status.incident", target=obj, after=changed)


class _Sampled(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(ServingHour)
class ServingHourAdmin(_Sampled):
    """Hours of serving."""

    list_display = ("hour", "requests", "errors", "probes", "probes_failed")
    ordering = ("-hour",)


@admin.register(StatusRecord)
class StatusRecordAdmin(_Sampled):
    """Stored figures of serving and build."""

    list_display = ("kind", "recorded_at", "revision")
    ordering = ("-id",)
