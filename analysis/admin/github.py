"""What GitHub says in the admin: reviews, deliveries, refusals, and repositories as GitHub knows them. Read only.

The one act here is erasing a person, which cannot be undone and so wants a fresh proof of identity.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from analysis import services
from analysis.admin.base import CollectedAdmin
from analysis.models import Erasure, GitHubRepository, PullDetail, Review, WebhookDelivery, WebhookRefusal
from evidence import sudo


class EraseForm(forms.Form):
    """Who is to be erased and why; the login is typed twice, as the act is final."""

    who = forms.CharField(label=_("GitHub login or e-mail address"), max_length=254)
    again = forms.CharField(label=_("The same once more"), max_length=254)
    reason = forms.CharField(label=_("Reason (kept in the audit log; name nobody)"), max_length=500)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("who") != said.get("again"):
            self.add_error("again", _("This is not the same. Type exactly whom you mean to erase."))
        return said


@admin.register(GitHubRepository)
class GitHubRepositoryAdmin(CollectedAdmin):
    """Lasting id and present name; a tombstone with its reason where GitHub shows a repository no longer."""

    list_display = ("full_name", "repository", "is_archived", "seen_at", "gone_at", "gone_reason")
    list_select_related = ("repository",)
    search_fields = ("full_name",)
    ordering = ("full_name", "id")


@admin.register(PullDetail)
class PullDetailAdmin(CollectedAdmin):
    """The API's own words about pulls; `counts` is the ledger of one pull: held by GitHub, given."""

    list_display = ("change", "state", "profile", "review_decision", "checks", "updated_at", "counts")
    list_filter = ("state", "profile", "review_decision", "checks")
    list_select_related = ("change",)
    search_fields = ("=change__number", "=external_id")
    ordering = ("-id",)


@admin.register(Review)
class ReviewAdmin(CollectedAdmin):
    """Reviews, machines told apart."""

    list_display = ("change", "state", "reviewer", "by_machine", "submitted_at")
    list_filter = ("state", "by_machine")
    list_select_related = ("change", "reviewer")
    search_fields = ("=change__number",)
    ordering = ("-id",)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(CollectedAdmin):
    """Accepted deliveries and what became of them."""

    list_display = ("received_at", "event", "action", "repository_name", "number", "state", "reason")
    list_filter = ("state", "event")
    search_fields = ("=delivery_id", "repository_name", "=number")
    exclude = ("body",)
    ordering = ("-id",)


@admin.register(WebhookRefusal)
class WebhookRefusalAdmin(CollectedAdmin):
    """How many deliveries were refused each day, and why."""

    list_display = ("day", "reason", "count")
    list_filter = ("reason",)
    ordering = ("-day", "reason", "id")


@admin.register(Erasure)
class ErasureAdmin(CollectedAdmin):
    """That somebody was erased: keyed hashes, from which nobody can be read."""

    list_display = ("erased_at", "erased_by", "identity")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("analysis.add_erasure"))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Erase a person everywhere."""
        if not self.has_add_permission(request):
            return super().add_view(request, form_url, extra_context)
        if not sudo.is_recent(request):
            return sudo.ask(request)
        form = EraseForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            done = services.erase_person(who=said["who"], actor=request.user, reason=said["reason"])
            self.message_user(request, ", ".join(f"{count:,} {name}" for name, count in done.items()))
            return HttpResponseRedirect(reverse("admin:analysis_erasure_changelist"))
        words = _("Removes the person from everything that was collected, now and in later collections. It is final.")
        context = {**self.admin_site.each_context(request), "title": _("Erase a person"), "form": form, "said": words}
        return TemplateResponse(request, "access/form.html", context, status=422 if form.errors else 200)
