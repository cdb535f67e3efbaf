"""/metrics for Prometheus, behind ATTEST_METRICS_TOKEN; without a token the address does not exist.

Requests are counted in each process (set PROMETHEUS_MULTIPROC_DIR where several serve); what the database knows (jobs,
queue, receipts) is read when asked. Labels are names of views, never addresses, so nobody's data is in them.
"""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from config import measures
from evidence.queries import count_receipts
from jobs import queries

Respond = Callable[[HttpRequest], HttpResponse]

REQUESTS = Counter(
    "attest_requests_total", "Requests by view, method and class of status.", ("view", "method", "status")
)
LATENCY = Histogram(
    "attest_request_seconds",
    "Seconds until the response was made, by view.",
    ("view",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


class CountRequests:
    """Middleware: count each request and its seconds under the name of its view."""

    def __init__(self, get_response: Respond) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self._get_response(request)
        match = request.resolver_match
        view = (match.view_name or "unnamed") if match is not None else "unmatched"
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(view, method, f"{response.status_code // 100}xx").inc()
        LATENCY.labels(view).observe(time.perf_counter() - started)
        return response


class StateCollector:
    """What the database knows, read at each scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges; a database that does not answer gives attest_database_up 0 and no more."""
        up = GaugeMetricFamily("attest_database_up", "1 while the database answers.")
        try:
            queue, receipts = queries.queue_state(), count_receipts()
            more = list(measures.families())
        except DatabaseError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        jobs = GaugeMetricFamily("attest_jobs", "Jobs by state.", labels=["state"])
        for state, count in sorted(queue.by_state.items()):
            jobs.add_metric([state], count)
        yield jobs
        age = "Age in seconds of the oldest job that could start."
        yield GaugeMetricFamily("attest_queue_oldest_seconds", age, value=queue.oldest_ready_seconds)
        yield GaugeMetricFamily("attest_receipts", "Frozen receipts.", value=receipts)
        yield from more


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus's text format to who holds the token."""
    token = settings.ATTEST_METRICS_TOKEN
    if not token:
        raise Http404("no metrics token is set")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.encode()):
        return HttpResponse("unauthorized\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(StateCollector())
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)
        text = generate_latest(registry)
    else:
        text = generate_latest(REGISTRY) + generate_latest(registry)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)
