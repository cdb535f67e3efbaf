"""Published texts: case studies and posts, each as its live revision.

The row itself is the owner's working copy: what it says beside the address is never shown here, nor searched.
"""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from portfolio import queries
from portfolio.models import CaseStudy, Post, Revision
from portfolio.rest.views import ResourceViewSet, SparseSerializer

SEARCHED = ("live__content__title", "live__content__summary")


class RevisionSerializer(serializers.ModelSerializer[Revision]):
    """What visitors see: immutable, with its hash."""

    class Meta:
        model = Revision
        fields = ("number", "content", "sha256", "note", "published_at")


class TextSerializer(SparseSerializer):
    """What both kinds have: the title and the summary as they were published, and the revision whole."""

    title = serializers.CharField(source="live.content.title", max_length=160, read_only=True)
    summary = serializers.CharField(source="live.content.summary", max_length=300, read_only=True)
    live = RevisionSerializer(read_only=True)


class CaseStudySerializer(TextSerializer):
    """A case study; ``live`` is the published revision."""

    class Meta:
        model = CaseStudy
        fields = ("id", "slug", "title", "summary", "first_published_at", "live")


class PostSerializer(TextSerializer):
    """A post; ``live`` is the published revision."""

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
    search_fields = SEARCHED

    def published(self) -> QuerySet[Any]:
        return queries.case_studies()


@extend_schema_view(list=extend_schema(summary="List posts"), retrieve=extend_schema(summary="Read a post"))
class PostViewSet(ResourceViewSet):
    """Published posts."""

    serializer_class = PostSerializer
    search_fields = SEARCHED

    def published(self) -> QuerySet[Any]:
        return queries.posts()
