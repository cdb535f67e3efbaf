"""``Idempotency-Key``: a POST that is sent twice happens once and answers the same both times."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio.access.models import IdempotencyRecord
from portfolio.rest.auth import principal
from portfolio.rest.problems import Problem

ABANDONED = dt.timedelta(minutes=2)
KEPT = ("Location",)  # the others are of the moment: rate limits, dates, whether it is a replay


def once(request: Request, act: Callable[[], Response], *, outside: bool = False) -> Response:
    """Run ``act`` unless the caller's key was used: then give the stored answer (409 while the first is under way).

    The act and its answer are committed together, so that a crash between them cannot let it happen a second time.
    Not so for an act that asks ``outside``, which would hold its transaction while it waits and lose what it noted of a
    failure.
    """
    key = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if not key:
        return act()
    if len(key) > 255 or not key.isprintable():
        raise Problem(400, "invalid_idempotency_key", "Idempotency-Key is 1 to 255 printable characters.",
                      "A UUID does well.")  # fmt: skip
    body = hashlib.sha256(json.dumps(request.data, sort_keys=True, default=str).encode()).hexdigest()
    record = _begin(request, key, body)
    if record.status is not None:
        answer = Response(record.body, status=record.status, headers=record.headers)
        answer["Idempotent-Replayed"] = "true"
        return answer
    try:
        with nullcontext() if outside else transaction.atomic():
            answer = act()
            headers = {name: answer[name] for name in KEPT if name in answer}
            kept = {"status": answer.status_code, "body": _plain(answer.data), "headers": headers}
            IdempotencyRecord.objects.filter(pk=record.pk).update(**kept)
    except BaseException:
        record.delete()  # nothing was done, so the key is free again
        raise
    return answer


def _plain(data: Any) -> Any:
    return json.loads(json.dumps(data, default=str))


def _begin(request: Request, key: str, body: str) -> IdempotencyRecord:
    """The row of this key: a new one, or the finished one of the first request."""
    mine = {"principal": principal(request), "key": key}
    same = {"method": request.method or "", "path": request.path, "body_sha256": body}
    IdempotencyRecord.objects.filter(**mine, status__isnull=True, created_at__lt=timezone.now() - ABANDONED).delete()
    try:
        with transaction.atomic():
            return IdempotencyRecord.objects.create(**mine, **same)
    except IntegrityError:
        found = IdempotencyRecord.objects.filter(**mine).first()
    if found is None or found.status is None:
        raise Problem(409, "idempotency_in_progress", "The first request with this key is still under way.",
                      "Try again in a moment.")  # fmt: skip
    if any(getattr(found, name) != value for name, value in same.items()):
        raise Problem(422, "idempotency_key_reused", "This Idempotency-Key was used for a different request.",
                      "Use a new key for a new request.")  # fmt: skip
    return found
