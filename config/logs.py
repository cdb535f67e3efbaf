"""Structured logs: one JSON object a line in production, with request and job ids, secrets and addresses redacted."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

from evidence.redaction import redact

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
Event = MutableMapping[str, Any]


class RequestId:
    """Middleware: give each request an id (the proxy's, when it is plain), log under it and send it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _PLAIN_ID.fullmatch(given) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self._get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


def redact_event(logger: Any, name: str, event: Event) -> Event:
    """Processor: take secrets and e-mail addresses out of every text of a log line, tracebacks too."""
    return {key: redact(value).text if isinstance(value, str) else value for key, value in event.items()}


def json_formatter() -> dict[str, Any]:
    """Return the formatter entry of LOGGING that writes JSON lines."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact_event,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    }


def report_errors(dsn: str) -> None:
    """Send unhandled errors to a Sentry-compatible server: redacted, without people or performance traces."""
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        before_send=lambda event, _hint: _redacted(event),
    )


def _redacted(value: Any) -> Any:
    """A report with the secrets and addresses taken out of every text in it."""
    if isinstance(value, str):
        return redact(value).text
    if isinstance(value, dict):
        return {key: _redacted(item) for key, item in value.items()}
    return [_redacted(item) for item in value] if isinstance(value, list | tuple) else value
