"""Ending sessions before their time: whoever holds a stolen cookie is out at once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session


def end(user: Any = None, *, but: str | None = None) -> int:
    """End the sessions of ``user`` (of everybody without one), except the one whose key is ``but``; how many ended."""
    keys = [
        session.session_key
        for session in Session.objects.iterator()
        if session.session_key != but and (user is None or session.get_decoded().get(SESSION_KEY) == str(user.pk))
    ]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)
