"""Asking the site for its own pages, in this process: the whole request cycle without a socket."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest

NOWHERE = "https://copy.invalid"
"""The origin of a copy whose address is not known; nothing of it is left in what is written."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site said."""

    status: int
    media: str
    body: bytes
    location: str = ""


class CopyRequest(WSGIRequest):
    """A visitor without a name, for whom every address has the copy's origin."""

    copy_origin = NOWHERE
    copied_at: datetime | None = None

    def get_host(self) -> str:
        return "copy.invalid"

    def build_absolute_uri(self, location: str | None = None) -> str:
        return self.copy_origin + (self.get_full_path() if location is None else location)


class Site:
    """The running site as a copy sees it."""

    def __init__(self, origin: str, now: datetime) -> None:
        self.origin, self.now = origin or NOWHERE, now
        self.handler = BaseHandler()
        self.handler.load_middleware()

    def ask(self, path: str, query: str = "") -> Answer:
        """GET an address as anybody may."""
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path.encode().decode("latin-1"), "QUERY_STRING": query,
            "SERVER_NAME": "copy", "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "https", "wsgi.input": BytesIO(), "HTTP_HOST": "copy.invalid",
            "HTTP_X_FORWARDED_PROTO": "https",
        }  # fmt: skip
        request = CopyRequest(environ)
        request.copy_origin, request.copied_at = self.origin, self.now
        response = self.handler.get_response(request)
        # The response is not closed: closing one tells Django to drop this thread's database connections.
        body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
        return Answer(response.status_code, response.get("Content-Type", ""), body, response.get("Location", ""))

    def static(self, name: str) -> bytes | None:
        """The bytes of a static file, wherever this installation keeps it."""
        if staticfiles_storage.exists(name):
            with staticfiles_storage.open(name) as file:
                content: bytes = file.read()
            return content
        found = finders.find(name)
        if not found:
            return None
        with open(found, "rb") as file:  # noqa: PTH123  the finder answers with text
            return file.read()
