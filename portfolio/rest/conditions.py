"""ETags: 304 for what the caller has, 412 for a write that lost the race.

A 304 must be much cheaper than a 200, so the tag of a public read is remembered for a few seconds under its URL: within
that time an unchanged answer costs one look-up. The API's public reads may thus be ``FRESH_SECONDS`` old, which their
Cache-Control says.
"""

import hashlib
from typing import Any

from django.core.cache import cache
from django.utils.http import parse_etags, parse_http_date_safe, quote_etag
from rest_framework.request import Request

from portfolio.rest.problems import Problem

FRESH_SECONDS = 5


def tag_of(content: bytes) -> str:
    """A strong ETag: the SHA-256 of the bytes."""
    return quote_etag(hashlib.sha256(content).hexdigest()[:32])


def matches(request: Any, tag: str) -> bool:
    """Whether If-None-Match names ``tag`` (weak comparison, RFC 9110 13.1.2)."""
    header = request.META.get("HTTP_IF_NONE_MATCH", "")
    if not header:
        return False
    tags = [candidate.removeprefix("W/") for candidate in parse_etags(header)]
    return "*" in tags or tag in tags


def is_not_newer(request: Any, modified: str) -> bool:
    """Whether If-Modified-Since covers ``modified``; an If-None-Match decides alone (RFC 9110 13.1.3)."""
    since = request.META.get("HTTP_IF_MODIFIED_SINCE", "")
    if not since or not modified or "HTTP_IF_NONE_MATCH" in request.META:
        return False
    known, wanted = parse_http_date_safe(modified), parse_http_date_safe(since)
    return known is not None and wanted is not None and known <= wanted


def _name(request: Any) -> str:
    return "api-tag:" + hashlib.sha256(request.get_full_path().encode()).hexdigest()


def remembered(request: Any) -> str | None:
    """The tag that this URL's public answer had a moment ago, if the caller sent If-None-Match and no credentials."""
    if "HTTP_IF_NONE_MATCH" not in request.META or not is_public(request):
        return None
    return cache.get(_name(request))


def remember(request: Any, tag: str) -> None:
    cache.set(_name(request), tag, FRESH_SECONDS)


def is_public(request: Any) -> bool:
    """A request without any credentials: its answer depends on the URL alone."""
    return "HTTP_AUTHORIZATION" not in request.META and "HTTP_COOKIE" not in request.META


def check_match(request: Request, *current: str) -> None:
    """Raise 412 when If-Match is sent and names none of the record's present tags."""
    header = request.META.get("HTTP_IF_MATCH")
    if header is None:
        return
    tags = parse_etags(header)
    if "*" not in tags and not set(current) & set(tags):
        raise Problem(412, "precondition_failed", "Somebody changed it since you read it.",
                      "Read it again, and decide on what it says now.")  # fmt: skip


def require_match(request: Request, *current: str) -> None:
    """Like check_match, and 428 when the write came without If-Match."""
    if "HTTP_IF_MATCH" not in request.META:
        raise Problem(428, "precondition_required", "This write needs If-Match.",
                      "Read the resource first and send its ETag as If-Match.")  # fmt: skip
    check_match(request, *current)
