"""Declared filters; a value that does not parse is an error, never ignored."""

from functools import lru_cache
from typing import Any, cast

import django_filters
from django import forms
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request

from portfolio.rest.parsers import LARGEST_INTEGER


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": LARGEST_INTEGER})
class WholeFilter(django_filters.NumberFilter):
    """A whole number that a column can hold. A decimal such as 1e266 would reach the database and fail there."""

    field_class = forms.IntegerField

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=LARGEST_INTEGER, **options)

    def get_max_validator(self) -> None:
        """The field's own bounds hold."""
        return


@extend_schema_field({"type": "boolean"})
class YesNoFilter(django_filters.ChoiceFilter):
    """``true`` or ``false`` and nothing else; Django's own takes whatever it does not know for no filter."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=(("true", "true"), ("false", "false")), **options)

    def filter(self, qs: Any, value: str) -> Any:
        """Rows whose column is as it was asked for."""
        return super().filter(qs, {"true": True, "false": False}.get(value))


@lru_cache(maxsize=256)
def only(whole: type[django_filters.FilterSet], asked: frozenset[str]) -> type[django_filters.FilterSet]:
    """The filter set of these names alone: a form with every field is a tenth of what a page costs."""
    part: Any = type(whole.__name__, (whole,), {})
    part.base_filters = {name: found for name, found in whole.base_filters.items() if name in asked}
    return cast(type[django_filters.FilterSet], part)


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter on lists only; unknown names are refused by the view before this."""

    def get_filterset(self, request: Request, queryset: Any, view: Any) -> Any:
        if getattr(view, "action", None) not in ("list", "export", None):
            return None
        return super().get_filterset(request, queryset, view)

    def get_filterset_class(self, view: Any, queryset: Any = None) -> Any:
        """What of the view's filters this request asks for; for the schema all of them."""
        whole = super().get_filterset_class(view, queryset)
        if whole is None or getattr(view, "swagger_fake_view", False):
            return whole
        asked = frozenset(whole.base_filters) & frozenset(view.request.query_params)
        return only(whole, asked) if asked else None
