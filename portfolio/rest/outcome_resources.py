"""Achievements and reports."""

import json
from typing import Any, ClassVar, cast

import django_filters
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from analysis import queries, services
from analysis.queries import Achievement, Report, ReportDelivery
from portfolio.access.models import Scope
from portfolio.rest import conditions
from portfolio.rest.auth import sees_private
from portfolio.rest.bodies import Exact
from portfolio.rest.idempotency import once
from portfolio.rest.parameters import IF_MATCH
from portfolio.rest.problems import Problem
from portfolio.rest.views import ResourceViewSet, SparseSerializer


class AchievementSerializer(SparseSerializer):
    """A curated piece of work; writes take ``"<version>"`` as well as the ETag for If-Match."""

    changes = serializers.SerializerMethodField(help_text="References of its changes, oldest first")
    stale_reason = serializers.SerializerMethodField(
        help_text="Which evidence changed since it was approved; what exactly is told with read:private alone"
    )

    class Meta:
        model = Achievement
        fields = (
            "id", "key", "state", "title", "title_source", "summary", "reasons", "missing", "part", "part_reason",
            "started_at", "ended_at", "stale_reason", "version", "approved_at", "published_at", "changes",
        )  # fmt: skip

    def get_stale_reason(self, achievement: Achievement) -> str:
        return achievement.stale_reason if sees_private(self.context["request"]) else achievement.stale_note

    def get_changes(self, achievement: Achievement) -> list[str]:
        return [queries.change_ref(change) for change in achievement.changes.all()]


class MoveSerializer(Exact):
    """Where the achievement shall go, and why."""

    state = serializers.ChoiceField(choices=Achievement.State.choices)
    reason = serializers.CharField(required=False, default="", max_length=500, allow_blank=True)


class WordsSerializer(Exact):
    """The owner's words. Figures cannot be written: they follow from the evidence."""

    title = serializers.CharField(required=False, max_length=200)
    summary = serializers.CharField(required=False, max_length=20_000, allow_blank=True)


class AchievementFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Achievement.State.choices)

    class Meta:
        model = Achievement
        fields = ("state",)


@extend_schema_view(
    list=extend_schema(summary="List achievements"), retrieve=extend_schema(summary="Read an achievement")
)
class AchievementViewSet(ResourceViewSet):
    """Published achievements; with read:private also drafts. Writes need If-Match with the version that was read."""

    serializer_class = AchievementSerializer
    filterset_class = AchievementFilter
    scope_required = Scope.CURATE
    default_order = "-ended"
    orders = {"ended": "ended_at", "id": "pk"}
    search_fields = ("title",)

    def published(self) -> QuerySet[Any]:
        return queries.with_changes(queries.public_achievements())

    def everything(self) -> QuerySet[Any]:
        return queries.with_changes(Achievement.objects.all())

    def _version(self) -> int:
        """The version that the caller read, from If-Match; a lost race is 412."""
        achievement: Achievement = self.get_object()
        conditions.require_match(self.request, f'"{achievement.version}"', self.tag(achievement))
        return achievement.version

    def _decided(self, decide: Any) -> Response:
        try:
            decide()
        except services.Conflict as lost:
            raise Problem(412, "precondition_failed", str(lost)) from lost
        except services.NotAllowed as refused:
            raise Problem(409, "not_allowed", str(refused)) from refused
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        summary="Write the owner's words",
        description="What is left out stays as it is. If-Match takes the version as well, in quotes.",
        request=WordsSerializer,
        parameters=[IF_MATCH],
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        words = WordsSerializer(data=request.data)
        words.is_valid(raise_exception=True)
        version = self._version()
        return self._decided(
            lambda: services.edit_achievement(
                achievement_id=int(pk), version=version, actor=cast(User, request.user), **words.validated_data
            )
        )

    @extend_schema(
        summary="Move to another state",
        description="409 says what the evidence lacks for it. If-Match takes the version as well, in quotes.",
        request=MoveSerializer,
        parameters=[IF_MATCH],
    )
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        wanted = MoveSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        return once(request, lambda: self._move(int(pk), wanted.validated_data))

    def _move(self, pk: int, wanted: dict[str, Any]) -> Response:
        version = self._version()
        return self._decided(
            lambda: services.move_achievement(
                achievement_id=pk, version=version, actor=cast(User, self.request.user), now=timezone.now(), **wanted
            )
        )


class ReportSerializer(SparseSerializer):
    """A frozen report; ``document`` is null once it was erased."""

    document = serializers.SerializerMethodField()

    class Meta:
        model = Report
        fields = (
            "id", "reader", "period", "starts_on", "ends_on", "repository", "theme", "sha256", "is_public", "made_at",
            "erased_at", "document",
        )  # fmt: skip

    def get_document(self, report: Report) -> dict[str, Any] | None:
        return json.loads(report.document) if report.document else None


class FileRenderer(JSONRenderer):
    """Whatever the caller accepts: the path names the format. A problem is JSON all the same."""

    media_type = "*/*"


class ReportOrderSerializer(Exact):
    """What to compile. ``until`` belongs to a range."""

    reader = serializers.ChoiceField(choices=Report.Reader.choices)
    period = serializers.ChoiceField(choices=Report.Period.choices)
    day = serializers.DateField()
    until = serializers.DateField(required=False)
    repository = serializers.PrimaryKeyRelatedField(queryset=queries.Repository.objects.all(), required=False)
    theme = serializers.ChoiceField(choices=queries.THEMES, required=False)
    description = serializers.CharField(required=False, help_text="A job description, for the reader job")


class SendSerializer(Exact):
    """To whom a report goes."""

    send_to = serializers.EmailField()


class ReportDeliverySerializer(SparseSerializer):
    """One report to one address."""

    class Meta:
        model = ReportDelivery
        fields = ("id", "report", "send_to", "state", "attempts", "error", "requested_by", "requested_at", "sent_at")


@extend_schema_view(list=extend_schema(summary="List deliveries"), retrieve=extend_schema(summary="Read a delivery"))
class ReportDeliveryViewSet(ResourceViewSet):
    """What was sent to whom, for callers with read:private."""

    serializer_class = ReportDeliverySerializer
    private = True

    def published(self) -> QuerySet[Any]:
        return ReportDelivery.objects.none()

    def everything(self) -> QuerySet[Any]:
        return ReportDelivery.objects.all()


@extend_schema_view(list=extend_schema(summary="List reports"), retrieve=extend_schema(summary="Read a report"))
class ReportViewSet(ResourceViewSet):
    """Reports on the site; with read:private all of them."""

    serializer_class = ReportSerializer
    # No ``modified``: a report goes on the site and off it again.
    action_problems: ClassVar = {"file": ("410", "503")}
    scope_required = Scope.CURATE
    default_order = "-ends"
    orders = {"ends": "ends_on", "id": "pk"}

    def published(self) -> QuerySet[Any]:
        return queries.public_reports()

    def everything(self) -> QuerySet[Any]:
        return Report.objects.all()

    @extend_schema(
        summary="Compile a report",
        description="Of the week, month, quarter or year that `day` lies in, or from `day` to `until`. It is frozen:"
        " the same evidence compiled again is the same report.",
        request=ReportOrderSerializer,
        responses={201: ReportSerializer},
    )
    def create(self, request: Request) -> Response:
        order = ReportOrderSerializer(data=request.data)
        order.is_valid(raise_exception=True)
        return once(request, lambda: self._make(order.validated_data))

    def _make(self, order: dict[str, Any]) -> Response:
        try:
            report = services.make_report(actor=self.request.user, **order)
        except services.DescriptionRefused as error:
            raise serializers.ValidationError({"description": str(error)}) from error
        except ValueError as error:
            raise serializers.ValidationError({"until" if "until" in order else "day": str(error)}) from error
        return Response(self.get_serializer(report).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Send a report by e-mail",
        description="In the background; the delivery says how it went. An address that has it gets nothing again.",
        request=SendSerializer,
        responses={202: ReportDeliverySerializer},
    )
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        wanted = SendSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        report = get_object_or_404(Report, pk=pk)
        return once(request, lambda: self._send(report, wanted.validated_data["send_to"]))

    def _send(self, report: Report, send_to: str) -> Response:
        row = services.send_report(report=report, send_to=send_to, actor=self.request.user)
        address = reverse("api-report-delivery-detail", args=[row.pk])
        return Response(
            ReportDeliverySerializer(row).data, status=status.HTTP_202_ACCEPTED, headers={"Location": address}
        )

    @extend_schema(
        summary="Download a report",
        parameters=[OpenApiParameter("form", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(queries.FORMATS))],
        responses={
            (200, "text/markdown"): OpenApiResponse(
                OpenApiTypes.STR, description="The report in the format of the path"
            ),
            (200, "application/json"): OpenApiTypes.OBJECT,
            (200, "application/pdf"): OpenApiTypes.BINARY,
        },
    )
    @action(detail=True, methods=["get"], url_path=r"files/(?P<form>[a-z]{2,4})", renderer_classes=[FileRenderer])
    def file(self, request: Request, pk: str, form: str) -> HttpResponse:
        if form not in queries.FORMATS:
            raise Problem(404, "not_found", f"There is no format '{form}'.", f"Known: {', '.join(queries.FORMATS)}.")
        try:
            content, media_type = queries.report_file(self.get_object(), form)
        except queries.ReportErased as erased:
            raise Problem(410, "erased", str(erased), "Its hash stays in the list.") from erased
        except queries.NotSet as refused:
            raise Problem(503, "not_set", str(refused), "Ask for md or json.") from refused
        return HttpResponse(content, content_type=media_type)
