"""Repositories, collections and changes with their files and texts."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from analysis import queries, services
from analysis.queries import Change, ChangedFile, ChangeText, Collection, Repository
from portfolio.access.models import ApiKey, Scope
from portfolio.access.services import note_started
from portfolio.rest.bodies import Exact
from portfolio.rest.filters import WholeFilter, YesNoFilter
from portfolio.rest.idempotency import once
from portfolio.rest.parameters import IF_MATCH
from portfolio.rest.views import ResourceViewSet, SparseSerializer
from portfolio.rest.work_resources import JobSerializer

INCLUDED = {"files": "files", "texts": "texts", "reviews": "reviews__reviewer", "facts": "facts"}
NOT_SHOWN = ("certainty_reason", "body_source", "diff_method", "proposed_lines", "patch_id", "unknown", "said_by")


class HiddenSerializer(Exact):
    """Whether it is kept off the site. Everything else follows from the source and cannot be written."""

    is_hidden = serializers.BooleanField()


class RepositorySerializer(SparseSerializer):
    """A repository whose changes are collected."""

    class Meta:
        model = Repository
        fields = ("id", "key", "name", "web_url", "default_branch", "tip_sha", "licence", "is_private", "is_hidden")


@extend_schema_view(
    list=extend_schema(summary="List repositories"), retrieve=extend_schema(summary="Read a repository")
)
class RepositoryViewSet(ResourceViewSet):
    """Repositories on the site; with read:private also hidden and private ones."""

    serializer_class = RepositorySerializer
    scope_required = Scope.CURATE
    action_scopes: ClassVar = {"recompute": Scope.COLLECT}
    default_order = "id"
    search_fields = ("name",)

    def published(self) -> QuerySet[Any]:
        return queries.public_repositories()

    def everything(self) -> QuerySet[Any]:
        return Repository.objects.all()

    @extend_schema(
        summary="Hide a repository, or show it", request=HiddenSerializer, parameters=[IF_MATCH],
        responses=RepositorySerializer,
    )  # fmt: skip
    def partial_update(self, request: Request, pk: str) -> Response:
        wanted = HiddenSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        hidden = wanted.validated_data["is_hidden"]
        with self.as_read() as repository:
            services.set_repository_hidden(repository=repository, hidden=hidden, actor=request.user)
        return Response(self.get_serializer(repository).data)

    @extend_schema(
        operation_id="recompute", summary="Compute a repository's figures again", request=None, parameters=[IF_MATCH],
        description="Facts, types, claims, estimates and drafts, one job each, which this key can poll; what"
        " waits already is not asked for twice. If-Match is the ETag of the repository: 412 says that it was collected"
        " or changed meanwhile.",
        responses={202: JobSerializer(many=True)},
    )  # fmt: skip
    @action(detail=True, methods=["post"], pagination_class=None, filter_backends=[])
    def recompute(self, request: Request, pk: str) -> Response:
        return once(request, self._recompute)

    def _recompute(self) -> Response:
        with self.as_read() as repository:
            jobs = services.after_collection(repository.pk)
        if isinstance(self.request.auth, ApiKey):
            note_started(self.request.auth, jobs)
        return Response(JobSerializer(jobs, many=True).data, status=status.HTTP_202_ACCEPTED)


class CollectionSerializer(SparseSerializer):
    """One run of a source over a repository, with its ledger."""

    class Meta:
        model = Collection
        fields = (
            "id", "repository", "source", "state", "held", "stored", "incomplete", "written", "reason",
            "started_at", "finished_at",
        )  # fmt: skip


class CollectionFilter(django_filters.FilterSet):
    repository = WholeFilter(field_name="repository_id", label="Repository's id")
    state = django_filters.ChoiceFilter(choices=Collection.State.choices)

    class Meta:
        model = Collection
        fields = ("repository", "state")


@extend_schema_view(
    list=extend_schema(summary="List collections"), retrieve=extend_schema(summary="Read a collection's ledger")
)
class CollectionViewSet(ResourceViewSet):
    """Collections with their ledgers: what the source holds, what is stored, what is incomplete and why."""

    serializer_class = CollectionSerializer
    modified = ("finished_at",)  # while it runs its figures move, and no column says when
    filterset_class = CollectionFilter

    def published(self) -> QuerySet[Any]:
        return Collection.objects.filter(repository__in=queries.public_repositories())

    def everything(self) -> QuerySet[Any]:
        return Collection.objects.all()


class ChangedFileSerializer(serializers.ModelSerializer[ChangedFile]):
    class Meta:
        model = ChangedFile
        fields = ("path", "old_path", "status", "additions", "deletions", "is_binary", "category", "language")


class ChangeTextSerializer(serializers.ModelSerializer[ChangeText]):
    class Meta:
        model = ChangeText
        fields = ("id", "kind", "ref", "version", "text", "sha256", "source", "redactions")


class ReviewSerializer(serializers.Serializer[Any]):
    """One review of a pull request; who reviewed is a pseudonym, and what was said is not kept."""

    reviewer = serializers.CharField(source="reviewer.display_name", default=None, allow_null=True)
    by_machine = serializers.BooleanField()
    state = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)


class DiffSerializer(serializers.Serializer[Any]):
    """A diff's size; null is unknown."""

    additions = serializers.IntegerField(allow_null=True)
    deletions = serializers.IntegerField(allow_null=True)
    files = serializers.IntegerField(allow_null=True)


class ChangeSerializer(SparseSerializer):
    """A pull request or a direct commit."""

    landed = serializers.SerializerMethodField()
    proposed = serializers.SerializerMethodField()
    files = ChangedFileSerializer(many=True, read_only=True)
    texts = serializers.SerializerMethodField()
    reviews = ReviewSerializer(many=True, read_only=True)
    facts = serializers.SerializerMethodField(help_text="Measured quantities by name; null is unknown")

    class Meta:
        model = Change
        fields = (
            "id", "repository", "key", "number", "kind", "certainty", "merged", "title", "title_source", "body",
            "merge_commit", "base_sha", "head_sha", "commit_count", "landed", "proposed", "language", "size_class",
            "first_commit_at", "last_commit_at", "opened_at", "closed_at", "merged_at", "web_url", "vanished_at",
            "vanished_reason", "is_hidden", "files", "texts",
            "reviews", "facts",
        )  # fmt: skip
        includable = ("files", "texts", "reviews", "facts")

    @extend_schema(responses=DiffSerializer)
    def get_landed(self, change: Change) -> dict[str, Any]:
        return {name: getattr(change, f"landed_{name}") for name in ("additions", "deletions", "files")}

    @extend_schema(responses=DiffSerializer)
    def get_proposed(self, change: Change) -> dict[str, Any]:
        return {name: getattr(change, f"proposed_{name}") for name in ("additions", "deletions", "files")}

    def get_facts(self, change: Change) -> dict[str, float | None] | None:
        return change.facts.values if hasattr(change, "facts") else None

    def get_texts(self, change: Change) -> list[dict[str, Any]]:
        return [dict(ChangeTextSerializer(text).data) for text in change.texts.all() if text.is_current]


class ChangeFilter(django_filters.FilterSet):
    repository = WholeFilter(field_name="repository_id", label="Repository's id")
    number = WholeFilter(label="Number of the pull request")
    kind = django_filters.ChoiceFilter(choices=Change.Kind.choices)
    merged = YesNoFilter()
    language = django_filters.CharFilter()
    since = django_filters.IsoDateTimeFilter(field_name="sorted_at", lookup_expr="gte", label="Landed at or after")
    until = django_filters.IsoDateTimeFilter(field_name="sorted_at", lookup_expr="lt", label="Landed before")

    class Meta:
        model = Change
        fields = ("repository", "number", "kind", "merged", "language")


@extend_schema_view(list=extend_schema(summary="List changes"), retrieve=extend_schema(summary="Read a change"))
class ChangeViewSet(ResourceViewSet):
    """Changes, newest first; ``include=files,texts,reviews,facts`` adds what landed, quotable texts and more."""

    serializer_class = ChangeSerializer
    filterset_class = ChangeFilter
    scope_required = Scope.CURATE
    default_order = "-time"
    orders = {"time": "sorted_at", "id": "pk"}
    search_fields = ("title",)

    def published(self) -> QuerySet[Any]:
        return queries.public_changes()

    def everything(self) -> QuerySet[Any]:
        return Change.objects.all()

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        included = self.request.query_params.get("include", "").split(",")
        wanted = [path for part, path in INCLUDED.items() if part in included]
        return super().filter_queryset(queryset).defer(*NOT_SHOWN).prefetch_related(*wanted)

    @extend_schema(
        summary="Hide a change, or show it", request=HiddenSerializer, parameters=[IF_MATCH], responses=ChangeSerializer
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        wanted = HiddenSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        with self.as_read() as change:
            services.set_change_hidden(change=change, hidden=wanted.validated_data["is_hidden"], actor=request.user)
        return Response(self.get_serializer(change).data)
