"""Export of everything as one sealed backup, from the admin: the owner's alone, after a fresh proof of identity."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from evidence import audit, backup, sudo


class PassphraseForm(forms.Form):
    """The passphrase that seals the file; it is stored nowhere."""

    passphrase = forms.CharField(
        label=_("Passphrase"), widget=forms.PasswordInput({"autocomplete": "new-password"}), max_length=500
    )
    again = forms.CharField(
        label=_("Once more"), widget=forms.PasswordInput({"autocomplete": "new-password"}), max_length=500
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("passphrase") != said.get("again"):
            self.add_error("again", _("The two are not the same."))
        return said


@sensitive_post_parameters("passphrase", "again")
@never_cache
@staff_member_required(login_url="admin:login")
@sudo.recent_login_required
def export(request: HttpRequest) -> HttpResponseBase:
    """Ask for a passphrase, then send the backup; the same file that `manage.py backup` writes."""
    user: Any = request.user
    if not user.is_superuser and not user.groups.filter(name="owner").exists():
        raise PermissionDenied
    form = PassphraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
            path = Path(folder) / "attest.backup"
            try:
                backup.write(path, form.cleaned_data["passphrase"])
            except backup.BackupError as error:
                form.add_error("passphrase", str(error))
            else:
                audit.record(actor=user, action="access.export")
                # Opened before the folder goes: the file stays readable for this response and then is gone.
                name = f"attest-{timezone.now():%Y-%m-%d}.backup"
                return FileResponse(path.open("rb"), as_attachment=True, filename=name)
    context = {
        **admin.site.each_context(request),
        "title": _("Export everything"),
        "said": _("One sealed file with every row, media and models. Without the passphrase nobody can open it."),
        "form": form,
    }
    return render(request, "access/form.html", context, status=422 if form.errors else 200)
