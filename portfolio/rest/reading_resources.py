"""What was read from changes: claims, predicted types, estimates, and the owner's assumptions."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from analysis import queries
from analysis.queries import Assumption, ChangeType, Claim, Estimate
from portfolio.access.models import Scope
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


class ClaimFilter(django_filters.FilterSet):
    change = django_filters.NumberFilter(field_name="change_id", label="Change's id")
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
    filterset_class = ClaimFilter
    search_fields = ("quote",)

    def published(self) -> QuerySet[Any]:
        return Claim.objects.filter(is_current=True, change__in=queries.public_changes()).exclude(review="rejected")

    def everything(self) -> QuerySet[Any]:
        return Claim.objects.all()


class ChangeTypeSerializer(SparseSerializer):
    """A predicted type with its probability; an empty type means that the model abstained."""

    class Meta:
        model = ChangeType
        fields = ("id", "change", "type", "probability", "version", "reason", "degraded", "predicted_at")


class ChangeTypeFilter(django_filters.FilterSet):
    change = django_filters.NumberFilter(field_name="change_id", label="Change's id")
    type = django_filters.CharFilter()

    class Meta:
        model = ChangeType
        fields = ("change", "type")


@extend_schema_view(list=extend_schema(summary="List types"), retrieve=extend_schema(summary="Read a predicted type"))
class ChangeTypeViewSet(ResourceViewSet):
    """The current prediction of each published change."""

    serializer_class = ChangeTypeSerializer
    filterset_class = ChangeTypeFilter

    def published(self) -> QuerySet[Any]:
        return ChangeType.objects.filter(is_current=True, change__in=queries.public_changes())

    def everything(self) -> QuerySet[Any]:
        return ChangeType.objects.all()


class EstimateSerializer(SparseSerializer):
    """A range with its receipt, or a refusal with its reason code and what is missing."""

    class Meta:
        model = Estimate
        fields = (
            "id", "change", "level", "outcome", "outcome_key", "status", "reason", "reasons", "statement", "p10", "p50",
            "p90", "unit", "currency", "whose", "method", "method_version", "receipt", "computed_at",
        )  # fmt: skip


class EstimateFilter(django_filters.FilterSet):
    change = django_filters.NumberFilter(field_name="change_id", label="Change's id")
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


class AssumptionSerializer(SparseSerializer):
    """An input of the owner with its range, unit, source and date."""

    class Meta:
        model = Assumption
        fields = (
            "id", "name", "version", "is_current", "role", "kind", "unit", "point", "low", "mode", "high", "source",
            "dated", "expires_on", "created_at",
        )  # fmt: skip


@extend_schema_view(
    list=extend_schema(summary="List assumptions"), retrieve=extend_schema(summary="Read an assumption")
)
class AssumptionViewSet(ResourceViewSet):
    """The owner's assumptions, every version of each: for callers with read:private."""

    serializer_class = AssumptionSerializer
    private = True
    action_scopes = {"list": Scope.READ_PRIVATE, "retrieve": Scope.READ_PRIVATE}

    def published(self) -> QuerySet[Any]:
        return Assumption.objects.all()
