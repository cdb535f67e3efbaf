"""Middleware that times requests and writes them down together, a minute or some hundred requests apart."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portfolio.record import serving

FLUSH_REQUESTS, FLUSH_SECONDS = 300, 60.0


class TimeRequests:
    """Counts by bounds only: no address, no visitor. A killed process loses a minute of them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._lock = threading.Lock()
        self._flushed = time.monotonic()
        self._empty()

    def _empty(self) -> None:
        self._times = [0] * (len(serving.BOUNDS) + 1)
        self._errors = 0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self._get_response(request)
        if not request.path.startswith(("/static/", "/healthz", "/readyz", "/metrics")):
            self._add((time.perf_counter() - started) * 1000, response.status_code >= 500)
        return response

    def _add(self, milliseconds: float, is_error: bool) -> None:
        with self._lock:
            self._times[serving.place_of(milliseconds)] += 1
            self._errors += is_error
            due = sum(self._times) >= FLUSH_REQUESTS or time.monotonic() - self._flushed >= FLUSH_SECONDS
            if not due:
                return
            times, errors = self._times, self._errors
            self._flushed = time.monotonic()
            self._empty()
        try:
            serving.add(hour=timezone.now(), times=times, errors=errors)
        except DatabaseError:
            return  # a sample is worth less than the page that was asked for
