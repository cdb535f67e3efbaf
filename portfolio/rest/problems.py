"""Every error is an RFC 9457 problem: a stable code, what happened, and what to do about it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.settings import api_settings

MEDIA_TYPE = "application/problem+json"

HINTS = {
    "authentication_failed": "Send 'Authorization: Bearer att_…' with a key that is neither revoked nor expired.",
    "not_authenticated": "Send 'Authorization: Bearer att_…'; make a key in the admin or with manage.py apikey.",
    "permission_denied": "The key lacks the scope that this needs; the operation's description names it.",
    "not_found": "It does not exist, or it is not published and the key may not read what is private.",
    "method_not_allowed": "The Allow header names the methods that work here.",
    "throttled": "Wait as long as the Retry-After header says.",
    "unsupported_media_type": "Send 'Content-Type: application/json'.",
    "not_acceptable": "This answers application/json.",
    "parse_error": "Send one JSON object in UTF-8, without duplicate keys, NaN or Infinity.",
}


class Problem(exceptions.APIException):
    """An error of our own: status, stable code, detail, hint and, where it helps, more members."""

    def __init__(self, status_code: int, code: str, detail: str, hint: str = "", **members: Any) -> None:
        super().__init__(detail, code)
        self.status_code = status_code
        self.hint = hint
        self.members = members


def _pointer(key: Any) -> str:
    """One step of a JSON pointer (RFC 6901); none for what is wrong with the whole."""
    return "" if key == api_settings.NON_FIELD_ERRORS_KEY else f"/{str(key).replace('~', '~0').replace('/', '~1')}"


def _field_errors(detail: Any, path: str = "") -> list[dict[str, str]]:
    """DRF's nested error detail as a flat list of {field, code, message}."""
    if isinstance(detail, dict):
        return [error for key, value in detail.items() for error in _field_errors(value, path + _pointer(key))]
    if isinstance(detail, list):
        nested = [item for item in detail if isinstance(item, dict | list)]
        if nested:
            return [e for index, item in enumerate(detail) for e in _field_errors(item, f"{path}/{index}")]
        return [error for item in detail for error in _field_errors(item, path)]
    return [{"field": path or "/", "code": getattr(detail, "code", "invalid"), "message": str(detail)}]


def body(error: exceptions.APIException, instance: str) -> dict[str, Any]:
    """The problem document of an API exception."""
    if isinstance(error, exceptions.ValidationError):
        errors = _field_errors(error.detail)
        return {
            "type": "urn:attest:problem:invalid", "title": "The request is not valid", "status": 400,
            "code": "invalid", "detail": errors[0]["message"] if errors else "The request is not valid.",
            "hint": "Mend the fields listed under errors.", "instance": instance, "errors": errors,
        }  # fmt: skip
    code = str(getattr(error.detail, "code", error.default_code))
    return {
        "type": f"urn:attest:problem:{code}", "title": code.replace("_", " ").capitalize(),
        "status": error.status_code, "code": code, "detail": str(error.detail),
        "hint": getattr(error, "hint", "") or HINTS.get(code, ""), "instance": instance,
        **getattr(error, "members", {}),
    }  # fmt: skip


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. What it does not know becomes Django's 500 as everywhere else."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, DjangoValidationError):
        error = exceptions.ValidationError(error.messages)
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    from rest_framework.views import set_rollback  # it loads the parsers, which raise the problems of this file

    set_rollback()
    document = body(error, context["request"].path if context.get("request") else "")
    response = Response(document, status=error.status_code, headers=headers)
    response.content_type = MEDIA_TYPE
    return response


def unknown_parameter(name: str, known: list[str]) -> Problem:
    """An unknown query parameter is an error that lists the known ones: a typo must not widen a result."""
    return Problem(
        status.HTTP_400_BAD_REQUEST, "unknown_parameter", f"Unknown query parameter '{name}'.",
        f"Known here: {', '.join(sorted(known))}.", parameter=name, known=sorted(known),
    )  # fmt: skip
