"""Form fields of the owner's desk: texts that are checked, lists of words, lists of links."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from portfolio import services
from portfolio.models.documents import LONGEST_WORD, MOST_WORDS
from portfolio.publishing import embeds


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


class Publishable(admin.ModelAdmin):
    """What has a working copy and a public state: its form saves the first, and publishes at a second button."""

    change_form_template = "admin/portfolio/publishable_change_form.html"

    def publish_one(self, request: HttpRequest, row: Any) -> None:
        """Make the working copy public; raises NotReady with every reason against it."""
        raise NotImplementedError

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """The form again where its text was to be published, so that its owner reads there what came of it."""
        return self._published(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """As after adding."""
        return self._published(request, obj) or super().response_change(request, obj)

    def _published(self, request: HttpRequest, row: Any) -> HttpResponse | None:
        if "_publish" not in request.POST:
            return None
        try:
            self.publish_one(request, self.model._default_manager.get(pk=row.pk))
            self.message_user(request, f"“{row}” is saved and public.", messages.SUCCESS)
        except services.NotReady as error:
            self.message_user(request, f"Saved, and not public yet: {error}", messages.ERROR)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[row.pk]))


def typed_as_words(form: type[forms.ModelForm], names: tuple[str, ...]) -> None:
    """Let these fields of a form be typed as words with commas between."""
    for name in names:
        form.base_fields[name] = WordList(required=False, help_text="Separated by commas.")


class WordList(forms.CharField):
    """A list of words, typed with commas between."""

    def prepare_value(self, value: Any) -> Any:
        """A list as the text that stands for it."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The text as a list without repetitions, in its own order."""
        words = [word.strip()[:LONGEST_WORD] for word in str(value or "").split(",")]
        return list(dict.fromkeys(word for word in words if word))[:MOST_WORDS]

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
