"""Jobs, receipts and the actions that start work: long work answers 202 with the address of its job."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from analysis import queries, services
from evidence import queries as evidence_queries
from evidence.models import Receipt
from evidence.receipts import Kind
from evidence.services import verify
from jobs import services as job_services
from jobs.models import Job, State
from portfolio.access.models import ApiKey, Scope
from portfolio.access.services import has_started, note_started
from portfolio.rest.auth import PublicReadScopedWrite, has_scope, sees_private
from portfolio.rest.bodies import Exact
from portfolio.rest.idempotency import once
from portfolio.rest.parameters import IF_MATCH
from portfolio.rest.problems import Problem
from portfolio.rest.views import ApiView, ResourceViewSet, SparseSerializer

ACCEPTED = OpenApiResponse(description="Accepted: poll the job that Location names")


class PollOwnJobs(PublicReadScopedWrite):
    """A key may poll the jobs that it asked for, without seeing anything else that is private."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if super().has_permission(request, view):
            return True
        if view.action != "retrieve" or not isinstance(request.auth, ApiKey):
            return False
        return has_scope(request, Scope.COLLECT) and has_started(request.auth, int(view.kwargs["pk"]))


class JobSerializer(SparseSerializer):
    """One piece of background work."""

    result = serializers.JSONField(read_only=True, help_text="What the job gave; any JSON, null before it ends")

    class Meta:
        model = Job
        fields = (
            "id", "kind", "state", "priority", "progress_done", "progress_total", "progress_message", "result",
            "attempts", "error_code", "error_message", "error_hint", "created_at", "started_at", "finished_at",
        )  # fmt: skip


class JobFilter(django_filters.FilterSet):
    kind = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=State.choices)

    class Meta:
        model = Job
        fields = ("kind", "state")


@extend_schema_view(list=extend_schema(summary="List jobs"), retrieve=extend_schema(summary="Poll a job"))
class JobViewSet(ResourceViewSet):
    """The queue, for callers with read:private; retry and cancel need act:jobs. A key polls what it started itself."""

    serializer_class = JobSerializer
    filterset_class = JobFilter
    private = True
    permission_classes = (PollOwnJobs,)
    scope_required = Scope.JOBS

    def published(self) -> QuerySet[Any]:
        return Job.objects.none()

    def everything(self) -> QuerySet[Any]:
        return Job.objects.all()

    def get_queryset(self) -> QuerySet[Any]:
        return Job.objects.all()  # permission is asked before; writers need not also have read:private

    def _do(self, act: Any) -> Response:
        try:
            with self.as_read() as found:
                job = act(job_id=found.pk, actor=self.request.user)
        except job_services.NotPossible as refused:
            raise Problem(409, "not_possible", str(refused), "Read the job's state first.") from refused
        return Response(self.get_serializer(job).data)

    @extend_schema(summary="Run a closed job again", request=None, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        return once(request, lambda: self._do(job_services.retry))

    @extend_schema(summary="Cancel a job", request=None, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        return once(request, lambda: self._do(job_services.cancel))


class SourceSerializer(Exact):
    """What to collect: an https URL, owner/name, or the key of a repository that is known."""

    source = serializers.CharField(max_length=500)  # type: ignore[assignment]  # a field, not DRF's own attribute


class CollectView(ApiView):
    """Collect a repository in the background."""

    scope_required = Scope.COLLECT

    @extend_schema(
        operation_id="collect",
        summary="Collect a repository",
        description="In the background: `Location` names the job, which this key can poll.",
        request=SourceSerializer,
        responses={202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        wanted = SourceSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        return once(request, lambda: self._start(wanted.validated_data["source"]))

    def _start(self, source: str) -> Response:
        try:
            job = services.request_collection(source=source, actor=self.request.user, allow_local=False)
        except services.SourceError as refused:
            raise serializers.ValidationError({"source": str(refused)}) from refused
        return accepted(job, self.request)


def accepted(job: Job, request: Request) -> Response:
    """202 with the job and where the caller may poll it."""
    if isinstance(request.auth, ApiKey):
        note_started(request.auth, [job])
    address = reverse("api-job-detail", args=[job.pk])
    return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED, headers={"Location": address})


class ReceiptSerializer(SparseSerializer):
    """A frozen receipt. ``document`` is its canonical JSON as text: its SHA-256 is the id. Empty once erased."""

    class Meta:
        model = Receipt
        fields = ("id", "kind", "subject", "method", "version", "document", "frozen_at", "erased_at")


class VerificationSerializer(serializers.Serializer[Any]):
    """What computing a receipt again found."""

    receipt = serializers.CharField()
    verdict = serializers.CharField(help_text="same, differs, damaged, erased, unknown_method, input_missing or failed")
    ok = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    differences = serializers.ListField(child=serializers.DictField())


class ReceiptFilter(django_filters.FilterSet):
    subject = django_filters.CharFilter(label="Reference of what the figure is about")
    method = django_filters.CharFilter()
    kind = django_filters.ChoiceFilter(choices=[(kind.value, kind.value) for kind in Kind])

    class Meta:
        model = Receipt
        fields = ("subject", "method", "kind")


@extend_schema_view(list=extend_schema(summary="List receipts"), retrieve=extend_schema(summary="Read a receipt"))
class ReceiptViewSet(ResourceViewSet):
    """Frozen receipts. A visitor reads those whose subject is public; a list needs read:private."""

    serializer_class = ReceiptSerializer
    modified = ("frozen_at", "erased_at")
    filterset_class = ReceiptFilter
    default_order = "id"
    lookup_value_regex = "[0-9a-f]{64}"
    action_scopes = {"list": Scope.READ_PRIVATE}

    def published(self) -> QuerySet[Any]:
        return Receipt.objects.all()

    def get_object(self) -> Receipt:
        receipt: Receipt = super().get_object()
        self.check_public(receipt)
        return receipt

    def check_public(self, receipt: Receipt) -> None:
        """Raise 404 where what the figure is about is not the caller's to see."""
        if not sees_private(self.request) and not queries.public_receipts([receipt]):
            raise Problem(404, "not_found", "No such receipt.", "It may be about something that is not published.")

    @extend_schema(summary="Compute a receipt again", responses=VerificationSerializer)
    @action(detail=True, methods=["get"])
    def verification(self, request: Request, pk: str) -> Response:
        found = verify(self.get_object())
        differences = [
            {"place": item.place, "expected": item.expected, "found": item.found} for item in found.differences
        ]
        return Response({
            "receipt": found.receipt, "verdict": found.verdict.value, "ok": found.ok, "reason": found.reason,
            "differences": differences,
        })  # fmt: skip

    @extend_schema(
        summary="List what stands on a receipt",
        description="What would change if this figure were wrong.",
        responses=ReceiptSerializer(many=True),
    )
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def standing(self, request: Request, pk: str) -> Response:
        rows = list(evidence_queries.standing_on(f"receipt:{self.get_object().pk}")[:200])
        shown = queries.public_receipts(rows)
        return Response(ReceiptSerializer([row for row in rows if row.pk in shown], many=True).data)
