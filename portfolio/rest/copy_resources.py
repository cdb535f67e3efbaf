"""Working copies of case studies and posts: write, publish, withdraw. What visitors see is the live revision."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from portfolio import services
from portfolio.access.models import Scope
from portfolio.models import CaseStudy, Post
from portfolio.models.documents import LONGEST_TEXT, LONGEST_WORD, MOST_WORDS, Document
from portfolio.publishing import documents, embeds
from portfolio.rest.bodies import Exact
from portfolio.rest.idempotency import once
from portfolio.rest.parameters import IF_MATCH
from portfolio.rest.problems import Problem
from portfolio.rest.views import ResourceViewSet, SparseSerializer

OWN = ("id", "state", "live", "first_published_at", "updated_at", "missing")
INCLUDABLE = ("missing",)  # each text is read for it
WRITTEN = ("slug", "title", "summary")


class Words(serializers.ListField):
    """A list of words, each once."""

    child = serializers.CharField(max_length=LONGEST_WORD)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_WORDS, required=False, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        return list(dict.fromkeys(super().to_internal_value(data)))


class CopySerializer(SparseSerializer):
    """A working copy; ``live`` is the number of the revision on the site, ``include=missing`` adds what it lacks."""

    live = serializers.IntegerField(source="live.number", default=None, read_only=True, allow_null=True)
    missing = serializers.SerializerMethodField(help_text="Every reason that publication would give")

    def get_missing(self, document: Document) -> list[str]:
        return documents.missing(document)


class CaseStudyCopySerializer(CopySerializer):
    class Meta:
        model = CaseStudy
        fields = (*OWN, *WRITTEN, "position", *CaseStudy.EXTRAS, *CaseStudy.TEXTS)
        includable = INCLUDABLE


class PostCopySerializer(CopySerializer):
    class Meta:
        model = Post
        fields = (*OWN, *WRITTEN, *Post.EXTRAS, *Post.TEXTS)
        includable = INCLUDABLE


class EntrySerializer(Exact, serializers.ModelSerializer[Any]):
    """What the owner writes: Markdown, in which a number stands by an embed, a date, a quotation or code."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wrong = {
            name: found
            for name in ("title", "summary", *self.Meta.model.TEXTS)  # type: ignore[attr-defined]  # of the kinds
            if (found := embeds.problems(attrs.get(name) or "")[:10])
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        if "slug" in attrs:
            document: Document = self.Meta.model(slug=attrs["slug"])  # type: ignore[misc]  # of the kinds
            document.pk = self.instance.pk if self.instance else None
            self._free(document)
        return attrs

    def _free(self, document: Document) -> None:
        try:
            document.clean()
        except ValidationError as error:
            raise serializers.ValidationError(error.message_dict) from error


def limits(model: type[Document]) -> dict[str, dict[str, Any]]:
    """The longest text that is taken; the columns themselves have no end."""
    return {name: {"max_length": LONGEST_TEXT} for name in model.TEXTS}


class CaseStudyEntrySerializer(EntrySerializer):
    technologies = Words()

    class Meta:
        model = CaseStudy
        fields = (*WRITTEN, "position", *CaseStudy.EXTRAS, *CaseStudy.TEXTS)
        extra_kwargs = limits(CaseStudy)


class PostEntrySerializer(EntrySerializer):
    tags = Words()

    class Meta:
        model = Post
        fields = (*WRITTEN, *Post.EXTRAS, *Post.TEXTS)
        extra_kwargs = limits(Post)


class PublicationSerializer(Exact):
    """What changed, for the public history."""

    note = serializers.CharField(max_length=200, default="", allow_blank=True)


class RetractionSerializer(Exact):
    """Why it leaves the site, for the audit log."""

    reason = serializers.CharField(max_length=300, default="", allow_blank=True)


class CopyViewSet(ResourceViewSet):
    """Working copies, for callers with read:private; writing and publishing need write:curate."""

    model: type[Document]
    entry: type[EntrySerializer]
    private = True
    scope_required = Scope.CURATE
    search_fields = ("title", "summary")

    def published(self) -> QuerySet[Any]:
        return self.model._default_manager.select_related("live")

    def _write(self, document: Document, data: dict[str, Any]) -> None:
        try:
            services.write(document=document, actor=self.request.user, fields=data)
        except IntegrityError as error:
            raise Problem(409, "not_possible", "Another text took this slug meanwhile.", "Choose another.") from error

    def _new(self, data: Any) -> Response:
        entry = self.entry(data=data)
        entry.is_valid(raise_exception=True)
        document = self.model()
        self._write(document, entry.validated_data)
        return Response(self.get_serializer(document).data, status=status.HTTP_201_CREATED)

    def create(self, request: Request) -> Response:
        # Checked within: by the second time that a key is sent, the slug is taken by the first.
        return once(request, lambda: self._new(request.data))

    def partial_update(self, request: Request, pk: str) -> Response:
        with self.as_read() as document:
            entry = self.entry(document, data=request.data, partial=True)
            entry.is_valid(raise_exception=True)
            self._write(document, entry.validated_data)
        return Response(self.get_serializer(document).data)

    def _move(self, act: Any) -> Response:
        with self.as_read() as document:
            pass  # figures are derived without a lock; what is published is what was read, whoever writes meanwhile
        try:
            act(document)
        except services.NotReady as lacking:
            raise Problem(
                409, "not_ready", str(lacking), "Write what is missing, then publish.", reasons=lacking.reasons
            ) from lacking
        return Response(self.get_serializer(self.get_object()).data)

    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        wanted = PublicationSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        note = wanted.validated_data["note"]
        return once(
            request,
            lambda: self._move(lambda found: services.publish(document=found, actor=request.user, note=note)),
        )

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        wanted = RetractionSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        reason = wanted.validated_data["reason"]
        return once(
            request,
            lambda: self._move(lambda found: services.withdraw(document=found, actor=request.user, reason=reason)),
        )


def described(what: str, entry: type[EntrySerializer], answer: type[CopySerializer]) -> Any:
    """The schema of every operation on one kind of text."""
    writes: dict[str, Any] = {"parameters": [IF_MATCH], "responses": answer}
    return extend_schema_view(
        list=extend_schema(summary=f"List working copies of {what}"),
        retrieve=extend_schema(summary=f"Read a working copy of {what}"),
        create=extend_schema(
            summary=f"Begin a working copy of {what}", request=entry, responses={201: answer},
            description="Nothing is published by it.",
        ),
        partial_update=extend_schema(summary=f"Write a working copy of {what}", request=entry, **writes),
        publish=extend_schema(
            summary=f"Publish a working copy of {what}", request=PublicationSerializer, **writes,
            description="It becomes the next revision, and its figures are pinned to their receipts. 409 names every"
            " reason why it cannot be published yet.",
        ),
        withdraw=extend_schema(
            summary=f"Take {what} off the site", request=RetractionSerializer, **writes,
            description="Back to draft; the revisions stay in the history.",
        ),
    )  # fmt: skip


class CaseStudyCopyFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Document.State.choices)

    class Meta:
        model = CaseStudy
        fields = ("state",)


class PostCopyFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Document.State.choices)

    class Meta:
        model = Post
        fields = ("state",)


@described("case studies", CaseStudyEntrySerializer, CaseStudyCopySerializer)
class CaseStudyCopyViewSet(CopyViewSet):
    """Working copies of case studies."""

    serializer_class = CaseStudyCopySerializer
    filterset_class = CaseStudyCopyFilter
    model, entry = CaseStudy, CaseStudyEntrySerializer


@described("posts", PostEntrySerializer, PostCopySerializer)
class PostCopyViewSet(CopyViewSet):
    """Working copies of posts."""

    serializer_class = PostCopySerializer
    filterset_class = PostCopyFilter
    model, entry = Post, PostEntrySerializer
