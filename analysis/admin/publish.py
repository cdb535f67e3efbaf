"""Putting a private repository on the site, and taking it off: the owner's word, with a fresh proof of identity."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from analysis import queries, services
from analysis.models import Repository
from evidence import sudo


class PublishForm(forms.Form):
    """Why, and which: the name is typed, so that nobody publishes the neighbour of what they meant."""

    name = forms.CharField(label=_("Type the repository's name"), max_length=200)
    reason = forms.CharField(label=_("Why (kept in the audit log)"), max_length=500)

    def __init__(self, repository: Repository, data: Any) -> None:
        super().__init__(data)
        self._repository = repository
        if repository.published_at is None:
            self.fields["reason"].label = _("Who allowed it (kept in the audit log)")

    def clean_name(self) -> str:
        """The name as it was typed, if it is this repository's."""
        typed = str(self.cleaned_data["name"]).strip()
        if typed != self._repository.name:
            raise forms.ValidationError(_("This is not its name. Type exactly: %(name)s") % {"name": self._repository})
        return typed


class PublishPrivate(admin.ModelAdmin):
    """Adds the page …/<id>/publish/ to the admin of repositories."""

    def get_urls(self) -> list[URLPattern]:
        page = path("<int:pk>/publish/", self.admin_site.admin_view(self.publish), name="analysis_repository_publish")
        return [page, *super().get_urls()]

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Confirm, then publish a private repository, or withdraw one that was published."""
        repository = self.get_object(request, str(pk))
        if not request.user.has_perm("analysis.publish_repository") or repository is None or not repository.is_private:
            raise PermissionDenied
        if not sudo.is_recent(request):
            return sudo.ask(request)
        publishing = repository.published_at is None
        form = PublishForm(repository, request.POST or None)
        if request.method == "POST" and form.is_valid():
            services.set_private_published(
                repository=repository, published=publishing, reason=form.cleaned_data["reason"], actor=request.user
            )
            done = _("%s is on the public site now.") if publishing else _("%s is off the public site now.")
            self.message_user(request, done % repository, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:analysis_repository_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request), "form": form, "said": self._said(repository, publishing),
            "title": _("Publish a private repository") if publishing else _("Take a private repository off the site"),
        }  # fmt: skip
        return TemplateResponse(request, "access/form.html", context, status=422 if form.errors else 200)

    def _said(self, repository: Repository, publishing: bool) -> str:
        if not publishing:
            words = _("Pages, API and feeds stop showing %s at once. Copies that others made are out of reach.")
            return words % repository
        count = queries.count_changes(repository)
        return _(
            "GitHub calls %(name)s private. Everybody will see its %(count)d changes: titles, descriptions, paths of "
            "files, commit messages, claims, and pseudonyms of those who took part. No source code is shown. Hidden "
            "changes stay hidden. You can take it off again at any time, but not out of copies that others made."
        ) % {"name": repository, "count": count}
