"""Drafted texts, for their curator: make, read, take, discard."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from analysis.queries import Achievement
from portfolio import services
from portfolio.access.models import Scope
from portfolio.models import TextDraft
from portfolio.rest.bodies import Exact
from portfolio.rest.idempotency import once
from portfolio.rest.parameters import IF_MATCH
from portfolio.rest.problems import Problem
from portfolio.rest.views import ResourceViewSet, SparseSerializer


class TextDraftSerializer(SparseSerializer):
    """A drafted text; each of ``sentences`` names its sources and receipts, ``rejected`` says what was left out."""

    class Meta:
        model = TextDraft
        fields = (
            "id", "kind", "subject", "title", "state", "sentences", "rejected", "markdown", "plain",
            "evidence_sha256", "answered_by", "decision", "degraded", "made_at", "requested_by", "decided_at",
        )  # fmt: skip


class TextDraftOrderSerializer(Exact):
    """What to draft, about which achievement."""

    kind = serializers.ChoiceField(choices=TextDraft.Kind.choices)
    achievement = serializers.PrimaryKeyRelatedField(queryset=Achievement.objects.all())


class TextDraftFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(choices=TextDraft.Kind.choices)
    state = django_filters.ChoiceFilter(choices=TextDraft.State.choices)

    class Meta:
        model = TextDraft
        fields = ("kind", "state")


@extend_schema_view(list=extend_schema(summary="List drafted texts"), retrieve=extend_schema(summary="Read a draft"))
class TextDraftViewSet(ResourceViewSet):
    """Drafts are seen with read:private and decided with write:curate."""

    serializer_class = TextDraftSerializer
    filterset_class = TextDraftFilter
    private = True
    scope_required = Scope.CURATE
    search_fields = ("title",)

    def published(self) -> QuerySet[Any]:
        return TextDraft.objects.none()

    def everything(self) -> QuerySet[Any]:
        return TextDraft.objects.all()

    def get_queryset(self) -> QuerySet[Any]:
        return TextDraft.objects.all()  # permission is asked before; writers need not also have read:private

    @extend_schema(summary="Draft a text", request=TextDraftOrderSerializer, responses={201: TextDraftSerializer})
    def create(self, request: Request) -> Response:
        order = TextDraftOrderSerializer(data=request.data)
        order.is_valid(raise_exception=True)
        return once(request, lambda: self._do(services.draft_text, status.HTTP_201_CREATED, **order.validated_data))

    @extend_schema(summary="Take a draft into its place", request=None, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        return once(request, lambda: self._decide(services.accept_text))

    @extend_schema(summary="Say no to a draft", request=None, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        return once(request, lambda: self._decide(services.discard_text))

    def _decide(self, act: Any) -> Response:
        with self.as_read() as text:
            return self._do(act, text=text)

    def _do(self, act: Any, code: int = status.HTTP_200_OK, **values: Any) -> Response:
        try:
            text = act(actor=self.request.user, **values)
        except services.TextRefused as refused:
            raise Problem(409, "not_possible", str(refused)) from refused
        return Response(self.get_serializer(text).data, status=code)
