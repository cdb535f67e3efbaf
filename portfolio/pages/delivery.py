"""How pages are delivered: compressed, and kept for a few seconds for visitors who are all shown the same."""

import gzip
import hashlib
import re
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

# A part of an answer's headers that says for whom it was made.
ASKED = ("Host", "X-Forwarded-Proto", "HX-Request", "HX-Target", "Accept-Language")


class Compress(GZipMiddleware):
    """Compresses everything but the API, which compresses its own answers and knows their entity tags."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress what the visitor accepts compressed."""
        if request.path.startswith("/api/v1/"):
            return response
        return super().process_response(request, response)


class KeepPages:
    """Middleware: the same page is made once in a few seconds for all visitors without a cookie.

    Kept is a whole public page (200, HTML) without a query that sets no cookie and forbids no keeping; a page with a
    form sets one, and is made anew each time. What is published or hidden shows within ATTEST_PAGE_SECONDS.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer from memory, else make the page and remember it."""
        seconds = settings.ATTEST_PAGE_SECONDS
        own = request.COOKIES or request.META.get("QUERY_STRING") or hasattr(request, "copied_at")
        if not seconds or own or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        packed = accepts_gzip(request)
        key = f"{key_of(request)}:{'gzip' if packed else 'plain'}"
        kept = cache.get(key)
        if kept is not None:
            body, headers = kept
            return HttpResponse(b"" if request.method == "HEAD" else body, headers=dict(headers))
        response = self.get_response(request)
        if request.method == "GET" and may_keep(response):
            if packed:
                pack(response)
            cache.set(key, (response.content, list(response.items())), seconds)
        return response


def key_of(request: HttpRequest) -> str:
    """What tells one kept page from another."""
    asked = "\n".join([request.path, *(request.headers.get(name, "") for name in ASKED)])
    return f"page:{hashlib.sha256(asked.encode()).hexdigest()}"


def accepts_gzip(request: HttpRequest) -> bool:
    """Whether the visitor takes gzip, read as Django's own middleware reads it."""
    return bool(re.search(r"\bgzip\b", request.headers.get("Accept-Encoding", "")))


def pack(response: HttpResponse) -> None:
    """Compress a page once for all whom it is kept for: it holds nothing of one visitor that its length could tell."""
    response.content = gzip.compress(response.content, compresslevel=6, mtime=0)
    response["Content-Encoding"] = "gzip"
    response["Content-Length"] = str(len(response.content))
    patch_vary_headers(response, ("Accept-Encoding",))


def may_keep(response: HttpResponseBase) -> bool:
    """Whether an answer is a public page that everybody is shown alike."""
    return bool(
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and response.get("Content-Type", "").startswith("text/html")
        and not {"no-store", "private", "no-cache"} & set(response.get("Cache-Control", "").replace(" ", "").split(","))
        and len(cast(HttpResponse, response).content) < 500_000
    )
