"""Bearer keys, and which caller may see or do what."""

from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from portfolio.access.models import ApiKey, Scope
from portfolio.access.services import find_key


class KeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer att_<prefix>_<secret>``. The key is ``request.auth``, its owner ``request.user``."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        text = parts[1].decode("latin-1") if len(parts) == 2 else ""
        key = find_key(text, now=timezone.now())
        if key is None:
            raise AuthenticationFailed("The key is unknown, revoked or expired.")
        return key.owner, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="attest"'


def has_scope(request: Request, scope: str) -> bool:
    """Whether the caller may use ``scope``: a key by its list and its owner's staff flag, a session by the flag."""
    user = request.user
    if not (user and user.is_authenticated and user.is_staff):
        return False
    return not isinstance(request.auth, ApiKey) or scope in request.auth.scopes


def sees_private(request: Request) -> bool:
    return has_scope(request, Scope.READ_PRIVATE)


def principal(request: Request) -> str:
    """A stable name of the caller, for rate limits and idempotency: key, user or address."""
    if isinstance(request.auth, ApiKey):
        return f"key:{request.auth.prefix}"
    if request.user and request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"address:{request.META.get('REMOTE_ADDR', '')}"


PUBLIC = "public"


def needed_scope(view: Any, method: str) -> str | None:
    """The scope that an operation needs, "public" for none, None where nobody may."""
    action = getattr(view, "action", None)
    action = "list" if action == "export" else action  # the same rows, asked for otherwise
    scope: str | None = getattr(view, "action_scopes", {}).get(action)
    if scope is None and method in SAFE_METHODS:
        return Scope.READ_PRIVATE if getattr(view, "private", False) else PUBLIC
    return scope or getattr(view, "scope_required", None)


class PublicReadScopedWrite(BasePermission):
    """Anyone reads what is published; private views and every write need the scope that the view names.

    A view sets ``scope_required`` (for unsafe methods; per action in ``action_scopes``) and ``private`` (reads too).
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        scope = needed_scope(view, str(request.method))
        return scope == PUBLIC or (scope is not None and has_scope(request, scope))
