"""The address of the visitor behind the reverse proxies that the operator runs."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class VisitorAddress:
    """Middleware: REMOTE_ADDR becomes the address that the outermost trusted proxy was asked from.

    Every proxy appends the address that it was asked from to X-Forwarded-For, so the entry that counts is the
    ATTEST_PROXIES-th from the right; what stands before it was written by the visitor and is not believed. Limits
    and lock-outs go by it: without this, all visitors behind a proxy would share one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.ATTEST_PROXIES and (address := _address(request.META.get("HTTP_X_FORWARDED_FOR", ""))):
            request.META["REMOTE_ADDR"] = address
        return self._get_response(request)


def _address(forwarded: str) -> str:
    """The entry that the outermost trusted proxy wrote; "" where there is none or it is no address."""
    entries = [entry.strip() for entry in forwarded.split(",")]
    if len(entries) < settings.ATTEST_PROXIES:
        return ""
    try:
        return str(ipaddress.ip_address(entries[-settings.ATTEST_PROXIES].strip("[]")))
    except ValueError:
        return ""
