"""Repositories, changes and ledgers in the admin: start a collection, watch it, read its ledger, hide what is not meant
for the site, correct what was called a bot.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from analysis import queries, services
from analysis.admin.base import CollectedAdmin
from analysis.admin.publish import PublishPrivate
from analysis.models import (
    Change,
    ChangedFile,
    ChangeLink,
    ChangeText,
    Collection,
    Commit,
    Contributor,
    Repository,
)


class SourceForm(forms.Form):
    """What to collect. Local paths are for the command line: a form must not read this machine's files."""

    source = forms.CharField(
        label=_("Repository"), max_length=500, help_text=_("https address or owner/name; a local path needs manage.py")
    )


@admin.register(Repository)
class RepositoryAdmin(PublishPrivate, CollectedAdmin):
    """Adding one starts its collection; its page shows how far that is."""

    list_display = ("name", "key", "default_branch", "licence", "is_private", "published_at", "is_hidden")
    list_filter = ("is_hidden", "is_private")
    search_fields = ("key", "name")
    ordering = ("key",)
    actions = ("collect_selected", "hide_selected", "show_selected")
    change_form_template = "admin/analysis/repository_change_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("analysis.add_repository")

    def get_urls(self) -> list[URLPattern]:
        progress = path(
            "<int:pk>/progress/", self.admin_site.admin_view(self.progress), name="analysis_repository_progress"
        )
        return [progress, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for a source and start its collection."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = SourceForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                job = services.request_collection(
                    source=form.cleaned_data["source"], actor=request.user, allow_local=False
                )
            except services.SourceError as error:
                form.add_error("source", str(error))
            else:
                pk = job.args["repository_id"]
                return HttpResponseRedirect(reverse("admin:analysis_repository_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "title": _("Collect a repository"),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/analysis/collect.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if (repository := kwargs.get("obj")) is not None:
            context.update(self._state(repository))
        return super().render_change_form(request, context, *args, **kwargs)

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The live fragment: job, newest ledgers; asks again while a job is open."""
        repository = self.get_object(request, str(pk))
        if repository is None or not self.has_view_permission(request, repository):
            raise PermissionDenied
        return TemplateResponse(request, "admin/analysis/_progress.html", self._state(repository))

    def _state(self, repository: Repository) -> dict[str, Any]:
        return {
            "repository": repository,
            "jobs": queries.open_jobs_of(repository),
            "ledgers": queries.newest_ledgers(repository),
        }

    @admin.action(description=_("Collect now"), permissions=["add"])
    def collect_selected(self, request: HttpRequest, chosen: QuerySet[Repository]) -> None:
        """Start a collection of each."""
        for repository in chosen:
            try:
                services.request_collection(source=repository.key, actor=request.user)
            except services.SourceError as error:
                self.message_user(request, f"{repository}: {error}", messages.ERROR)
        self.message_user(request, _("Collections are queued; each repository's page shows its progress."))

    @admin.action(description=_("Hide from the site"), permissions=["change"])
    def hide_selected(self, request: HttpRequest, chosen: QuerySet[Repository]) -> None:
        """Take them off the public site."""
        for repository in chosen:
            services.set_repository_hidden(repository=repository, hidden=True, actor=request.user)

    @admin.action(description=_("Show on the site"), permissions=["change"])
    def show_selected(self, request: HttpRequest, chosen: QuerySet[Repository]) -> None:
        """Put them back."""
        for repository in chosen:
            services.set_repository_hidden(repository=repository, hidden=False, actor=request.user)


@admin.register(Collection)
class CollectionAdmin(CollectedAdmin):
    """Ledgers: what the source held, what is stored, what is incomplete and why."""

    list_display = ("id", "repository", "source", "state", "held", "stored", "written", "started_at", "finished_at")
    list_filter = ("state", "source")
    list_select_related = ("repository",)
    search_fields = ("repository__key", "reason")
    ordering = ("-id",)


@admin.register(Change)
class ChangeAdmin(CollectedAdmin):
    """Changes as collected; only whether the site shows them is decided here."""

    list_display = (
        "short_title",
        "repository",
        "number",
        "kind",
        "certainty",
        "landed_additions",
        "landed_deletions",
        "sorted_at",
        "is_hidden",
    )
    list_filter = ("kind", "certainty", "is_hidden", "is_credited", "size_class", "language")
    list_select_related = ("repository",)
    search_fields = ("title", "=number", "=merge_commit", "repository__key")
    ordering = ("-sorted_at", "-id")
    actions = ("hide_selected", "show_selected")
    readonly_fields = ("people", "where_linked")

    @admin.display(description=_("title"), ordering="title")
    def short_title(self, change: Change) -> str:
        """The title, cut for the list."""
        return change.title[:90] or change.key

    @admin.display(description=_("people"))
    def people(self, change: Change) -> str:
        """Who took part, and how."""
        rows = change.participations.select_related("contributor").order_by("role", "pk")[:100]
        return ", ".join(f"{row.contributor.display_name} ({row.get_role_display()})" for row in rows) or "-"

    @admin.display(description=_("links"))
    def where_linked(self, change: Change) -> str:
        """Other changes that it is related to."""
        rows = change.links.order_by("pk")[:50]
        return ", ".join(f"{row.get_kind_display()} {row.key or row.sha[:12]}" for row in rows) or "-"

    @admin.action(description=_("Hide from the site"), permissions=["change"])
    def hide_selected(self, request: HttpRequest, chosen: QuerySet[Change]) -> None:
        """Take them off the public site."""
        self._hide(request, chosen, hidden=True)

    @admin.action(description=_("Show on the site"), permissions=["change"])
    def show_selected(self, request: HttpRequest, chosen: QuerySet[Change]) -> None:
        """Put them back."""
        self._hide(request, chosen, hidden=False)

    def _hide(self, request: HttpRequest, chosen: QuerySet[Change], *, hidden: bool) -> None:
        for change in chosen:
            services.set_change_hidden(change=change, hidden=hidden, actor=request.user)
        count = len(chosen)
        self.message_user(request, ngettext("%d change was set.", "%d changes were set.", count) % count)


@admin.register(Contributor)
class ContributorAdmin(CollectedAdmin):
    """People under their pseudonyms; a wrong label (bot, AI) is corrected here, and stays corrected."""

    list_display = ("display_name", "kind", "kind_reason", "label_overridden", "is_owner")
    list_filter = ("kind", "label_overridden", "is_owner")
    search_fields = ("display_name", "login")
    ordering = ("display_name", "id")
    actions = ("label_human", "label_bot", "label_ai", "link_selected", "unlink_selected", "mark_owner", "unmark_owner")

    @admin.action(description=_("This is the owner of the portfolio"), permissions=["change"])
    def mark_owner(self, request: HttpRequest, chosen: QuerySet[Contributor]) -> None:
        """Their commits and reviews are the owner's part from now on; drafts are made again."""
        services.set_owner(contributors=list(chosen), owner=True, actor=request.user)

    @admin.action(description=_("This is not the owner of the portfolio"), permissions=["change"])
    def unmark_owner(self, request: HttpRequest, chosen: QuerySet[Contributor]) -> None:
        """A mistake is taken back."""
        services.set_owner(contributors=list(chosen), owner=False, actor=request.user)

    @admin.action(description=_("Label as human"), permissions=["change"])
    def label_human(self, request: HttpRequest, chosen: QuerySet[Contributor]) -> None:
        """They are people after all."""
        self._label(request, chosen, Contributor.Kind.HUMAN)

    @admin.action(description=_("Label as bot"), permissions=["change"])
    def label_bot(self, request: HttpRequest, chosen: QuerySet[Contributor]) -> None:
        """They are programs that follow rules."""
        self._label(request, chosen, Contributor.Kind.BOT)

    @admin.action(description=_("Label as AI"), permissions=["change"])
    def label_ai(self, request: HttpRequest, chosen: QuerySet[Contributor]) -> None:
        """They are assistants that write."""
        self._label(request, chosen, Contributor.Kind.AI)

    @admin.action(description=_("Link as one person"), permissions=["change"])
    def link_selected(self, request: HttpRequest, chosen: QuerySet[Contributor]) -> None:
        """Several names of one person; the one with an account (else the oldest) is kept as the main one."""
        services.link_contributors(contributors=list(chosen), actor=request.user)

    @admin.action(description=_("Undo the link to another person"), permissions=["change"])
    def unlink_selected(self, request: HttpRequest, chosen: QuerySet[Contributor]) -> None:
        """They are not the same person after all."""
        services.unlink_contributors(contributors=list(chosen), actor=request.user)

    def _label(self, request: HttpRequest, chosen: QuerySet[Contributor], kind: str) -> None:
        for contributor in chosen:
            services.set_contributor_kind(contributor=contributor, kind=kind, actor=request.user)


@admin.register(ChangeText)
class ChangeTextAdmin(CollectedAdmin):
    """The redacted texts that claims quote, with their versions."""

    list_display = ("change", "kind", "version", "source", "is_current", "redactions")
    list_filter = ("kind", "is_current", "source")
    list_select_related = ("change",)
    search_fields = ("text", "=ref", "=change__number")
    ordering = ("-id",)


@admin.register(ChangedFile)
class ChangedFileAdmin(CollectedAdmin):
    """Files of changes."""

    list_display = ("path", "change", "status", "additions", "deletions", "category", "language")
    list_filter = ("category", "status")
    list_select_related = ("change",)
    search_fields = ("path", "=change__number")
    ordering = ("-id",)


@admin.register(Commit)
class CommitAdmin(CollectedAdmin):
    """Commits of changes."""

    list_display = ("sha", "change", "author", "authored_at", "is_merge")
    list_select_related = ("change", "author")
    search_fields = ("=sha", "=change__number")
    ordering = ("-id",)


@admin.register(ChangeLink)
class ChangeLinkAdmin(CollectedAdmin):
    """How changes relate to each other."""

    list_display = ("change", "kind", "key", "sha", "note")
    list_filter = ("kind",)
    list_select_related = ("change",)
    search_fields = ("=key", "=sha")
    ordering = ("-id",)
