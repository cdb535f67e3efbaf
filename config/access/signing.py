"""Who came in, who went and who was refused, in the audit log and the structured log."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from evidence import audit

logger = logging.getLogger(__name__)


def _came(sender: Any, request: HttpRequest, user: Any, **_ignored: Any) -> None:
    if request.method == "POST":  # a session that was made without a request is no login
        audit.record(actor=user, action="access.login")


def _went(sender: Any, request: HttpRequest, user: Any, **_ignored: Any) -> None:
    if request.method == "POST" and user is not None:
        audit.record(actor=user, action="access.logout")


def _refused(sender: Any, **_ignored: Any) -> None:
    """The name is not written: it may be a password typed into the wrong field. The throttle's own table keeps it."""
    logger.warning("a login was refused")


def listen() -> None:
    user_logged_in.connect(_came, dispatch_uid="config.access.signing.came")
    user_logged_out.connect(_went, dispatch_uid="config.access.signing.went")
    user_login_failed.connect(_refused, dispatch_uid="config.access.signing.refused")
