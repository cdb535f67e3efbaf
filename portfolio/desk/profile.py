"""The admin of what the owner says of themselves: the profile, the lines of the résumé, skills with their evidence."""

from __future__ import annotations

import base64
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portfolio import models, services
from portfolio.desk.forms import CheckedTexts, LinkList, Publishable
from portfolio.publishing import portraits


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

    def clean_photo(self) -> bytes | None:
        """The photo as it would be kept; None where none was chosen."""
        given = self.cleaned_data["photo"]
        try:
            return portraits.square(given.read(portraits.LARGEST_BYTES + 1)) if given else None
        except portraits.NoPicture as refused:
            raise forms.ValidationError(str(refused)) from refused


@admin.register(models.Profile)
class ProfileAdmin(Publishable):
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

    def save_model(self, request: HttpRequest, obj: models.Profile, form: Any, change: bool) -> None:
        """Visitors see nothing of it before it is published."""
        if form.cleaned_data["photo"] or form.cleaned_data["without_photo"]:
            services.keep_portrait(profile=obj, jpeg=form.cleaned_data["photo"])
        super().save_model(request, obj, form, change)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is at most one."""
        return super().has_add_permission(request) and not models.Profile.objects.exists()

    def publish_one(self, request: HttpRequest, row: models.Profile) -> None:
        """Show it to visitors."""
        services.publish_profile(profile=row, actor=request.user)

    @admin.action(description="Publish the profile")
    def publish_profile(self, request: HttpRequest, chosen: QuerySet[models.Profile]) -> None:
        """Show it to visitors."""
        for profile in chosen:
            try:
                self.publish_one(request, profile)
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
