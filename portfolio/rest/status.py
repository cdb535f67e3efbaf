"""The state of the installation, for programs: the queue, the models, open alerts."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from analysis import queries as analysis
from jobs import queries as jobs
from mlops import queries as mlops
from portfolio.rest.views import ApiView


class CollectedSerializer(serializers.Serializer[Any]):
    """A repository and its latest collection; null when there was none."""

    repository = serializers.CharField()
    state = serializers.CharField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class StatusSerializer(serializers.Serializer[Any]):
    """What waits, what runs, what was collected, what alarms."""

    at = serializers.DateTimeField()
    jobs = serializers.DictField(child=serializers.IntegerField(), help_text="Number of jobs by state")
    oldest_ready_seconds = serializers.FloatField(help_text="Age of the oldest job that could start; 0 without one")
    models = serializers.DictField(child=serializers.CharField(), help_text="Model to the version that answers")
    open_alerts = serializers.IntegerField()
    collections = CollectedSerializer(many=True)


class StatusView(ApiView):
    """The state of the installation."""

    parameters = frozenset({"format"})

    @extend_schema(operation_id="status", summary="Read the status", responses=StatusSerializer)
    def get(self, request: Request) -> Response:
        queue = jobs.queue_state()
        return Response({
            "at": timezone.now().replace(microsecond=0),
            "jobs": queue.by_state,
            "oldest_ready_seconds": round(queue.oldest_ready_seconds, 1),
            "models": {row.model: row.champion.name for row in mlops.live_models()},
            "open_alerts": len(mlops.open_alerts()),
            "collections": [_collected(row) for row in analysis.repository_summaries()],
        })  # fmt: skip


def _collected(row: dict[str, Any]) -> dict[str, Any]:
    run = row["collection"]
    return {
        "repository": row["repository"].name,
        "state": run.state if run else None,
        "finished_at": run.finished_at if run else None,
        "reason": run.reason if run else "",
    }
