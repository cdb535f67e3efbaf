"""Declared filters; a value that does not parse is an error, never ignored."""

from typing import Any

from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter on lists only; unknown names are refused by the view before this."""

    def get_filterset(self, request: Request, queryset: Any, view: Any) -> Any:
        if getattr(view, "action", None) not in ("list", "export", None):
            return None
        return super().get_filterset(request, queryset, view)
