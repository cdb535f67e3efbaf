"""Published texts: case studies and posts, each as its live revision."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from portfolio import queries
from portfolio.models import CaseStudy, Post, Revision
from portfolio.rest.views import ResourceViewSet, SparseSerializer


class RevisionSerializer(serializers.ModelSerializer[Revision]):
    """What visitors see: immutable, with its hash."""

    class Meta:
        model = Revision
        fields = ("number", "content", "sha256", "note", "published_at")


class CaseStudySerializer(SparseSerializer):
    """A case study; ``live`` is the published revision."""

    live = RevisionSerializer(read_only=True)

    class Meta:
        model = CaseStudy
        fields = ("id", "slug", "title", "summary", "first_published_at", "live")


class PostSerializer(SparseSerializer):
    """A post; ``live`` is the published revision."""

    live = RevisionSerializer(read_only=True)

    class Meta:
        model = Post
        fields = ("id", "slug", "title", "summary", "first_published_at", "live")


@extend_schema_view(
    list=extend_schema(summary="List case studies"), retrieve=extend_schema(summary="Read a case study")
)
class CaseStudyViewSet(ResourceViewSet):
    """Published case studies."""

    serializer_class = CaseStudySerializer
    default_order = "id"
    search_fields = ("title", "summary")

    def published(self) -> QuerySet[Any]:
        return queries.case_studies()


@extend_schema_view(list=extend_schema(summary="List posts"), retrieve=extend_schema(summary="Read a post"))
class PostViewSet(ResourceViewSet):
    """Published posts."""

    serializer_class = PostSerializer
    search_fields = ("title", "summary")

    def published(self) -> QuerySet[Any]:
        return queries.posts()
