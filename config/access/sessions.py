"""Sessions end: after an hour without use, twelve hours after the login, and at once where that is asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse

from evidence import audit

_BEGAN, _USED = "session_began_at", "session_used_at"
_STEP = 60  # seconds: use is noted no oftener, so that not every page writes


class EndOldSessions:
    """Middleware: a session that nobody used for ATTEST_SESSION_IDLE seconds, or that is too old, is nobody's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now = int(time.time())
            if why := _over(request, now):
                audit.record(actor=request.user, action="access.session_ended", reason=why)
                request.session.flush()
                request.user = AnonymousUser()
            elif _is_use(request) and now - request.session.get(_USED, 0) >= _STEP:
                request.session[_USED] = now
        return self._get_response(request)


def _over(request: HttpRequest, now: int) -> str:
    """Why the session has ended, "" when it goes on. One of an earlier release counts from its next use."""
    if now - request.session.setdefault(_BEGAN, now) >= settings.SESSION_COOKIE_AGE:
        return "too old"
    return "not used" if now - request.session.get(_USED, now) >= settings.ATTEST_SESSION_IDLE else ""


def _is_use(request: HttpRequest) -> bool:
    """False for what a page that lies open asks for by itself."""
    return request.method != "GET" or request.headers.get("HX-Request") != "true"


def note_login(sender: Any, request: HttpRequest, user: AbstractBaseUser, **_ignored: Any) -> None:
    """Both times begin with the login."""
    request.session[_BEGAN] = request.session[_USED] = int(time.time())


user_logged_in.connect(note_login, dispatch_uid="config.access.sessions")


def end(user: Any = None, *, but: str | None = None) -> int:
    """End the sessions of ``user`` (of everybody without one), except the one whose key is ``but``; how many ended."""
    keys = [
        session.session_key
        for session in Session.objects.iterator()
        if session.session_key != but and (user is None or session.get_decoded().get(SESSION_KEY) == str(user.pk))
    ]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)
