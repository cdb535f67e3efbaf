"""The admin of drafted texts: make one from the curation desk, read it beside its sources, take or discard it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from analysis.queries import Achievement
from portfolio import models, services
from portfolio.publishing import embeds


class TextDraftAdmin(admin.ModelAdmin):
    """Drafted texts: read each sentence beside its sources, then take or discard the draft."""

    list_display = ("kind", "title", "state", "answered_by", "made_at", "requested_by")
    list_filter = ("kind", "state")
    search_fields = ("title", "subject")
    actions = ("accept", "discard")
    change_form_template = "admin/portfolio/text_draft.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Drafts come from the desk, the command and the API."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What waits first, newest first."""
        return super().get_queryset(request).order_by("-state", "-id")

    def get_urls(self) -> list[URLPattern]:
        """Where the curation desk's buttons lead."""
        view = self.admin_site.admin_view(require_POST(self.make))
        name = "portfolio_textdraft_make"
        return [path("make/<int:achievement_id>/<slug:kind>/", view, name=name), *super().get_urls()]

    def make(self, request: HttpRequest, achievement_id: int, kind: str) -> HttpResponse:
        """Draft a text and show it."""
        if not request.user.has_perm("portfolio.add_textdraft"):
            raise PermissionDenied
        achievement = get_object_or_404(Achievement, pk=achievement_id)
        try:
            row = services.draft_text(achievement=achievement, kind=kind, actor=request.user)
        except services.TextRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return redirect(f"{reverse('admin:analysis_achievement_desk')}?at={achievement_id}")
        return redirect("admin:portfolio_textdraft_change", row.pk)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        """The draft as it would look, and each sentence with what it stands on; POST decides."""
        row = get_object_or_404(models.TextDraft, pk=object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if request.method == "POST":
            step = services.accept_text if request.POST.get("decision") == "accept" else services.discard_text
            self._decide(request, [row], step)
            return redirect("admin:portfolio_textdraft_change", row.pk)
        shown = {"row": row, "preview": embeds.render(row.markdown).html, "opts": self.opts, "title": str(row)}
        return render(request, self.change_form_template, {**self.admin_site.each_context(request), **shown})

    def _decide(self, request: HttpRequest, rows: Any, step: Any) -> None:
        if not request.user.has_perm("portfolio.change_textdraft"):
            raise PermissionDenied
        for row in rows:
            try:
                step(text=row, actor=request.user)
                self.message_user(request, f"{row}: done.")
            except ValueError as refused:
                self.message_user(request, f"{row}: {refused}", messages.ERROR)

    @admin.action(description="Accept: a summary or case study goes where it belongs", permissions=["view"])
    def accept(self, request: HttpRequest, chosen: QuerySet[models.TextDraft]) -> None:
        """Take each into its place."""
        self._decide(request, chosen, services.accept_text)

    @admin.action(description="Discard", permissions=["view"])
    def discard(self, request: HttpRequest, chosen: QuerySet[models.TextDraft]) -> None:
        """Say no to each."""
        self._decide(request, chosen, services.discard_text)
