"""Headers that Django has no setting for: what the site asks of a browser's powers, and who may embed its answers."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Nothing here needs a sensor, a payment or a device; interest-cohort and topics are for advertisers.
_UNUSED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
    "geolocation", "gyroscope", "hid", "interest-cohort", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS_POLICY = ", ".join(f"{power}=()" for power in _UNUSED)


class MoreHeaders:
    """Middleware: Permissions-Policy and Cross-Origin-Resource-Policy on every answer that does not set its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        # Django sets it on what reaches its views; a request for an unknown host is refused before.
        response.headers.setdefault("X-Frame-Options", "DENY")
        # Cards are made to be shown by other sites; what an allowed origin may read over CORS it may also load.
        public = request.path.startswith(("/card/", "/api/"))
        response.headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if public else "same-origin")
        return response
