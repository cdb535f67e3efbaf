"""Counts page views without knowing anything about the visitor.

Views gather in memory and are written together, a minute or fifty views apart: a page costs no query for being
counted, and a killed process loses a minute of counts, which nothing depends on. Whoever asks not to be tracked (DNT,
Sec-GPC), staff and machines that say so are not counted at all.
"""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portfolio import services

FLUSH_VIEWS, FLUSH_SECONDS = 50, 60.0
_MACHINE = re.compile(r"bot|crawl|spider|slurp|curl|wget|python|headless|lighthouse|monitor", re.I)


class CountViews:
    """Middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.lock = threading.Lock()
        self.waiting: Counter[tuple[date, str, str]] = Counter()
        self.flushed = time.monotonic()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer first, then count."""
        response = self.get_response(request)
        if counts(request, response):
            host = urlsplit(request.META.get("HTTP_REFERER", "")[:300]).hostname or ""
            if host == request.get_host().partition(":")[0]:
                host = ""
            self.add((timezone.now().date(), request.path[:200], host[:120]))
        return response

    def add(self, key: tuple[date, str, str]) -> None:
        """Remember one view; write what has gathered when it is time."""
        with self.lock:
            self.waiting[key] += 1
            due = self.waiting.total() >= FLUSH_VIEWS or time.monotonic() - self.flushed >= FLUSH_SECONDS
            batch = dict(self.waiting) if due else {}
            if due:
                self.waiting.clear()
                self.flushed = time.monotonic()
        if batch:
            try:
                services.count_views(views=batch)
            except DatabaseError:
                return  # a count is worth less than the page that was asked for


def counts(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether this answer is a page that a person looked at and did not object to being counted."""
    if request.method != "GET" or response.status_code != 200 or request.headers.get("HX-Request"):
        return False
    if not response.get("Content-Type", "").startswith("text/html"):
        return False
    if request.path.startswith(("/admin/", "/preview/")) or settings.SESSION_COOKIE_NAME in request.COOKIES:
        return False
    if request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1":
        return False
    agent = request.headers.get("User-Agent", "")
    return bool(agent) and not _MACHINE.search(agent)
