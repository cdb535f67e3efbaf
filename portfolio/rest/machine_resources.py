"""The models that run here: versions, deployments, predictions, monitors, alerts."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from mlops import queries, services
from mlops.queries import Alert, Deployment, ModelVersion, Monitor, Prediction
from portfolio.access.models import Scope
from portfolio.rest.bodies import Exact
from portfolio.rest.filters import WholeFilter
from portfolio.rest.idempotency import once
from portfolio.rest.problems import Problem
from portfolio.rest.views import ApiView, ResourceViewSet, SparseSerializer


class DeploymentSerializer(SparseSerializer):
    """One switch of an alias: who, when, why, from what to what."""

    class Meta:
        model = Deployment
        fields = ("id", "model", "action", "role", "before", "after", "share", "reason", "automatic", "at")


class ModelVersionSerializer(SparseSerializer):
    """One version of one model with its lineage, measured figures and card."""

    class Meta:
        model = ModelVersion
        fields = (
            "id", "model", "number", "name", "origin", "state", "artefact_format", "artefact_sha256", "artefact_bytes",
            "schema", "lineage", "metrics", "card", "is_simulated", "mlflow_version", "created_at",
        )  # fmt: skip


class VersionFilter(django_filters.FilterSet):
    model = django_filters.CharFilter()

    class Meta:
        model = ModelVersion
        fields = ("model",)


class DeploymentFilter(django_filters.FilterSet):
    model = django_filters.CharFilter()

    class Meta:
        model = Deployment
        fields = ("model",)


class ReasonSerializer(Exact):
    """Why: it stands in the history for everyone to read."""

    reason = serializers.CharField(max_length=300)


@extend_schema_view(
    list=extend_schema(summary="List model versions"), retrieve=extend_schema(summary="Read a model version")
)
class ModelVersionViewSet(ResourceViewSet):
    """Registered versions; promoting needs act:models and passes the gates or is refused with the gate's figure."""

    serializer_class = ModelVersionSerializer
    filterset_class = VersionFilter
    # No ``modified``: a version's state changes, and no column says when.

    def published(self) -> QuerySet[Any]:
        return ModelVersion.objects.all()


class RowsSerializer(Exact):
    """Rows to answer: each an object with the model's input names."""

    rows = serializers.ListField(child=serializers.DictField(), min_length=1, max_length=100)


class ServedSerializer(serializers.Serializer[Any]):
    """One answer, the version that gave it, and whether that was the one that should have."""

    answer = serializers.JSONField()
    version = serializers.CharField()
    degraded = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)


class PredictView(ApiView):
    """Ask what is live; at most a hundred rows. Each has exactly the names that reading the model gives as `inputs`."""

    scope_required = Scope.ROUTE

    @extend_schema(
        operation_id="predict", summary="Predict", request=RowsSerializer, responses=ServedSerializer(many=True)
    )
    def post(self, request: Request, model: str) -> Response:
        asked = RowsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return once(request, lambda: self._answer(model, asked.validated_data["rows"]), outside=True)

    def _answer(self, model: str, rows: list[dict[str, Any]]) -> Response:
        try:
            names = set(queries.input_names(model))
        except LookupError as unknown:
            raise Problem(404, "not_found", str(unknown), "List them under /api/v1/models/.") from unknown
        for at, row in enumerate(rows):
            if set(row) != names:
                raise serializers.ValidationError(
                    {"rows": {str(at): f"This model's rows have exactly: {', '.join(sorted(names))}."}}
                )
        try:
            served = services.predict(model, rows)
        except services.NoAnswer as error:
            raise serializers.ValidationError({"rows": f"An input is of the wrong shape: {error}"}) from error
        return Response(ServedSerializer(served, many=True).data)


@extend_schema_view(list=extend_schema(summary="List deployments"), retrieve=extend_schema(summary="Read a deployment"))
class DeploymentViewSet(ResourceViewSet):
    """The history that answers which version ran when, and why."""

    serializer_class = DeploymentSerializer
    filterset_class = DeploymentFilter
    modified = ("at",)

    def published(self) -> QuerySet[Any]:
        return Deployment.objects.all()


class PredictionSerializer(SparseSerializer):
    """A recorded prediction of the sample that is kept. The input itself is not: its hash and what is watched are."""

    class Meta:
        model = Prediction
        fields = (
            "id", "model", "version", "deployment", "part", "key", "input_sha256", "watched", "answer", "microseconds",
            "degraded", "label", "correct", "at", "labelled_at",
        )  # fmt: skip


class PredictionFilter(django_filters.FilterSet):
    model = django_filters.CharFilter()
    version = WholeFilter(field_name="version_id", label="Version's id")
    key = django_filters.CharFilter()

    class Meta:
        model = Prediction
        fields = ("model", "version", "key")


@extend_schema_view(list=extend_schema(summary="List predictions"), retrieve=extend_schema(summary="Read a prediction"))
class PredictionViewSet(ResourceViewSet):
    """A sample of what was predicted, with the right answers that became known later: for callers with read:private."""

    serializer_class = PredictionSerializer
    filterset_class = PredictionFilter
    private = True
    modified = ("at", "labelled_at")

    def published(self) -> QuerySet[Any]:
        return Prediction.objects.all()


class MonitorSerializer(SparseSerializer):
    """A rule that is watched."""

    class Meta:
        model = Monitor
        fields = (
            "id", "name", "model", "statistic", "feature", "comparison", "threshold", "window_seconds", "for_seconds",
            "severity", "response", "dead_man", "runbook", "is_active",
        )  # fmt: skip


@extend_schema_view(list=extend_schema(summary="List monitors"), retrieve=extend_schema(summary="Read a monitor"))
class MonitorViewSet(ResourceViewSet):
    """What is watched, over which window, and when it alerts."""

    serializer_class = MonitorSerializer

    def published(self) -> QuerySet[Any]:
        return Monitor.objects.all()


class AlertSerializer(SparseSerializer):
    """An alert with its story."""

    class Meta:
        model = Alert
        fields = ("id", "monitor", "severity", "value", "message", "opened_at", "resolved_at", "story")


@extend_schema_view(list=extend_schema(summary="List alerts"), retrieve=extend_schema(summary="Read an alert"))
class AlertViewSet(ResourceViewSet):
    """Open and past alerts, newest first."""

    serializer_class = AlertSerializer
    default_order = "-opened"
    orders = {"opened": "opened_at", "id": "pk"}
    modified = ("opened_at", "notified_at", "resolved_at")

    def published(self) -> QuerySet[Any]:
        return Alert.objects.all()
