"""The router: targets, policies, decisions with their outcomes, and a task to route."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from mlops import services
from mlops.queries import OUTCOMES, Decision, Policy, Target
from portfolio.access.models import Scope
from portfolio.rest.bodies import Exact
from portfolio.rest.idempotency import once
from portfolio.rest.parameters import IF_MATCH
from portfolio.rest.problems import Problem
from portfolio.rest.views import ApiView, ResourceViewSet, SparseSerializer


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


class DecisionFilter(django_filters.FilterSet):
    task = django_filters.CharFilter()
    origin = django_filters.CharFilter()
    status = django_filters.ChoiceFilter(choices=[(status, status) for status in Decision.STATUSES])

    class Meta:
        model = Decision
        fields = ("task", "origin", "status")


class OutcomeSerializer(Exact):
    """How good the answer was, from 0 to 1, and by what it was judged."""

    kind = serializers.ChoiceField(choices=[(kind, kind) for kind in OUTCOMES])
    value = serializers.FloatField(min_value=0, max_value=1)


@extend_schema_view(list=extend_schema(summary="List decisions"), retrieve=extend_schema(summary="Read a decision"))
class DecisionViewSet(ResourceViewSet):
    """The router's decisions, for callers with read:private."""

    serializer_class = DecisionSerializer
    filterset_class = DecisionFilter
    lookup_value_regex = "[0-9a-f]{24}"  # nothing that could be the address of the export
    scope_required = Scope.ROUTE
    private = True
    default_order = "-time"
    orders = {"time": "created_at"}

    def published(self) -> QuerySet[Any]:
        return Decision.objects.all()

    @extend_schema(
        summary="Judge an answer", description="Saying it again replaces what was said.", parameters=[IF_MATCH],
        request=OutcomeSerializer, responses=OutcomeSerializer,
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def judge(self, request: Request, pk: str) -> Response:
        said = OutcomeSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return once(request, lambda: self._judge(said.validated_data))

    def _judge(self, said: dict[str, Any]) -> Response:
        with self.as_read() as decision:
            if decision.status != "answered":
                raise Problem(409, "not_possible", "This decision has no answer to judge.", "Read its status first.")
            outcome = services.judge(decision=decision.pk, actor=self.request.user, **said)
        return Response({"kind": outcome.kind, "value": outcome.value})


class PolicySerializer(SparseSerializer):
    """One version of how targets are chosen for a task, and what the evaluation found before it went live."""

    class Meta:
        model = Policy
        fields = ("id", "task", "version", "settings", "live", "gate", "created_at", "live_at")


@extend_schema_view(list=extend_schema(summary="List policies"), retrieve=extend_schema(summary="Read a policy"))
class PolicyViewSet(ResourceViewSet):
    """Routing policies; a change is a new version."""

    serializer_class = PolicySerializer
    # No ``modified``: a policy stops being live when another starts.

    def published(self) -> QuerySet[Any]:
        return Policy.objects.all()


class DocumentSerializer(Exact):
    """A named text: data for the task, never instructions."""

    name = serializers.CharField(max_length=200)
    text = serializers.CharField(max_length=200_000)


class TaskSerializer(Exact):
    """A registered task about named texts; private ones go to targets that may see them only."""

    task = serializers.CharField(max_length=60)
    documents = DocumentSerializer(many=True, min_length=1, max_length=50)  # type: ignore[call-arg]  # of the list
    private = serializers.BooleanField(default=True)


class RoutedSerializer(serializers.Serializer[Any]):
    """The answer, who gave it, and the decision that says why."""

    decision = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    data = serializers.JSONField(allow_null=True)  # type: ignore[assignment]  # a field, not DRF's own attribute
    target = serializers.CharField()
    degraded = serializers.BooleanField()
    cached = serializers.BooleanField()


class RouteView(ApiView):
    """Send a task through the router."""

    scope_required = Scope.ROUTE

    @extend_schema(
        operation_id="route", summary="Route a task", request=TaskSerializer, responses=RoutedSerializer,
        description="Answers when there is an answer, within the policy's time. A failure names its decision.",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        asked = TaskSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return once(request, lambda: self._route(asked.validated_data), outside=True)

    def _route(self, asked: dict[str, Any]) -> Response:
        documents = [(document["name"], document["text"]) for document in asked["documents"]]
        try:
            routed = services.route(task=asked["task"], documents=documents, private=asked["private"])
        except KeyError as unknown:
            raise serializers.ValidationError({"task": str(unknown.args[0])}) from unknown
        except services.RoutingError as failed:
            raise Problem(503, failed.code, str(failed), failed.advice, decision=failed.decision_id or None) from failed
        answer = routed.answer
        return Response({
            "decision": routed.decision.id, "text": answer.text, "data": answer.data, "target": answer.target,
            "degraded": answer.degraded, "cached": answer.cached,
        })  # fmt: skip
