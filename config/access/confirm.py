"""Ask for the password (and the second factor, where there is one) once more before an act that cannot be undone."""

from __future__ import annotations

from typing import Any

import django_otp
from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from config.access.second_factor import safe_next
from evidence import audit, sudo


class PasswordForm(forms.Form):
    """The password, and the code when the person has a device."""

    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput({"autocomplete": "current-password", "autofocus": True}),
    )
    token = forms.CharField(label=_("Code"), max_length=40, widget=forms.TextInput({"autocomplete": "one-time-code"}))

    def __init__(self, *args: Any, needs_token: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_token:
            del self.fields["token"]


@sensitive_post_parameters("password", "token")
@never_cache
@login_required
def confirm(request: HttpRequest) -> HttpResponse:
    """Prove again who is there; failures are throttled like logins."""
    user: Any = request.user
    form = PasswordForm(request.POST or None, needs_token=django_otp.user_has_device(user))
    if request.method == "POST" and form.is_valid():
        known = authenticate(request, username=user.get_username(), password=form.cleaned_data["password"])
        token = form.cleaned_data.get("token")
        if known == user and (token is None or django_otp.match_token(user, token.replace(" ", "")) is not None):
            request.session.cycle_key()
            sudo.mark(request)
            return HttpResponseRedirect(safe_next(request))
        form.add_error(None, _("That did not match."))
        audit.record(actor=user, action="access.confirmation_refused")
    context = {"title": _("Confirm that it is you"), "form": form, "next": safe_next(request)}
    return render(request, "access/form.html", context, status=200 if not form.errors else 422)
