"""A database that restarts in the middle of a request: readers wait it out, writers are told when to come back.

A GET or HEAD whose connection broke is answered again, on a new connection, until the database is back or
ATTEST_DATABASE_PATIENCE seconds have passed; then, and for every other method at once, the answer is 503 with
Retry-After instead of 500. Nothing is written twice: only safe methods are repeated.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

_MARK = "_attest_database_is_away"
_PAUSE = 0.2
_REPEATED = ("GET", "HEAD")
_RETRY_AFTER = "5"
_PROBLEM = {
    "type": "urn:attest:problem:database_away",
    "title": "The database does not answer",
    "status": 503,
    "code": "database_away",
    "detail": "The database does not answer just now; nothing of this request was stored.",
    "hint": "Send it again after the seconds that Retry-After names.",
}


def _note(sender: Any, request: HttpRequest | None = None, **_ignored: Any) -> None:
    if request is not None and isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        setattr(request, _MARK, True)


got_request_exception.connect(_note, dispatch_uid="config.outages")


class RideOut:
    """Middleware: repeat a read while the database is away, and say 503 where that does not help."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        deadline = time.monotonic() + settings.ATTEST_DATABASE_PATIENCE
        if request.method in _REPEATED:
            for connection in connections.all(initialized_only=True):
                # A query that only asks whether queries work is dear; here it is found out by the first that does not.
                connection.health_check_done = True  # type: ignore[attr-defined]  # of BaseDatabaseWrapper
        response = self._get_response(request)
        while _broke(request, response):
            for connection in connections.all(initialized_only=True):
                connection.close()
            if request.method not in _REPEATED or time.monotonic() >= deadline:
                return _away(request)
            time.sleep(_PAUSE)
            response = self._get_response(request)
        return response


def _broke(request: HttpRequest, response: HttpResponse) -> bool:
    """True when this answer is an error page because of the database; forgets it for the next try."""
    return bool(request.__dict__.pop(_MARK, False)) and response.status_code == 500


def _away(request: HttpRequest) -> HttpResponse:
    headers = {"Retry-After": _RETRY_AFTER, "Cache-Control": "no-store"}
    if request.path.startswith("/api/"):
        return HttpResponse(json.dumps(_PROBLEM), status=503, content_type="application/problem+json", headers=headers)
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
