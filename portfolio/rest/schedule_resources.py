"""Reports that make themselves: plan one, change it, pause it, end it."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from analysis import queries, services
from analysis.queries import ReportSchedule
from portfolio.access.models import Scope
from portfolio.rest.bodies import Exact
from portfolio.rest.idempotency import once
from portfolio.rest.parameters import IF_MATCH
from portfolio.rest.problems import Problem
from portfolio.rest.views import ResourceViewSet, SparseSerializer

PLANNED = ("reader", "period", "repository", "theme", "send_to", "enabled")


class ReportScheduleSerializer(SparseSerializer):
    """A report that is made when its period has ended; ``last_start`` is the first day of the last period made."""

    class Meta:
        model = ReportSchedule
        fields = ("id", *PLANNED, "last_start")


class ReportScheduleEntrySerializer(Exact, serializers.ModelSerializer[ReportSchedule]):
    """Which report, how often, for whom; ``enabled`` false pauses it."""

    repository = serializers.PrimaryKeyRelatedField(
        queryset=queries.Repository.objects.all(), required=False, allow_null=True, default=None,
        help_text="Repository's id; null is all of them",
    )  # fmt: skip

    class Meta:
        model = ReportSchedule
        fields = PLANNED
        validators: tuple[Any, ...] = ()  # that it is planned already is a conflict, told by the constraint


@extend_schema_view(
    list=extend_schema(summary="List scheduled reports"), retrieve=extend_schema(summary="Read a scheduled report")
)
class ReportScheduleViewSet(ResourceViewSet):
    """Which reports make themselves, for callers with read:private; planning needs write:curate."""

    serializer_class = ReportScheduleSerializer
    private = True
    scope_required = Scope.CURATE

    def published(self) -> QuerySet[Any]:
        return ReportSchedule.objects.none()

    def everything(self) -> QuerySet[Any]:
        return ReportSchedule.objects.all()

    def get_queryset(self) -> QuerySet[Any]:
        return ReportSchedule.objects.all()  # permission is asked before; writers need not also have read:private

    @extend_schema(
        summary="Schedule a report",
        description="Within the hour the period that ended last is compiled, then each when it has ended, and sent to"
        " `send_to` where that is given. The same plan a second time is 409.",
        request=ReportScheduleEntrySerializer,
        responses={201: ReportScheduleSerializer},
    )
    def create(self, request: Request) -> Response:
        entry = ReportScheduleEntrySerializer(data=request.data)
        entry.is_valid(raise_exception=True)
        return once(request, lambda: self._save(ReportSchedule(), entry.validated_data, status.HTTP_201_CREATED))

    @extend_schema(
        summary="Change, pause or resume a scheduled report",
        description="`enabled` false pauses it; resumed, it goes on with the period that ended last.",
        request=ReportScheduleEntrySerializer,
        parameters=[IF_MATCH],
        responses=ReportScheduleSerializer,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        entry = ReportScheduleEntrySerializer(data=request.data, partial=True)
        entry.is_valid(raise_exception=True)
        with self.as_read() as schedule:
            return self._save(schedule, entry.validated_data, status.HTTP_200_OK)

    @extend_schema(
        summary="End a scheduled report",
        description="The reports that it made stay.",
        parameters=[IF_MATCH],
        responses={204: OpenApiResponse(description="It is gone")},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        with self.as_read() as schedule:
            services.delete_report_schedule(schedule=schedule, actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _save(self, schedule: ReportSchedule, planned: dict[str, Any], code: int) -> Response:
        for name, value in planned.items():
            setattr(schedule, name, value)
        try:
            with transaction.atomic():
                services.save_report_schedule(schedule=schedule, actor=self.request.user)
        except (Invalid, IntegrityError) as taken:  # every field is checked: what is left are the constraints
            raise Problem(409, "exists", "This report is scheduled for this address already.",
                          "Find it in the list, and change that one.") from taken  # fmt: skip
        return Response(self.get_serializer(schedule).data, status=code)
