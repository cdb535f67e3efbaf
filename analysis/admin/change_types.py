"""Predicted types in the admin: a queue that is worked through with one key a decision, and the labels as a file."""

from __future__ import annotations

import json

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from analysis import services
from analysis.admin.base import CollectedAdmin
from analysis.change_types import store
from analysis.change_types.labels import TYPES
from analysis.models import ChangeType, TypeReview

KEYS = "1234567890"


@admin.register(ChangeType)
class ChangeTypeAdmin(CollectedAdmin):
    """What was predicted, version by version; the queue is behind "review"."""

    list_display = ("change", "type", "probability", "version", "reason", "degraded", "is_current")
    list_filter = ("is_current", "type", "version", "degraded")
    search_fields = ("change__title",)
    list_select_related = ("change",)
    ordering = ("-id",)
    change_list_template = "admin/analysis/changetype_list.html"

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("review/", self.admin_site.admin_view(self.review), name="analysis_changetype_review"),
            path("labels/", self.admin_site.admin_view(self.labels), name="analysis_changetype_labels"),
        ]
        return own + super().get_urls()

    def review(self, request: HttpRequest) -> HttpResponse:
        """One unreviewed change after another, the least certain first."""
        if not request.user.has_perm("analysis.add_typereview"):
            raise PermissionDenied
        if request.method == "POST":
            return self._decide(request)
        waiting = ChangeType.objects.filter(is_current=True, change__type_review__isnull=True)
        rows = waiting.select_related("change__repository").order_by("probability", "id")
        after = request.GET.get("after", "")
        skipped = ChangeType.objects.filter(pk=after).first() if after.isdigit() else None
        row = next(
            (r for r in rows[:500] if skipped is None or (r.probability, r.pk) > (skipped.probability, skipped.pk)),
            None,
        )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _("Review types"),
            "row": row,
            "paths": sorted(row.change.files.values_list("path", flat=True)[:30]) if row else [],
            "waiting": waiting.count(),
            "choices": list(zip(KEYS, TYPES, strict=True)),
        }
        return TemplateResponse(request, "admin/analysis/review_types.html", context)

    def labels(self, request: HttpRequest) -> StreamingHttpResponse:
        """Every decision as JSON lines: labelled data for a training elsewhere."""
        if not request.user.has_perm("analysis.view_typereview"):
            raise PermissionDenied
        lines = (json.dumps(row) + "\n" for row in store.export_labels())
        answer = StreamingHttpResponse(lines, content_type="application/x-ndjson")
        answer["Content-Disposition"] = 'attachment; filename="change-types.jsonl"'
        return answer

    def _decide(self, request: HttpRequest) -> HttpResponse:
        chosen = str(request.POST.get("prediction", ""))
        row = ChangeType.objects.filter(pk=chosen, is_current=True).first() if chosen.isdigit() else None
        if row is None:
            self.message_user(request, _("This prediction was replaced meanwhile; here is what waits now."))
        else:
            try:
                services.review_type(
                    change=row.change,
                    type_=str(request.POST.get("type", "")),
                    note=str(request.POST.get("note", ""))[:500],
                    actor=request.user,
                )
            except ValueError as error:
                self.message_user(request, str(error), level="ERROR")
        return HttpResponseRedirect(reverse("admin:analysis_changetype_review"))


@admin.register(TypeReview)
class TypeReviewAdmin(CollectedAdmin):
    """What people decided; decided again in the queue's place of the change, never edited in the dark."""

    list_display = ("change", "decision", "predicted", "type", "version", "reviewed_by", "reviewed_at")
    list_filter = ("decision", "type")
    list_select_related = ("change", "reviewed_by")
    ordering = ("-id",)
