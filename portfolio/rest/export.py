"""Bulk export as NDJSON: one record a line, read by keyset a batch at a time, so that memory stays flat.

The last line is no record. It says that the export is complete, or is the problem that ended it: an answer that streams
has sent its status long before.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import AuthenticationFailed, ValidationError
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder

from portfolio.access.models import ApiKey
from portfolio.access.services import still_valid
from portfolio.rest.problems import body

BATCH = 1000
MEDIA_TYPE = "application/x-ndjson"


class NdjsonRenderer(BaseRenderer):
    """Makes ``Accept: application/x-ndjson`` acceptable; a problem, which is no stream, is one JSON object."""

    media_type = MEDIA_TYPE
    format = "ndjson"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        rendered: bytes = JSONRenderer().render(data)
        return rendered


AFTER = OpenApiParameter("after", str, description="Go on behind the record of this id: the last that was received")
DESCRIPTION = (
    "Every record that the caller may see, by id, one JSON object a line. The last line is no record: it is"
    ' {"export": {"complete": true, "rows": N}}, or {"problem": {…}} where the export ended early, such as for a key'
    " that was revoked meanwhile; `after` then goes on."
)


class ExportMixin:
    """Gives a resource ``export/`` with the list's filters, ``fields`` and ``include``."""

    lookup_value_regex: str

    @extend_schema(
        summary="Export as NDJSON",
        description=DESCRIPTION,
        parameters=[AFTER],
        filters=True,
        responses={(200, MEDIA_TYPE): OpenApiResponse(OpenApiTypes.STR, description="Records, then the end")},
    )
    @action(detail=False, methods=["get"], renderer_classes=[NdjsonRenderer, JSONRenderer], pagination_class=None)
    def export(self, request: Request) -> StreamingHttpResponse:
        last = request.query_params.get("after", "")
        if last and not re.fullmatch(self.lookup_value_regex, last, re.ASCII):
            raise ValidationError({"after": "The id of a record, as the export gave it."})
        rows = self.filter_queryset(self.get_queryset()).order_by("pk")  # type: ignore[attr-defined]  # of the viewset
        serializer = self.get_serializer()  # type: ignore[attr-defined]  # of the viewset
        response = StreamingHttpResponse(self._lines(request, rows, serializer, last), content_type=MEDIA_TYPE)
        response["Cache-Control"] = "private, no-store"
        response["X-Accel-Buffering"] = "no"
        return response

    def _lines(self, request: Request, rows: QuerySet[Any], serializer: Any, last: Any) -> Iterator[bytes]:
        encode = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        sent = 0
        while True:
            if isinstance(request.auth, ApiKey) and not still_valid(request.auth, now=timezone.now()):
                problem = body(AuthenticationFailed("The key was revoked or expired meanwhile."), request.path)
                yield _line({"problem": problem})
                return
            batch = list((rows.filter(pk__gt=last) if last else rows)[:BATCH])
            if batch:
                yield ("\n".join(encode(serializer.to_representation(row)) for row in batch) + "\n").encode()
                sent, last = sent + len(batch), batch[-1].pk
            if len(batch) < BATCH:
                yield _line({"export": {"complete": True, "rows": sent}})
                return


def _line(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
