"""What was read from changes: claims, predicted types, estimates."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from analysis import queries, services
from analysis.queries import ChangeType, Claim, Estimate
from portfolio.access.models import Scope
from portfolio.rest.bodies import Exact
from portfolio.rest.filters import WholeFilter
from portfolio.rest.idempotency import once
from portfolio.rest.parameters import IF_MATCH
from portfolio.rest.views import ResourceViewSet, SparseSerializer


class ClaimSerializer(SparseSerializer):
    """A quoted statement of an outcome. ``start`` and ``end`` count code points of the text that ``text`` names."""

    class Meta:
        model = Claim
        fields = (
            "id", "key", "change", "text", "start", "end", "quote", "metric", "direction", "kind", "value", "value_hi",
            "from_value", "to_value", "unit", "to_unit", "scope", "period", "state", "state_reason", "method",
            "outcome_key", "review",
        )  # fmt: skip


class ClaimReviewSerializer(Exact):
    """The owner's decision. A correction may name metric, direction, scope and period, never the quoted numbers."""

    decision = serializers.ChoiceField(choices=Claim.Review.choices)
    correction = serializers.DictField(child=serializers.CharField(max_length=200), required=False, default=dict)
    note = serializers.CharField(required=False, default="", max_length=1000, allow_blank=True)


class ClaimFilter(django_filters.FilterSet):
    change = WholeFilter(field_name="change_id", label="Change's id")
    metric = django_filters.ChoiceFilter(choices=Claim._meta.get_field("metric").choices)
    state = django_filters.ChoiceFilter(choices=Claim.State.choices)
    review = django_filters.ChoiceFilter(choices=Claim.Review.choices)

    class Meta:
        model = Claim
        fields = ("change", "metric", "state", "review")


@extend_schema_view(list=extend_schema(summary="List claims"), retrieve=extend_schema(summary="Read a claim"))
class ClaimViewSet(ResourceViewSet):
    """Quoted claims of published changes; rejected ones are shown to readers of private data only."""

    serializer_class = ClaimSerializer
    scope_required = Scope.CURATE
    filterset_class = ClaimFilter
    search_fields = ("quote",)

    def published(self) -> QuerySet[Any]:
        return Claim.objects.filter(is_current=True, change__in=queries.public_changes()).exclude(review="rejected")

    def everything(self) -> QuerySet[Any]:
        return Claim.objects.all()

    @extend_schema(
        summary="Review a claim", request=ClaimReviewSerializer, parameters=[IF_MATCH], responses=ClaimSerializer
    )
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str) -> Response:
        said = ClaimReviewSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return once(request, lambda: self._review(request, said.validated_data))

    def _review(self, request: Request, said: dict[str, Any]) -> Response:
        try:
            with self.as_read() as claim:
                reviewed = services.review_claim(claim_id=claim.pk, actor=request.user, **said)
        except services.WrongReview as wrong:
            raise serializers.ValidationError({"correction": str(wrong)}) from wrong
        return Response(self.get_serializer(reviewed).data)


class ChangeTypeSerializer(SparseSerializer):
    """A predicted type with its probability; an empty type means that the model abstained."""

    class Meta:
        model = ChangeType
        fields = ("id", "change", "type", "probability", "version", "reason", "degraded", "predicted_at")


class TypeReviewSerializer(Exact):
    """The owner's word on a change's type."""

    type = serializers.CharField(max_length=40, allow_blank=True, help_text="One of the ten types; empty rejects")
    note = serializers.CharField(required=False, default="", max_length=1000, allow_blank=True)


class ChangeTypeFilter(django_filters.FilterSet):
    change = WholeFilter(field_name="change_id", label="Change's id")
    type = django_filters.CharFilter()

    class Meta:
        model = ChangeType
        fields = ("change", "type")


@extend_schema_view(list=extend_schema(summary="List types"), retrieve=extend_schema(summary="Read a predicted type"))
class ChangeTypeViewSet(ResourceViewSet):
    """The current prediction of each published change."""

    serializer_class = ChangeTypeSerializer
    filterset_class = ChangeTypeFilter
    scope_required = Scope.CURATE
    modified = ("predicted_at",)

    def published(self) -> QuerySet[Any]:
        return ChangeType.objects.filter(is_current=True, change__in=queries.public_changes())

    def everything(self) -> QuerySet[Any]:
        return ChangeType.objects.all()

    @extend_schema(
        summary="Review a type",
        description="Accept the type, correct it, or reject it with an empty one; what a person says stands.",
        request=TypeReviewSerializer, parameters=[IF_MATCH], responses=ChangeTypeSerializer,
    )  # fmt: skip
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str) -> Response:
        said = TypeReviewSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        return once(request, lambda: self._review(request, said.validated_data))

    def _review(self, request: Request, said: dict[str, Any]) -> Response:
        try:
            with self.as_read() as found:
                services.review_type(change=found.change, type_=said["type"], actor=request.user, note=said["note"])
        except ValueError as refused:
            raise serializers.ValidationError({"type": str(refused)}) from refused
        found.refresh_from_db()
        return Response(self.get_serializer(found).data)


class EstimateSerializer(SparseSerializer):
    """A range with its receipt, or a refusal with its reason code and what is missing."""

    class Meta:
        model = Estimate
        fields = (
            "id", "change", "level", "outcome", "outcome_key", "status", "reason", "reasons", "statement", "p10", "p50",
            "p90", "unit", "currency", "whose", "method", "method_version", "receipt", "computed_at",
        )  # fmt: skip


class EstimateFilter(django_filters.FilterSet):
    change = WholeFilter(field_name="change_id", label="Change's id")
    level = django_filters.ChoiceFilter(choices=Estimate.Level.choices)
    status = django_filters.ChoiceFilter(choices=Estimate.Status.choices)

    class Meta:
        model = Estimate
        fields = ("change", "level", "status")


@extend_schema_view(list=extend_schema(summary="List estimates"), retrieve=extend_schema(summary="Read an estimate"))
class EstimateViewSet(ResourceViewSet):
    """Estimates of published changes, refusals included: what could not be said is part of the answer."""

    serializer_class = EstimateSerializer
    filterset_class = EstimateFilter

    def published(self) -> QuerySet[Any]:
        return Estimate.objects.filter(change__in=queries.public_changes())

    def everything(self) -> QuerySet[Any]:
        return Estimate.objects.all()
