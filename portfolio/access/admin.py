"""Keys of the API at the owner's desk: made, rotated and revoked after a fresh proof of identity; shown once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evidence import sudo
from portfolio.access import services
from portfolio.access.models import ApiKey, Scope


class KeyForm(forms.Form):
    """What a new key is for, what it may do, and for how long."""

    name = forms.CharField(label=_("What uses it"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do besides reading what is public"), choices=Scope.choices, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    days = forms.IntegerField(label=_("Days until it expires"), min_value=1, max_value=366, initial=90)


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """Keys are listed without their secrets, which are stored nowhere."""

    list_display = ("name", "prefix", "owner", "scopes", "expires_at", "last_used_at", "revoked_at")
    ordering = ("-id",)
    actions = ("rotate_selected", "revoke_selected")
    readonly_fields = [field.name for field in ApiKey._meta.fields if field.name != "secret_sha256"]
    exclude = ("secret_sha256",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Make a key and show it once."""
        user = self._owner(request)
        if not sudo.is_recent(request):
            return sudo.ask(request)
        form = KeyForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            said, now = form.cleaned_data, timezone.now()
            expires = now + dt.timedelta(days=said["days"])
            _key, text = services.create_key(
                actor=user, name=said["name"], scopes=said["scopes"], now=now, expires_at=expires
            )
            return self._shown(request, [text])
        context = {**self.admin_site.each_context(request), "title": _("Make a key"), "form": form}
        return TemplateResponse(request, "access/form.html", context, status=422 if form.errors else 200)

    @admin.action(description=_("Rotate: make a successor, the old key works for one more day"))
    def rotate_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        user, made = self._owner(request), []
        if not sudo.is_recent(request):
            return sudo.ask(request)
        for key in queryset:
            try:
                made.append(services.rotate_key(actor=user, key=key, now=timezone.now())[1])
            except services.KeyRefused as refused:
                self.message_user(request, str(refused), messages.WARNING)
        return self._shown(request, made) if made else None

    @admin.action(description=_("Revoke the selected keys at once"))
    def revoke_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        user = self._owner(request)
        if not sudo.is_recent(request):
            return sudo.ask(request)
        for key in queryset:
            services.revoke_key(actor=user, key=key, now=timezone.now(), reason="admin")
        self.message_user(request, _("Revoked."))
        return None

    def _owner(self, request: HttpRequest) -> User:
        if not isinstance(request.user, User) or not request.user.has_perm("portfolio.add_apikey"):
            raise PermissionDenied
        return request.user

    def _shown(self, request: HttpRequest, keys: list[str]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("New keys"),
            "said": _("Keep this now: only its hash is stored, and it is shown this once."),
            "codes": keys,
            "next": "..",
        }
        response = TemplateResponse(request, "access/codes.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response
