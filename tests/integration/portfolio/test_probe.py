"""The status monitor asks over the network: it tells a site that answers from every way of not answering."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from portfolio import services
from portfolio.models import ServingHour
from portfolio.record import probe
from tests.servers import free_port

pytestmark = pytest.mark.django_db


class Site(ThreadingHTTPServer):
    """Answers each address with the status that it was given; 200 else."""

    statuses: dict[str, int]


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        body = b"all is well"
        self.send_response(self.server.statuses.get(self.path, 200))
        self.send_header("Location", "/elsewhere/")
        self.send_header("Content-Length", str(len(body) + self.server.statuses.get("more", 0)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Nothing is printed."""


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site(("127.0.0.1", 0), Handler)
    server.statuses = {}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("statuses", "up"),
    [
        ({}, True),
        ({"/": 500}, False),
        ({"/healthz": 503}, False),
        ({"/": 301}, False),
        ({"/": 404}, False),
        pytest.param({"more": 5}, False, id="cut"),
    ],
)
def test_only_two_whole_pages_are_up(site: Site, statuses: dict[str, int], up: bool) -> None:
    site.statuses = statuses
    assert probe.answers(f"http://127.0.0.1:{site.server_port}") is up


def test_nobody_at_the_address_is_down_and_no_address_is_no_sample(settings: Any) -> None:
    settings.ATTEST_PROBE = f"http://127.0.0.1:{free_port()}/"
    assert services.sample_serving(timezone.now()) is False
    settings.ATTEST_PROBE = ""
    assert services.sample_serving(timezone.now()) is None
    row = ServingHour.objects.get()
    assert (row.probes, row.probes_failed) == (1, 1)


def test_this_application_is_up_to_it_over_the_network(live_server: Any, settings: Any) -> None:
    settings.ATTEST_PROBE = live_server.url
    assert services.sample_serving(timezone.now()) is True
    assert ServingHour.objects.get().probes_failed == 0
