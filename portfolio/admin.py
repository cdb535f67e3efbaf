"""The owner's desk: texts with live preview and the steps to publication, profile, résumé, messages, counts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from portfolio import models, services
from portfolio.access import admin as _keys  # noqa: F401  registers the keys of the API
from portfolio.desk import mentions as _mentions  # noqa: F401  registers mentions
from portfolio.desk import profile as _profile  # noqa: F401  registers profile, résumé and skills
from portfolio.desk import text_drafts
from portfolio.desk.forms import CheckedTexts, Publishable, typed_as_words
from portfolio.models.documents import LONGEST_TEXT, Document
from portfolio.publishing import documents, embeds
from portfolio.record import admin as _incidents  # noqa: F401  registers incidents

admin.site.register(models.TextDraft, text_drafts.TextDraftAdmin)


# What belongs into each part of a case study.
HELP = {
    "context": "What was there, and why it mattered.",
    "constraint": "What could not be changed: time, people, interfaces.",
    "options": "What was considered, each with its price.",
    "decision": "What was chosen, and why.",
    "evidence": "The changes that show it, their figures as embeds.",
    "result": "What came of it, as far as it was measured.",
    "what_failed": "What went wrong on the way.",
    "my_part": "What you did, and what others did.",
    "not_proven": "What all this does not show.",
}


class DocumentAdmin(Publishable):
    """What case studies, posts and pages have in common: preview, check at save, publication."""

    change_form_template = "admin/portfolio/document_change_form.html"
    list_display = ("title", "state", "revision", "publish_at", "preview")
    list_filter = ["state"]
    search_fields = ("title", "slug", "summary")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("state", "revision", "preview", "what_is_missing")
    list_select_related = ("live",)
    actions = ("submit_for_review", "publish_now", "withdraw")
    word_lists: tuple[str, ...] = ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The model's form with its texts checked."""
        checked = ("title", "summary", *self.model.TEXTS)
        form = super().get_form(
            request, obj, change, form=type("Form", (CheckedTexts,), {"checked": checked}), **kwargs
        )
        typed_as_words(form, self.word_lists)
        for name in HELP.keys() & form.base_fields.keys():
            form.base_fields[name].help_text = HELP[name]
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """The title first: the slug is made from it."""
        return sorted(super().get_fields(request, obj), key=lambda name: name != "title")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Newest first; models have no order of their own."""
        return super().get_queryset(request).order_by("-updated_at", "-id")

    def get_urls(self) -> list[URLPattern]:
        """The preview that the change form asks for while one types."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_render"
        own = [path("render/", self.admin_site.admin_view(require_POST(self.render_text)), name=name)]
        return own + super().get_urls()

    def render_text(self, request: HttpRequest) -> HttpResponse:
        """The texts of the form as they would look, with what is wrong in them."""
        sections = []
        for name in self.model.TEXTS:
            source = request.POST.get(name, "")[:LONGEST_TEXT]
            if source.strip():
                sections.append((documents.HEADINGS.get(name, ""), embeds.render(source).html, embeds.problems(source)))
        return render(request, "admin/portfolio/preview.html", {"sections": sections})

    def changeform_view(self, request: HttpRequest, object_id: Any = None, form_url: str = "",
                        extra_context: Any = None) -> Any:  # fmt: skip
        """Tell the template where the preview is."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_render"
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), "render": reverse(name)})

    @admin.display(description="live revision")
    def revision(self, document: Document) -> str:
        """The number that visitors see."""
        return str(document.live.number) if document.live else "none"

    @admin.display(description="preview")
    def preview(self, document: Document) -> SafeString | str:
        """The secret address of the working copy."""
        if not document.pk:
            return "after the first save"
        url = reverse("portfolio:preview", args=[documents.kind_of(document), document.slug, document.preview_key])
        return format_html('<a href="{}">open</a>', url)

    @admin.display(description="before it can be published")
    def what_is_missing(self, document: Document) -> str:
        """Every reason that publication would give."""
        return " ".join(documents.missing(document)) or "Nothing is missing." if document.pk else "Save first."

    @admin.action(description="Submit for review")
    def submit_for_review(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Drafts become ready to be published or scheduled."""
        self._each(request, chosen, lambda document: services.submit(document=document, actor=request.user))

    def publish_one(self, request: HttpRequest, row: Any) -> None:
        """The working copy becomes a new revision."""
        services.publish(document=row, actor=request.user)

    @admin.action(description="Publish the working copy now")
    def publish_now(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Each becomes a new revision, or says what it lacks."""
        self._each(request, chosen, lambda document: self.publish_one(request, document))

    @admin.action(description="Withdraw from the site")
    def withdraw(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Back to draft; the history stays."""
        self._each(request, chosen, lambda document: services.withdraw(document=document, actor=request.user))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The one way to write a text, here and in the API."""
        services.write(
            document=obj, actor=request.user, fields={name: form.cleaned_data[name] for name in form.changed_data}
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """What is on the site is withdrawn first: it leaves the search, and the audit log says who did it."""
        if obj.live is not None:
            services.withdraw(document=obj, actor=request.user, reason="deleted")
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """One after another, each withdrawn first."""
        for document in queryset:
            self.delete_model(request, document)

    def _each(self, request: HttpRequest, chosen: QuerySet[Any], step: Any) -> None:
        for document in chosen:
            try:
                step(document)
                self.message_user(request, f"{document}: done.")
            except services.NotReady as error:
                self.message_user(request, f"{document}: {error}", messages.ERROR)


@admin.register(models.CaseStudy)
class CaseStudyAdmin(DocumentAdmin):
    """Case studies."""

    word_lists = ("technologies",)


@admin.register(models.Post)
class PostAdmin(DocumentAdmin):
    """Posts."""

    word_lists = ("tags",)
    list_filter = ["state", "series"]


@admin.register(models.Page)
class PageAdmin(DocumentAdmin):
    """Standing pages; the slugs about, privacy and colophon add to the site's own."""


class ReadOnly(admin.ModelAdmin):
    """What the site writes itself and nobody edits."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False


@admin.register(models.Revision)
class RevisionAdmin(ReadOnly):
    """Published revisions: to look at, never to change."""

    list_display = ("kind", "slug", "number", "published_at", "published_by", "sha256")
    list_filter = ("kind",)
    search_fields = ("slug",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was published stays in the history."""
        return False


@admin.register(models.ContactMessage)
class ContactMessageAdmin(ReadOnly):
    """Messages from visitors."""

    list_display = ("received_at", "name", "reply_to", "handled_at")
    actions = ("mark_handled",)

    @admin.action(description="Mark as answered", permissions=["view"])
    def mark_handled(self, request: HttpRequest, chosen: QuerySet[models.ContactMessage]) -> None:
        """Remember who answered, and when."""
        for message in chosen.filter(handled_at__isnull=True):
            services.handle_message(message=message, actor=request.user, now=timezone.now())  # type: ignore[arg-type]


@admin.register(models.PageCount)
class PageCountAdmin(ReadOnly):
    """Counts of page views."""

    list_display = ("day", "path", "referrer_host", "views")
    list_filter = ("day",)


@admin.register(models.Demo)
class DemoAdmin(ReadOnly):
    """Health of the demos."""

    list_display = ("slug", "health", "milliseconds", "checked_at", "reason")
