"""The base of every API view: strict parameters, sparse fields, ETags, rate-limit headers, idempotent POSTs."""

import copy
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from operator import attrgetter
from typing import Any, cast

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import cached_property
from django.utils.http import http_date
from django.views.decorators.gzip import gzip_page
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portfolio.rest import conditions, limits
from portfolio.rest.auth import sees_private
from portfolio.rest.export import ExportMixin
from portfolio.rest.pages import KeysetPagination
from portfolio.rest.parameters import SEARCH_LENGTH
from portfolio.rest.problems import unknown_parameter

EVERYWHERE = {"fields", "include", "format"}
OF_LISTS = {"limit", "cursor", "order", "search"}
TEXTS = {"search", "cursor", "after", "fields", "include"}  # parameters that may be empty


class ApiView(APIView):
    """What views and viewsets share. ``parameters`` names the query parameters of a plain view."""

    parameters: frozenset[str] = frozenset()

    @classmethod
    def as_view(cls, *args: Any, **kwargs: Any) -> Any:
        return gzip_page(super().as_view(*args, **kwargs))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        known = conditions.remembered(request)
        if known is not None and limits.count(request, f"address:{request.META.get('REMOTE_ADDR', '')}"):
            for name, value in limits.headers(request).items():
                known[name] = value
            return self._with_headers(known, request)
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not hasattr(self, str(request.method).lower()):  # said before anything that a parameter has wrong
            self.http_method_not_allowed(request)
        super().initial(request, *args, **kwargs)
        known = self.known_parameters()
        for name in request.query_params:
            if name not in known:
                raise unknown_parameter(name, sorted(known))
            if "\x00" in request.query_params[name]:
                raise ValidationError({name: "NUL characters are not allowed."})
            if len(request.query_params.getlist(name)) > 1:
                raise ValidationError({name: "Give one value."})
            if name not in TEXTS and not request.query_params[name]:
                raise ValidationError({name: "An empty value says nothing. Leave the parameter out."})

    def known_parameters(self) -> set[str]:
        return set(self.parameters)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in limits.headers(request).items():
            response[name] = value
        if isinstance(response, Response):
            response.add_post_render_callback(lambda done: self._conditional(request, done))
        return response

    def _conditional(self, request: Request, response: Response) -> HttpResponse | None:
        """Tag a good read; turn it into a 304 when the caller has it."""
        http = request._request
        if http.method not in ("GET", "HEAD") or response.status_code != 200:
            return None
        tag = conditions.tag_of(response.content)
        response["ETag"] = tag
        if conditions.is_public(http):
            conditions.remember(http, response)
        if conditions.matches(http, tag) or conditions.is_not_newer(http, response.get("Last-Modified", "")):
            response.status_code = 304
            response.content = b""
        return self._with_headers(response, http)

    def _with_headers(self, response: Any, request: Any) -> Any:
        response["Cache-Control"] = f"{'public' if conditions.is_public(request) else 'private'}, no-cache"
        return response


# Fields whose column already holds what JSON shows.
PLAIN = frozenset({
    serializers.BigIntegerField, serializers.BooleanField, serializers.CharField, serializers.ChoiceField,
    serializers.IntegerField, serializers.JSONField, serializers.URLField,
})  # fmt: skip
Step = tuple[str, Callable[[Any], Any], Callable[[Any], Any] | None]


def moment(value: dt.datetime) -> str:
    """A time as DRF writes it: ISO 8601 in UTC, with a Z."""
    return f"{value.astimezone(dt.UTC).isoformat()[:-6]}Z"


def step_of(field: serializers.Field[Any, Any, Any, Any]) -> Step:
    """(name, how to read it from a record, how to show it or None): a column is read without asking the field."""
    name, source = str(field.field_name), str(field.source)
    if "." in source or source == "*":
        return name, field.get_attribute, field.to_representation
    if type(field) is serializers.PrimaryKeyRelatedField and field.pk_field is None:
        return name, attrgetter(f"{source}_id"), None
    if type(field) is serializers.DateTimeField:
        return name, attrgetter(source), moment
    if type(field) in PLAIN:
        return name, attrgetter(source), None
    return name, field.get_attribute, field.to_representation


class SparseSerializer(serializers.ModelSerializer[Any]):
    """``?fields=a,b`` keeps only these; ``?include=x`` adds what is left out by default (``Meta.includable``)."""

    @classmethod
    @cache
    def columns(cls) -> dict[str, Step | None]:
        """Every field in order: how its column is read, or None for one that is more than a column."""
        steps = [step_of(field) for field in cls()._readable_fields]
        return {step[0]: step if isinstance(step[1], attrgetter) else None for step in steps}

    @cached_property
    def shown(self) -> list[str]:
        """Names of this answer's fields. Raises ValidationError for one that is asked for and unknown."""
        known, request = self.columns(), self.context.get("request")
        if request is None:
            return list(known)
        includable = set(getattr(self.Meta, "includable", ()))
        included = names_of(request, "include", includable)
        if "fields" in request.query_params:
            wanted = names_of(request, "fields", set(known)) | included
        else:
            wanted = (set(known) - includable) | included
        return [name for name in known if name in wanted]

    @cached_property
    def steps(self) -> list[Step]:
        known = self.columns()
        return [known[name] or step_of(self.fields[name]) for name in self.shown]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """As DRF does it, with one step a column: a page of fifty changes has 1,400 of them."""
        shown: dict[str, Any] = {}
        for name, read, show in self.steps:
            try:
                value = read(instance)
            except serializers.SkipField:
                continue
            shown[name] = value if value is None or show is None else show(value)
        return shown

    def get_fields(self) -> dict[str, Any]:
        """For an answer only the fields that are more than a column: to build the others costs as much as a page."""
        view = self.context.get("view")  # the schema's own context has none for a plain view
        if view is None or getattr(view, "swagger_fake_view", False):
            declared = super().get_fields()
            for field in declared.values():
                # For the schema: ``fields`` may leave any of them out, and a response in OpenAPI knows no parameters.
                # A client made from "required" would fail on the answer that it asked for; one that is told of
                # absent fields asks for what it needs.
                field.read_only, field.required = True, False
            return declared
        known = self.columns()
        asked = [name for name in self.shown if known[name] is None]
        declared = self._declared_fields if {*asked} <= {*self._declared_fields} else super().get_fields()
        return {name: copy.deepcopy(declared[name]) for name in asked}


def names_of(request: Request, parameter: str, known: set[str]) -> set[str]:
    """The names in a comma-separated parameter; an unknown one is an error that lists the known ones."""
    names = {name for name in request.query_params.get(parameter, "").split(",") if name}
    if names - known:
        unknown = ", ".join(sorted(names - known))[:200]
        listed = ", ".join(sorted(known)) or "none here"
        raise ValidationError({parameter: f"Unknown: {unknown}. Known: {listed}."})
    return names


class ResourceViewSet(
    ExportMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiView, viewsets.GenericViewSet[Any]
):
    """A resource that can be listed, exported and read.

    A subclass gives ``published()`` and, where it differs, ``everything()``: querysets for the public and for a caller
    with read:private. ``orders`` maps names to non-null columns; ``search_fields`` are matched by substring.
    ``modified`` names the columns of a record's last change.
    """

    pagination_class = KeysetPagination
    default_order = "-id"
    orders: dict[str, str] = {"id": "pk"}
    lookup_value_regex = "[0-9]{1,18}"
    search_fields: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()

    def published(self) -> QuerySet[Any]:
        raise NotImplementedError

    def everything(self) -> QuerySet[Any]:
        return self.published()

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.published().none()
        return self.everything() if sees_private(self.request) else self.published()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if {"fields", "include"} & request.query_params.keys():
            # An unknown name is refused even where there is no row to show.
            _ = cast(SparseSerializer, self.get_serializer()).shown

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.get_object()
        response = Response(self.get_serializer(found).data)
        moments = [moment for name in self.modified if (moment := getattr(found, name)) is not None]
        if moments:
            response["Last-Modified"] = http_date(max(moments).timestamp())
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """What was made has an address (RFC 9110 15.3.2)."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code == 201:
            response["Location"] = self.reverse_action("detail", args=[response.data["id"]], request=None)
        return response

    @contextmanager
    def as_read(self) -> Iterator[Any]:
        """The record of this address, locked, for a write: 428 without If-Match, 412 when it is not what was read.

        The lock holds until the block ends: of two who read the same and write at once, one wins and one is told.
        """
        with transaction.atomic():
            found = self.get_object()
            found = type(found)._default_manager.select_for_update().get(pk=found.pk)
            conditions.require_match(self.request, self.tag(found))
            yield found

    def tag(self, found: Any) -> str:
        """The ETag that reading this record without parameters gives."""
        return conditions.tag_of(JSONRenderer().render(self.get_serializer(found).data))

    def known_parameters(self) -> set[str]:
        names = EVERYWHERE | set(self.parameters)
        action = getattr(self, "action", None)
        if action in ("list", "export"):
            names |= OF_LISTS if action == "list" else {"search", "after"}
            names -= set() if self.search_fields else {"search"}
            filterset = getattr(self, "filterset_class", None)
            names |= set(filterset.get_filters()) if filterset else set()
        return names

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        queryset = super().filter_queryset(queryset)
        return self.searched(queryset) if getattr(self, "action", None) in ("list", "export") else queryset

    def searched(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """``?search=`` as a case-insensitive substring; LIKE's own wildcards are escaped by Django."""
        text = self.request.query_params.get("search", "")
        if len(text) > SEARCH_LENGTH:
            raise ValidationError({"search": f"At most {SEARCH_LENGTH} characters."})
        text = text.strip()
        if not text or not self.search_fields:
            return queryset
        condition = Q()
        for field in self.search_fields:
            condition |= Q(**{f"{field}__icontains": text})
        return queryset.filter(condition)


class NotHereView(ApiView):
    """Any other address under the API: a problem as everywhere, not a page for people."""

    schema = None
    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is nothing at this address.")
