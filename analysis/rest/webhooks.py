"""POST /webhooks/github: genuine deliveries are stored, then answered 202; everything else is refused with a reason."""

from __future__ import annotations

import contextlib

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from analysis import services

PIECE = 1 << 16


@csrf_exempt
def github(request: HttpRequest) -> JsonResponse:
    """202 stored or duplicate; 4xx refused with a reason; 503 without a database, so that GitHub shows it failed."""
    try:
        raw = _body(request)
        services.check_webhook(raw=raw, signature=request.headers.get("X-Hub-Signature-256", ""))
        event = services.read_webhook(
            raw=raw,
            event=request.headers.get("X-GitHub-Event", ""),
            delivery_id=request.headers.get("X-GitHub-Delivery", ""),
            content_type=request.headers.get("Content-Type", ""),
        )
        row, new = services.receive_webhook(event=event, raw=raw)
    except services.WebhookRefused as refused:
        return _refuse(refused)
    except (OperationalError, InterfaceError):
        return _answer(503, "the database is away for a moment; deliver this again", retry=True)
    if not new:
        return _answer(202, "duplicate", delivery=row.delivery_id)
    return _answer(202, row.state, delivery=row.delivery_id, reason=row.reason)


def _body(request: HttpRequest) -> bytes:
    """The raw bytes, never more than the cap in memory; Django's own limit for forms does not apply to a stream."""
    if request.method != "POST":
        raise services.WebhookRefused(405, "method", "Deliveries are POSTed here.")
    limit = settings.GITHUB_WEBHOOK_MAX_BYTES
    if int(request.headers.get("Content-Length") or 0) > limit:
        raise _too_large(limit)
    pieces, size = [], 0
    while piece := request.read(PIECE):
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        pieces.append(piece)
    return b"".join(pieces)


def _too_large(limit: int) -> services.WebhookRefused:
    return services.WebhookRefused(413, "too_large", f"The body is larger than {limit:,} bytes; GitHub sends no such.")


def _refuse(refused: services.WebhookRefused) -> JsonResponse:
    with contextlib.suppress(DatabaseError):  # the counter is a courtesy; the refusal stands without it
        services.count_webhook_refusal(reason=refused.reason)
    answer = _answer(refused.status, str(refused), code=refused.reason)
    if refused.status == 405:
        answer["Allow"] = "POST"
    return answer


def _answer(status: int, message: str, *, retry: bool = False, **more: str) -> JsonResponse:
    answer = JsonResponse({"state": message, **more}, status=status)
    if retry:
        answer["Retry-After"] = "60"
    return answer
