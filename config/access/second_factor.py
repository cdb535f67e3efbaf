"""TOTP as second factor. Until it is given, a session that needs it has no rights anywhere, the API included.

A person who has set up a device must use it; ATTEST_REQUIRE_2FA demands a device of everybody in the admin.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_otp
import segno
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django_otp.plugins.otp_totp.models import TOTPDevice

from config.access import sessions
from evidence import audit, sudo
from portfolio.access import services as access

_NEEDED = "second_factor_needed"


class RequireSecondFactor:
    """Middleware: a session that still lacks its second factor counts as nobody, outside the pages that ask for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not _is_half(request):
            return self._get_response(request)
        open_pages = {reverse(name) for name in ("second-factor", "second-factor-set-up", "admin:logout")}
        if request.path in open_pages:
            return self._get_response(request)
        if request.path.startswith(reverse("admin:index")):
            page = "second-factor" if request.session.get(_NEEDED) else "second-factor-set-up"
            return HttpResponseRedirect(f"{reverse(page)}?next={request.path}")
        request.user = AnonymousUser()
        return self._get_response(request)


def _is_half(request: HttpRequest) -> bool:
    user: Any = request.user
    if not user.is_authenticated or user.is_verified():
        return False
    return bool(request.session.get(_NEEDED)) or (settings.ATTEST_REQUIRE_2FA and user.is_staff)


def note_login(sender: Any, request: HttpRequest, user: AbstractBaseUser, **_ignored: Any) -> None:
    """After a password: note whether a second factor must follow, and that this was a fresh proof."""
    request.session[_NEEDED] = django_otp.user_has_device(user)
    sudo.mark(request)


user_logged_in.connect(note_login, dispatch_uid="config.access.second_factor")


class TokenForm(forms.Form):
    """Six digits of the app, or a recovery code."""

    token = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}),
    )


@never_cache
@login_required
def give(request: HttpRequest) -> HttpResponse:
    """Ask for the code and complete the login."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = django_otp.match_token(request.user, form.cleaned_data["token"].replace(" ", ""))
        if device is not None:
            request.session.cycle_key()
            django_otp.login(request, device)
            return HttpResponseRedirect(safe_next(request))
        form.add_error("token", _("This code is not right, or was used before. Wait for the next one."))
        audit.record(actor=request.user, action="access.second_factor_refused")
    context = {"title": _("Second factor"), "form": form, "next": safe_next(request)}
    return render(request, "access/form.html", context, status=200 if not form.errors else 422)


@never_cache
@login_required
def set_up(request: HttpRequest) -> HttpResponse:
    """Show a new device's secret as a picture, and confirm it by its first code."""
    user: Any = request.user
    if django_otp.user_has_device(user) and not user.is_verified():
        return HttpResponseRedirect(reverse("second-factor"))
    if django_otp.user_has_device(user) and not sudo.is_recent(request):
        return sudo.ask(request)
    device, _created = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "app"})
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if device.verify_token(form.cleaned_data["token"].replace(" ", "")):
            return _confirmed(request, device)
        form.add_error("token", _("This code is not right. Is the clock of the phone right?"))
    context = {
        "title": _("Set up a second factor"),
        "form": form,
        "next": safe_next(request),
        "picture": segno.make(device.config_url).svg_data_uri(scale=5, border=2),
        "secret": device.config_url.partition("secret=")[2].partition("&")[0],
    }
    return render(request, "access/form.html", context, status=200 if not form.errors else 422)


@transaction.atomic
def _confirmed(request: HttpRequest, device: TOTPDevice) -> HttpResponse:
    user: Any = request.user
    TOTPDevice.objects.filter(user=user, confirmed=True).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    codes = access.new_recovery_codes(actor=user)
    request.session.cycle_key()
    django_otp.login(request, device)
    request.session[_NEEDED] = True
    sessions.end(user, but=request.session.session_key)
    audit.record(actor=user, action="access.second_factor_set_up")
    context = {"title": _("Recovery codes"), "codes": codes, "next": safe_next(request)}
    return render(request, "access/codes.html", context)


def safe_next(request: HttpRequest) -> str:
    """Where to go on: the address asked for when it is on this site, else the admin."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    allowed = {request.get_host()}
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed, require_https=request.is_secure()):
        return wanted
    return reverse("admin:index")
