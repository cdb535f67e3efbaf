"""Acts that need a fresh proof of identity: export, erase, promote, keys.

``recent_login_required`` guards a view; in an admin action write ``if not sudo.is_recent(request): return
sudo.ask(request)``. The page that asks is config's; it comes back to where the act was begun.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

RECENT_SECONDS = 600
_KEY = "identity_confirmed_at"


def mark(request: HttpRequest) -> None:
    """Note that the person behind the session has just proved who they are."""
    request.session[_KEY] = int(time.time())


def is_recent(request: HttpRequest) -> bool:
    """True within ten minutes of the last proof."""
    age = time.time() - request.session.get(_KEY, 0)
    return bool(request.user.is_authenticated and 0 <= age <= RECENT_SECONDS)


def ask(request: HttpRequest) -> HttpResponse:
    """Send the person to the confirmation page, and back to the page where the act was begun."""
    back = request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "")
    address = f"{reverse('confirm-identity')}?{urlencode({'next': back})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def recent_login_required(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let a view run only shortly after a login or confirmation."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if is_recent(request) else ask(request)

    return guarded
