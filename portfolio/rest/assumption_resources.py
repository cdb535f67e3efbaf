"""The owner's assumptions: read, enter a version, withdraw."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from analysis import queries, services
from analysis.queries import Assumption
from portfolio.access.models import Scope
from portfolio.rest.bodies import Exact
from portfolio.rest.filters import YesNoFilter
from portfolio.rest.idempotency import once
from portfolio.rest.parameters import IF_MATCH
from portfolio.rest.problems import Problem
from portfolio.rest.views import ResourceViewSet, SparseSerializer

FINITE: dict[str, Any] = {"min_value": -1e300, "max_value": 1e300, "allow_null": True, "default": None}


class AssumptionSerializer(SparseSerializer):
    """An input of the owner with its range, unit, source and date."""

    class Meta:
        model = Assumption
        fields = (
            "id", "name", "version", "is_current", "role", "kind", "unit", "point", "low", "mode", "high", "source",
            "dated", "author", "expires_on", "repository", "change", "metric", "created_at",
        )  # fmt: skip


class EntrySerializer(Exact):
    """A new assumption, or the next version of the one of this name: a point, or a 90% range with its unit."""

    name = serializers.SlugField(max_length=80)
    role = serializers.ChoiceField(choices=Assumption.Role.choices)
    kind = serializers.ChoiceField(choices=Assumption.Kind.choices, default=Assumption.Kind.DECLARED)
    unit = serializers.CharField(max_length=80, default="1")
    point = serializers.FloatField(**FINITE)
    low = serializers.FloatField(**FINITE)
    mode = serializers.FloatField(**FINITE)
    high = serializers.FloatField(**FINITE)
    source = serializers.CharField(max_length=500, default="", allow_blank=True)  # type: ignore[assignment]  # a field
    dated = serializers.DateField(required=False, allow_null=True, default=None)
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)
    metric = serializers.CharField(max_length=40, default="", allow_blank=True)
    change = serializers.PrimaryKeyRelatedField(
        queryset=queries.Change.objects.all(), required=False, allow_null=True, default=None
    )
    repository = serializers.PrimaryKeyRelatedField(
        queryset=queries.Repository.objects.all(), required=False, allow_null=True, default=None
    )


class WithdrawalSerializer(Exact):
    """Why it is used no more."""

    reason = serializers.CharField(max_length=300)


class AssumptionFilter(django_filters.FilterSet):
    name = django_filters.CharFilter()
    role = django_filters.ChoiceFilter(choices=Assumption.Role.choices)
    is_current = YesNoFilter()

    class Meta:
        model = Assumption
        fields = ("name", "role", "is_current")


@extend_schema_view(
    list=extend_schema(summary="List assumptions"), retrieve=extend_schema(summary="Read an assumption")
)
class AssumptionViewSet(ResourceViewSet):
    """The owner's assumptions, every version of each: for callers with read:private; writing needs write:curate."""

    serializer_class = AssumptionSerializer
    filterset_class = AssumptionFilter
    private = True
    scope_required = Scope.CURATE
    # No ``modified``: a version goes out of use later, and no column says when.

    def published(self) -> QuerySet[Any]:
        return Assumption.objects.all()

    @extend_schema(
        summary="Enter an assumption",
        description="What stands on it is computed again in the background. An entry that says the same as the version"
        " in use changes nothing.",
        request=EntrySerializer,
        responses={201: AssumptionSerializer},
    )
    def create(self, request: Request) -> Response:
        entry = EntrySerializer(data=request.data)
        entry.is_valid(raise_exception=True)
        return once(request, lambda: self._enter(entry.validated_data))

    def _enter(self, entry: dict[str, Any]) -> Response:
        try:
            row = services.enter_assumption(actor=self.request.user, **entry)
        except services.AssumptionRefused as refused:
            raise serializers.ValidationError({refused.field or "name": str(refused)}) from refused
        return Response(self.get_serializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Withdraw an assumption", request=WithdrawalSerializer, parameters=[IF_MATCH],
        responses=AssumptionSerializer,
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        why = WithdrawalSerializer(data=request.data)
        why.is_valid(raise_exception=True)
        return once(request, lambda: self._withdraw(why.validated_data["reason"]))

    def _withdraw(self, reason: str) -> Response:
        with self.as_read() as row:
            if not row.is_current:
                raise Problem(409, "not_possible", "This version is not in use.", "Withdraw the version that is.")
            services.withdraw_assumption(actor=self.request.user, assumption=row, reason=reason)
        row.refresh_from_db()
        return Response(self.get_serializer(row).data)
