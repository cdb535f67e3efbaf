"""The owner's desk: texts with live preview and the steps to publication, profile, résumé, messages, counts."""

from __future__ import annotations

import base64
from typing import Any

from django import forms
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
from portfolio.desk import text_drafts
from portfolio.models.documents import Document
from portfolio.publishing import documents, embeds
from portfolio.record import admin as _incidents  # noqa: F401  registers incidents

admin.site.register(models.TextDraft, text_drafts.TextDraftAdmin)


class CheckedTexts(forms.ModelForm):
    """Refuses broken embeds and numbers without a receipt, field by field, before anything is saved."""

    checked: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any] | None:
        """Attach each problem to the field that has it."""
        data = super().clean() or {}
        for name in self.checked:
            for problem in embeds.problems(data.get(name) or "")[:10]:
                self.add_error(name, problem)
        return data


def _lists(form: type[forms.ModelForm], names: tuple[str, ...]) -> None:
    for name in names:
        form.base_fields[name] = WordList(required=False, help_text="Separated by commas.")


class WordList(forms.CharField):
    """A list of words, typed with commas between."""

    def prepare_value(self, value: Any) -> Any:
        """A list as the text that stands for it."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The text as a list without repetitions, in its own order."""
        words = [word.strip()[:60] for word in str(value or "").split(",")]
        return list(dict.fromkeys(word for word in words if word))[:30]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lists with lists."""
        return self.to_python(data) != (initial or [])


class LinkList(forms.CharField):
    """Links to other places, one a line: a name, a space, an http(s) address. They stand on the first page."""

    def prepare_value(self, value: Any) -> Any:
        """The stored list as the lines that stand for it."""
        return "\n".join(f"{link['label']} {link['url']}" for link in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The lines as [{"label", "url"}]. Raises ValidationError that names the first line that is none."""
        return [self._link(line.strip()) for line in str(value or "").splitlines() if line.strip()][:10]

    def _link(self, line: str) -> dict[str, str]:
        label, _, url = line.rpartition(" ")
        if not label.strip() or not url.startswith(("https://", "http://")):
            raise forms.ValidationError(
                f"“{line[:80]}” is no link: write a name, a space and an address, such as Code https://example.org/code."
            )
        return {"label": label.strip()[:60], "url": url[:300]}

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lists with lists; what cannot be read has changed."""
        try:
            return self.to_python(data) != (initial or [])
        except forms.ValidationError:
            return True


class DocumentAdmin(admin.ModelAdmin):
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
        _lists(form, self.word_lists)
        return form

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
            source = request.POST.get(name, "")[:200_000]
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

    @admin.action(description="Publish the working copy now")
    def publish_now(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Each becomes a new revision, or says what it lacks."""
        self._each(request, chosen, lambda document: services.publish(document=document, actor=request.user))

    @admin.action(description="Withdraw from the site")
    def withdraw(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Back to draft; the history stays."""
        self._each(request, chosen, lambda document: services.withdraw(document=document, actor=request.user))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Another slug is another address, which the search has to know."""
        super().save_model(request, obj, form, change)
        if change and "slug" in form.changed_data:
            services.readdress(document=obj, former=form.initial["slug"], actor=request.user)

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


class ProfileForm(CheckedTexts):
    """The profile, its texts checked and its links as lines."""

    checked = ("statement", "outcomes")
    links = LinkList(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text="One a line, its name and its address: Code https://example.org/code",
    )
    photo = forms.FileField(
        required=False,
        help_text="JPEG, PNG or WebP. A square of it is kept, without what the camera wrote into it.",
    )
    without_photo = forms.BooleanField(required=False, label="No photo", help_text="Take the present one away.")

    def clean(self) -> dict[str, Any] | None:
        """Put the photo into the working copy, or say why it is none."""
        data = super().clean() or {}
        given = data.get("photo")
        if given or data.get("without_photo"):
            try:
                services.keep_portrait(
                    profile=self.instance, photo=given.read(services.LARGEST_PHOTO + 1) if given else None
                )
            except services.NoPicture as refused:
                self.add_error("photo", str(refused))
        return data


@admin.register(models.Profile)
class ProfileAdmin(admin.ModelAdmin):
    """The one profile."""

    form = ProfileForm
    readonly_fields = ("photo_now", "published_at", "published_by")
    actions = ("publish_profile",)

    @admin.display(description="photo now")
    def photo_now(self, profile: models.Profile) -> SafeString | str:
        """The photo of the working copy."""
        if profile.portrait is None:
            return "none"
        shown = base64.b64encode(bytes(profile.portrait.jpeg)).decode()
        return format_html('<img src="data:image/jpeg;base64,{}" width="96" height="96" alt="">', shown)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is at most one."""
        return super().has_add_permission(request) and not models.Profile.objects.exists()

    @admin.action(description="Publish the profile")
    def publish_profile(self, request: HttpRequest, chosen: QuerySet[models.Profile]) -> None:
        """Show it to visitors."""
        for profile in chosen:
            try:
                services.publish_profile(profile=profile, actor=request.user)
                self.message_user(request, "The profile is public.")
            except services.NotReady as error:
                self.message_user(request, str(error), messages.ERROR)


class PositionForm(CheckedTexts):
    """A line of the résumé, its text checked."""

    checked = ("summary",)


@admin.register(models.Position)
class PositionAdmin(admin.ModelAdmin):
    """Lines of the résumé."""

    form = PositionForm
    list_display = ("title", "organisation", "kind", "start", "end", "approved")
    list_filter = ("kind", "approved")


class SkillEvidenceInline(admin.TabularInline):
    """The changes that show a skill."""

    model = models.SkillEvidence
    extra = 1


@admin.register(models.Skill)
class SkillAdmin(admin.ModelAdmin):
    """Skills; one without evidence is not shown."""

    list_display = ("name", "category", "position")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (SkillEvidenceInline,)


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
