"""Contact: a form that keeps machines out without asking people to prove anything.

Three nets: a field that people do not see, a signed time stamp (a form sent within two seconds, or after a day, was
not filled by hand), and a limit per sender that keeps only a keyed hash of the address, for an hour, in the cache.
"""

from datetime import timedelta

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portfolio import services
from portfolio.publishing.limits import over_limit

SALT = "portfolio.contact"
TOO_FAST, TOO_OLD = 2.0, timedelta(hours=24)
PER_HOUR = 5


class ContactForm(forms.Form):
    """Name, address for the answer, text; `website` is the trap and `stamp` the clock."""

    name = forms.CharField(max_length=120)
    reply_to = forms.EmailField(max_length=254, label="Your e-mail address")
    text = forms.CharField(max_length=5000, widget=forms.Textarea, label="Message")
    website = forms.CharField(required=False, max_length=200)
    stamp = forms.CharField(max_length=200, widget=forms.HiddenInput)


def new_stamp(moment: float) -> str:
    """A signed time for the form."""
    return signing.dumps(moment, salt=SALT)


def looks_automatic(form: ContactForm, now: float) -> bool:
    """Whether the trap or the clock says that no person filled this form."""
    if form.cleaned_data["website"]:
        return True
    try:
        filled = now - float(signing.loads(form.cleaned_data["stamp"], salt=SALT, max_age=TOO_OLD))
    except (signing.BadSignature, ValueError, TypeError):
        return True
    return filled < TOO_FAST


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """Show the form, or keep the message and thank. What looks automatic is thanked too, and kept nowhere."""
    now = timezone.now()
    form = ContactForm(request.POST or None, initial={"stamp": new_stamp(now.timestamp())})
    if request.method == "POST" and form.is_valid():
        if over_limit(request, "contact", PER_HOUR):
            form.add_error(None, "Too many messages from your address within an hour. Please try again later.")
            return render(request, "portfolio/contact.html", {"form": form}, status=429)
        if not looks_automatic(form, now.timestamp()):
            services.receive_message(
                name=form.cleaned_data["name"],
                reply_to=form.cleaned_data["reply_to"],
                text=form.cleaned_data["text"],
                now=now,
            )
        return HttpResponseRedirect(f"{reverse('portfolio:contact')}?sent=1")
    status = 422 if form.is_bound else 200
    sent = request.GET.get("sent") == "1"
    return render(request, "portfolio/contact.html", {"form": form, "sent": sent}, status=status)
