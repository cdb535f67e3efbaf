"""Headers that several operations document."""

from drf_spectacular.utils import OpenApiParameter

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag that reading the record gave, or * to overwrite whatever stands",
)
