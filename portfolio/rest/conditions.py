"""ETags: 304 for what the caller has, 412 for a write that lost the race; and a short memory of public answers.

For ``FRESH_SECONDS`` the same public request costs one look-up and one small query, whether it is answered by 200 or by
304. The query asks for the newest entries of the audit log, which are part of the name under which an answer is
remembered: whatever hides, withdraws or erases writes an entry in its own transaction, so that no remembered answer
outlives it. Nobody else may answer without asking (``no-cache``), for the same reason.
"""

import hashlib
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags, parse_http_date_safe, quote_etag
from rest_framework.request import Request

from evidence import audit
from portfolio.rest.problems import Problem

FRESH_SECONDS = 5
ENTRIES = 50  # more acts than are ever under way at once: the one that is committed last is among the newest
LARGEST = 256 * 1024
KEPT = ("ETag", "Last-Modified")


def tag_of(content: bytes) -> str:
    """A strong ETag: the SHA-256 of the bytes."""
    return quote_etag(hashlib.sha256(content).hexdigest()[:32])


def matches(request: Any, tag: str) -> bool:
    """Whether If-None-Match names ``tag`` (weak comparison, RFC 9110 13.1.2)."""
    header = request.META.get("HTTP_IF_NONE_MATCH", "")
    if not header:
        return False
    tags = [candidate.removeprefix("W/") for candidate in parse_etags(header)]
    return "*" in tags or tag in tags  # a compressed answer's tag is the weak one of the same


def is_not_newer(request: Any, modified: str) -> bool:
    """Whether If-Modified-Since covers ``modified``; an If-None-Match decides alone (RFC 9110 13.1.3)."""
    since = request.META.get("HTTP_IF_MODIFIED_SINCE", "")
    if not since or not modified or "HTTP_IF_NONE_MATCH" in request.META:
        return False
    known, wanted = parse_http_date_safe(modified), parse_http_date_safe(since)
    return known is not None and wanted is not None and known <= wanted


def _name(request: Any) -> str:
    asked = f"{request.build_absolute_uri()} {request.META.get('HTTP_ACCEPT', '')} {audit.latest(ENTRIES)}"
    return "api-answer:" + hashlib.sha256(asked.encode("utf-8", "surrogateescape")).hexdigest()


def remembered(request: Any) -> HttpResponse | None:
    """The public answer that this very request had a moment ago, or None; a 304 where the caller has it."""
    if request.method not in ("GET", "HEAD") or not is_public(request):
        return None
    # Named before anything is read: an answer that is read while an act is committed has the name from before it.
    request.api_answer = _name(request)
    found = cache.get(request.api_answer)
    if found is None:
        return None
    content, headers = found
    if matches(request, headers["ETag"]) or is_not_newer(request, headers.get("Last-Modified", "")):
        return HttpResponseNotModified(headers={name: headers[name] for name in KEPT if name in headers})
    return HttpResponse(content, headers=headers)


def remember(request: Any, response: Any) -> None:
    """Keep a public 200 for a few seconds."""
    if len(response.content) <= LARGEST:
        headers = {name: response[name] for name in (*KEPT, "Content-Type", "Link", "Vary") if name in response}
        cache.set(request.api_answer, (bytes(response.content), headers), FRESH_SECONDS)


def is_public(request: Any) -> bool:
    """A request without any credentials: its answer depends on the URL alone."""
    return not request.META.get("HTTP_AUTHORIZATION") and not request.META.get("HTTP_COOKIE")


def require_match(request: Request, *current: str) -> None:
    """Raise 428 without If-Match, and 412 when it names none of the record's present tags."""
    header = request.META.get("HTTP_IF_MATCH")
    if header is None:
        raise Problem(428, "precondition_required", "This write needs If-Match.",
                      "Read the resource first and send its ETag as If-Match.")  # fmt: skip
    tags = [tag.removeprefix("W/") for tag in parse_etags(header)]  # weak is what compression makes of it
    if "*" not in tags and not set(current) & set(tags):
        raise Problem(412, "precondition_failed", "Somebody changed it since you read it.",
                      "Read it again, and decide on what it says now.")  # fmt: skip
