"""The models that run here and the router: versions, deployments, monitors, alerts, targets, decisions."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from mlops import services
from mlops.queries import Alert, Decision, Deployment, ModelVersion, Monitor, Target
from portfolio.access.models import Scope
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


class ReasonSerializer(serializers.Serializer[Any]):
    """Why: it stands in the history for everyone to read."""

    reason = serializers.CharField(max_length=300)


@extend_schema_view(
    list=extend_schema(summary="List model versions"), retrieve=extend_schema(summary="Read a model version")
)
class ModelVersionViewSet(ResourceViewSet):
    """Registered versions; promoting needs act:models and passes the gates or is refused with the gate's figure."""

    serializer_class = ModelVersionSerializer
    filterset_class = VersionFilter
    scope_required = Scope.MODELS

    def published(self) -> QuerySet[Any]:
        return ModelVersion.objects.all()

    @extend_schema(summary="Promote to champion", request=ReasonSerializer, responses=DeploymentSerializer)
    @action(detail=True, methods=["post"])
    def promote(self, request: Request, pk: str) -> Response:
        why = ReasonSerializer(data=request.data)
        why.is_valid(raise_exception=True)
        return once(request, lambda: self._promote(request, why.validated_data["reason"]))

    def _promote(self, request: Request, reason: str) -> Response:
        try:
            row = services.promote(version=self.get_object(), reason=reason, actor=request.user)
        except services.DeploymentRefused as refused:
            raise Problem(409, "not_allowed", str(refused), "Read the version's gates.") from refused
        return Response(DeploymentSerializer(row).data)


class RollBackView(ApiView):
    """Put the champion before the present one back."""

    scope_required = Scope.MODELS

    @extend_schema(
        operation_id="roll_back", summary="Roll a model back", request=ReasonSerializer, responses=DeploymentSerializer
    )
    def post(self, request: Request, model: str) -> Response:
        why = ReasonSerializer(data=request.data)
        why.is_valid(raise_exception=True)
        return once(request, lambda: self._roll_back(request, model, why.validated_data["reason"]))

    def _roll_back(self, request: Request, model: str, reason: str) -> Response:
        try:
            row = services.roll_back(model=model, reason=reason, actor=request.user)
        except services.DeploymentRefused as refused:
            raise Problem(409, "not_allowed", str(refused), "Read the model's deployments.") from refused
        return Response(DeploymentSerializer(row).data)


@extend_schema_view(list=extend_schema(summary="List deployments"), retrieve=extend_schema(summary="Read a deployment"))
class DeploymentViewSet(ResourceViewSet):
    """The history that answers which version ran when, and why."""

    serializer_class = DeploymentSerializer
    filterset_class = DeploymentFilter

    def published(self) -> QuerySet[Any]:
        return Deployment.objects.all()


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

    def published(self) -> QuerySet[Any]:
        return Alert.objects.all()


class TargetSerializer(SparseSerializer):
    """A model that the router may choose. Keys stay in the environment; only their name is known, and not shown."""

    class Meta:
        model = Target
        fields = (
            "id", "key", "kind", "model", "price_in", "price_out", "priced_on", "price_source", "context_tokens",
            "allows_private", "capabilities", "enabled",
        )  # fmt: skip


@extend_schema_view(list=extend_schema(summary="List targets"), retrieve=extend_schema(summary="Read a target"))
class TargetViewSet(ResourceViewSet):
    """The router's targets with dated prices."""

    serializer_class = TargetSerializer

    def published(self) -> QuerySet[Any]:
        return Target.objects.filter(enabled=True)

    def everything(self) -> QuerySet[Any]:
        return Target.objects.all()


class DecisionSerializer(SparseSerializer):
    """Why the router chose as it did. The task's text is not part of it."""

    class Meta:
        model = Decision
        fields = (
            "id", "origin", "task", "policy_version", "mode", "candidates", "state", "chosen", "propensity", "explored",
            "reason", "attempts", "answered_by", "degraded", "cached", "status", "error", "seconds", "cost",
            "created_at",
        )  # fmt: skip


@extend_schema_view(list=extend_schema(summary="List decisions"), retrieve=extend_schema(summary="Read a decision"))
class DecisionViewSet(ResourceViewSet):
    """The router's decisions, for callers with read:private."""

    serializer_class = DecisionSerializer
    private = True
    default_order = "-time"
    orders = {"time": "created_at"}

    def published(self) -> QuerySet[Any]:
        return Decision.objects.all()
