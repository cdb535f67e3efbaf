"""The queue in the admin: what runs, how old it is, what failed and why; retry, cancel, schedules."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from jobs import services
from jobs.models import Job, Schedule


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    """Jobs are watched, cancelled and tried again; their rows are written by the system only."""

    list_display = ("id", "kind", "state", "age", "progress", "attempts", "deliveries", "error_code", "requested_by")
    list_filter = ("state", "kind", "queue")
    search_fields = ("=id", "key", "resource")
    ordering = ("-id",)
    show_full_result_count = False
    actions = ("retry_selected", "cancel_selected")
    readonly_fields = [field.name for field in Job._meta.fields]
    fieldsets = (
        (None, {"fields": ("kind", "state", "args", "result", "requested_by", "parent", "schedule")}),
        (_("Progress"), {"fields": ("progress_done", "progress_total", "progress_message")}),
        (_("Trouble"), {"fields": ("error_code", "error_message", "error_hint", "attempts", "deliveries")}),
        (_("Order"), {"fields": ("queue", "priority", "key", "resource", "due_at", "again")}),
        (
            _("Times"),
            {"fields": ("created_at", "started_at", "finished_at", "sent_at", "sends", "lease_owner", "lease_until")},
        ),
        (_("Cancellation"), {"fields": ("cancel_asked_at", "cancel_asked_by")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=_("age"), ordering="created_at")
    def age(self, job: Job) -> str:
        """How long ago it was asked for."""
        return timesince(job.created_at, timezone.now(), depth=1)

    @admin.display(description=_("progress"))
    def progress(self, job: Job) -> str:
        """Done of total, with the last message."""
        if not job.progress_total and not job.progress_done:
            return job.progress_message
        total = "?" if job.progress_total is None else job.progress_total
        return f"{job.progress_done}/{total} {job.progress_message}".strip()

    @admin.action(description=_("Try the selected jobs again"), permissions=["change"])
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._each(request, queryset, services.retry)

    @admin.action(description=_("Cancel the selected jobs"), permissions=["change"])
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self._each(request, queryset, services.cancel)

    def _each(self, request: HttpRequest, queryset: QuerySet[Job], act: Any) -> None:
        done = 0
        for job_id in queryset.values_list("pk", flat=True):
            try:
                act(job_id=job_id, actor=request.user)
                done += 1
            except services.NotPossible as error:
                self.message_user(request, str(error), messages.WARNING)
        text = ngettext("%(count)d job was changed.", "%(count)d jobs were changed.", done)
        self.message_user(request, text % {"count": done})


@admin.register(Schedule)
class ScheduleAdmin(admin.ModelAdmin):
    """Schedules are the operator's: how often, and whether at all."""

    list_display = ("name", "kind", "every_seconds", "enabled", "next_at", "last_at")
    list_editable = ("enabled",)
    ordering = ("name",)
    readonly_fields = ("last_at",)
